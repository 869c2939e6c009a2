/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A token of Clevis: a JWE whose protected header, JSON in base64url, names the pin and, for the
 * pin tpm2, bank and PCRs. */
#include "qfu-parse-clevis.h"

#include <string.h>

static const QfuJsonForm header_form = {"token of Clevis", QFU_LUKS_DEPTH_MAX, QFU_LUKS_VALUES_MAX};

/* (transfer full) (nullable): the bytes of @text, base64url without padding. */
static guint8 *
decode (const char *text, gsize *size)
{
  gsize length = strlen (text);
  g_autofree char *plain = NULL;

  if (length % 4 == 1 || length / 4 * 3 + length % 4 * 3 / 4 > QFU_CLEVIS_HEADER_MAX)
    return NULL;
  plain = g_strconcat (text, length % 4 == 0 ? "" : length % 4 == 3 ? "=" : "==", NULL);
  g_strdelimit (g_strdelimit (plain, "-", '+'), "_", '/');
  return g_base64_decode (plain, size);
}

/* PCRs as a text `0,7`, or as an array of texts or numbers; none when there are none. */
static gboolean
read_pcrs (JsonNode *node, QfuSelection *selection)
{
  JsonArray *array = qfu_json_array (node);
  const char *list = qfu_json_string (node);

  if (node == NULL)
    return TRUE;
  if (array == NULL)
    return list != NULL && qfu_selection_add_list (selection, list);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);
    const char *text = qfu_json_string (element);
    gint64 number = qfu_json_int (element, G_MAXINT32);

    if (text != NULL ? !qfu_selection_add_list (selection, text)
                     : number < 0 || !qfu_selection_add (selection, (guint64)number))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_tpm2 (JsonObject *tpm2, QfuSelection *selection)
{
  JsonNode *bank = tpm2 == NULL ? NULL : json_object_get_member (tpm2, "pcr_bank");
  const char *name = qfu_json_string (bank);

  /* the rewritten pin can delegate to a key */
  if (tpm2 == NULL || json_object_has_member (tpm2, "policy_pubkey_path"))
    return FALSE;
  if (bank != NULL && (name == NULL || !qfu_selection_set_bank (selection, name)))
    return FALSE;
  return read_pcrs (json_object_get_member (tpm2, "pcr_ids"), selection);
}

void
qfu_clevis_read (JsonObject *token, QfuClevisToken *out)
{
  JsonObject *jwe = qfu_json_member_object (token, "jwe");
  const char *text = qfu_json_member_string (jwe, "protected");
  gsize size = 0;
  g_autofree guint8 *header = text == NULL ? NULL : decode (text, &size);
  g_autoptr (JsonParser) parser =
      header == NULL || size == 0 ? NULL : qfu_json_read (&header_form, header, size, NULL);
  JsonObject *root = parser == NULL ? NULL : qfu_json_object (json_parser_get_root (parser));
  JsonObject *clevis = qfu_json_member_object (root, "clevis");
  const char *pin = qfu_json_member_string (clevis, "pin");

  *out = (QfuClevisToken){.tpm = TRUE, .odd = TRUE};
  if (pin == NULL || strcmp (pin, "sss") == 0)
    return; /* shares of a secret may lie with a TPM */
  out->tpm = strcmp (pin, "tpm2") == 0;
  out->odd = out->tpm && !read_tpm2 (qfu_json_member_object (clevis, "tpm2"), &out->selection);
}
