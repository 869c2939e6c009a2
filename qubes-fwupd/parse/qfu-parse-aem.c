/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Anti Evil Maid's key.pcrs: one line, a selection of PCRs as tpm2-tools takes it, such as
 * `sha256:13,17,18,19`; several banks are joined by `+`. */
#include "qfu-error.h"
#include "qfu-parse-selection.h"

#include <string.h>

static gboolean
fail_format (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "not a selection of PCRs: %s", what);
  return FALSE;
}

/* (transfer full): the line as a string. */
static char *
only_line (const QfuParseInput *input, GError **error)
{
  /* nothing at all has no address */
  g_autofree char *text =
      g_strndup (input->size == 0 ? "" : (const char *)input->data, input->size);

  if (strlen (text) != input->size) {
    fail_format (error, "a NUL");
    return NULL;
  }
  g_strstrip (text);
  for (const char *p = text; *p != '\0'; p++) {
    if (!g_ascii_isprint (*p)) {
      fail_format (error, "more than one line of printable text");
      return NULL;
    }
  }
  return g_steal_pointer (&text);
}

static gboolean
read_part (char *part, QfuSelection *selection, GError **error)
{
  char *list = strchr (part, ':');

  if (list == NULL)
    return fail_format (error, "not BANK:PCR,PCR…");
  *list++ = '\0';
  if (!qfu_selection_set_bank (selection, g_strstrip (part)))
    return fail_format (error, "a bank that is not known");
  if (!qfu_selection_add_list (selection, list))
    return fail_format (error, "a PCR that no PC has");
  if (selection->pcrs == 0)
    return fail_format (error, "a bank without PCRs");
  return TRUE;
}

gboolean
qfu_parse_aem (const QfuMessage *arguments,
               const QfuParseInput *inputs,
               gsize n_inputs,
               const QfuParseSink *sink,
               GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SECRET);
  g_autofree char *line = NULL;
  g_auto (GStrv) parts = NULL;
  gsize count;

  if (inputs[0].size > QFU_AEM_SIZE_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "bytes in the selection of PCRs: more than %d",
                 QFU_AEM_SIZE_MAX);
    return FALSE;
  }
  line = only_line (&inputs[0], error);
  if (line == NULL)
    return FALSE;
  parts = g_strsplit (line, "+", QFU_SECRET_SELECTIONS_MAX + 1);
  count = g_strv_length (parts);
  if (count == 0)
    return fail_format (error, "it is empty");
  if (count > QFU_SECRET_SELECTIONS_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "banks in the selection of PCRs: more than %d",
                 QFU_SECRET_SELECTIONS_MAX);
    return FALSE;
  }
  qfu_message_add_number (message, QFU_FIELD_KIND, QFU_SECRET_AEM);
  for (gsize i = 0; i < count; i++) {
    QfuSelection selection = {0};

    if (!read_part (parts[i], &selection, error))
      return FALSE;
    qfu_message_add_number (message, QFU_FIELD_SELECTION, qfu_selection_number (&selection));
  }
  return qfu_parse_emit (sink, message, error);
}
