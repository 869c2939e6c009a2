/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON of a LUKS2 header, as `cryptsetup luksDump --dump-json-metadata` prints it: which tokens
 * let a TPM open the volume, what they depend on, and how many keys open it without. */
#include "qfu-error.h"
#include "qfu-parse-clevis.h"

#include <string.h>

static const QfuJsonForm luks_form = {"LUKS2 header", QFU_LUKS_DEPTH_MAX, QFU_LUKS_VALUES_MAX};

/* One token that a TPM has a part in. */
typedef struct {
  QfuSecretKind kind;
  guint flags;
  const char *type; /* of one that is not known */
  QfuSelection literal;
  QfuSelection by_key; /* values that a key signed count */
} Token;

/* Bits of the numbers, as texts, in the array @name. */
static guint32
number_bits (JsonObject *object, const char *name)
{
  JsonArray *array = qfu_json_member_array (object, name);
  guint32 bits = 0;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    const char *text = qfu_json_string (json_array_get_element (array, i));
    guint64 number;

    if (text != NULL &&
        g_ascii_string_to_unsigned (text, 10, 0, QFU_LUKS_NUMBERS_MAX - 1, &number, NULL))
      bits |= 1u << number;
  }
  return bits;
}

/* The member of @object that is called @number. */
static JsonObject *
numbered (JsonObject *object, guint number)
{
  char name[16];

  g_snprintf (name, sizeof name, "%u", number);
  return qfu_json_member_object (object, name);
}

/* Keyslots whose key opens the volume: one that no digest ties to a segment opens nothing. */
static guint32
opening_keyslots (JsonObject *root)
{
  JsonObject *digests = qfu_json_member_object (root, "digests");
  JsonObject *keyslots = qfu_json_member_object (root, "keyslots");
  guint32 opening = 0;

  for (guint i = 0; i < QFU_LUKS_NUMBERS_MAX; i++) {
    JsonObject *digest = numbered (digests, i);

    if (number_bits (digest, "segments") != 0)
      opening |= number_bits (digest, "keyslots");
  }
  for (guint i = 0; i < QFU_LUKS_NUMBERS_MAX; i++) {
    /* `reencrypt` is an area of its own */
    if (g_strcmp0 (qfu_json_member_string (numbered (keyslots, i), "type"), "luks2") != 0)
      opening &= ~(1u << i);
  }
  return opening;
}

/* %FALSE when the array is none, or names what is no PCR of a PC. */
static gboolean
read_pcrs (JsonObject *object, const char *name, QfuSelection *selection)
{
  JsonArray *array = qfu_json_member_array (object, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    gint64 pcr = qfu_json_int (json_array_get_element (array, i), G_MAXINT32);

    if (pcr < 0 || !qfu_selection_add (selection, (guint64)pcr))
      return FALSE;
  }
  return array != NULL;
}

static gboolean
is_true (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

/* Signed policies came with systemd 252. One without PCRs would let any boot pass, or none: which
 * of them is systemd's affair. */
static gboolean
read_signed (JsonObject *object, Token *token)
{
  gboolean has_key = json_object_has_member (object, "tpm2_pubkey");

  if (!has_key && !json_object_has_member (object, "tpm2_pubkey_pcrs"))
    return TRUE;
  return has_key && read_pcrs (object, "tpm2_pubkey_pcrs", &token->by_key) &&
         token->by_key.pcrs != 0;
}

static void
read_systemd (JsonObject *object, Token *token)
{
  JsonNode *bank = json_object_get_member (object, "tpm2-pcr-bank");
  const char *name = qfu_json_string (bank);
  gboolean plain = read_pcrs (object, "tpm2-pcrs", &token->literal) && read_signed (object, token);

  token->kind = QFU_SECRET_SYSTEMD;
  if (bank != NULL && (name == NULL || !qfu_selection_set_bank (&token->literal, name)))
    plain = FALSE;
  token->by_key.bank = token->literal.bank;
  token->flags = (is_true (object, "tpm2-pin") ? QFU_SECRET_FLAG_PIN : 0) |
                 (is_true (object, "tpm2_pcrlock") ? QFU_SECRET_FLAG_PCRLOCK : 0) |
                 (plain ? 0 : QFU_SECRET_FLAG_ODD);
}

/* %FALSE when no TPM has a part in it. */
static gboolean
read_token (JsonObject *object, Token *token)
{
  const char *type = qfu_json_member_string (object, "type");
  g_autofree char *lower = type == NULL ? NULL : g_ascii_strdown (type, -1);
  QfuClevisToken clevis;

  if (lower == NULL)
    return FALSE;
  if (strcmp (type, "systemd-tpm2") == 0) {
    read_systemd (object, token);
    return TRUE;
  }
  if (strcmp (type, "clevis") == 0) {
    qfu_clevis_read (object, &clevis);
    token->kind = QFU_SECRET_CLEVIS;
    token->flags = clevis.odd ? QFU_SECRET_FLAG_ODD : 0;
    token->literal = clevis.selection;
    return clevis.tpm;
  }
  token->kind = QFU_SECRET_TOKEN;
  token->flags = QFU_SECRET_FLAG_ODD;
  token->type = type;
  return strstr (lower, "tpm") != NULL;
}

static gboolean
send_token (const Token *token, guint number, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SECRET);

  qfu_message_add_number (message, QFU_FIELD_KIND, token->kind);
  qfu_message_add_number (message, QFU_FIELD_INDEX, number);
  qfu_message_add_text (message, QFU_FIELD_NAME, token->type);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, token->flags);
  if (token->literal.pcrs != 0)
    qfu_message_add_number (message, QFU_FIELD_SELECTION, qfu_selection_number (&token->literal));
  if (token->by_key.pcrs != 0)
    qfu_message_add_number (message, QFU_FIELD_SIGNED, qfu_selection_number (&token->by_key));
  return qfu_parse_emit (sink, message, error);
}

static gboolean
send_volume (guint32 keyslots, guint32 others, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_LUKS);

  qfu_message_add_number (message, QFU_FIELD_KEYSLOTS, (guint64)__builtin_popcount (keyslots));
  qfu_message_add_number (message, QFU_FIELD_OTHERS, (guint64)__builtin_popcount (others));
  return qfu_parse_emit (sink, message, error);
}

static gboolean
send_all (JsonObject *root, JsonObject *tokens, const QfuParseSink *sink, GError **error)
{
  Token found[QFU_LUKS_NUMBERS_MAX] = {{0}};
  gboolean counts[QFU_LUKS_NUMBERS_MAX] = {0};
  guint32 opening = opening_keyslots (root);
  guint32 others = opening;

  for (guint i = 0; i < QFU_LUKS_NUMBERS_MAX; i++) {
    JsonObject *object = numbered (tokens, i);
    guint32 keyslots = number_bits (object, "keyslots");

    /* one whose keyslots are gone opens nothing */
    counts[i] = object != NULL && (keyslots & opening) != 0 && read_token (object, &found[i]);
    /* a key of Clevis is nothing that a person could type, whatever its pin */
    if (counts[i] || found[i].kind == QFU_SECRET_CLEVIS)
      others &= ~keyslots;
  }
  if (!send_volume (opening, others, sink, error))
    return FALSE;
  for (guint i = 0; i < QFU_LUKS_NUMBERS_MAX; i++) {
    if (counts[i] && !send_token (&found[i], i, sink, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_parse_luks (const QfuMessage *arguments,
                const QfuParseInput *inputs,
                gsize n_inputs,
                const QfuParseSink *sink,
                GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonObject *root;
  JsonObject *tokens;

  if (inputs[0].size > QFU_LUKS_SIZE_MAX)
    return qfu_json_fail_limit (&luks_form, "bytes", QFU_LUKS_SIZE_MAX, error);
  parser = qfu_json_read (&luks_form, inputs[0].data, inputs[0].size, error);
  if (parser == NULL)
    return FALSE;
  root = qfu_json_object (json_parser_get_root (parser));
  tokens = qfu_json_member_object (root, "tokens");
  if (tokens == NULL || qfu_json_member_object (root, "keyslots") == NULL ||
      qfu_json_member_object (root, "digests") == NULL)
    return qfu_json_fail (&luks_form, "no keyslots, digests or tokens", error);
  if (json_object_get_size (tokens) > QFU_LUKS_NUMBERS_MAX)
    return qfu_json_fail_limit (&luks_form, "tokens", QFU_LUKS_NUMBERS_MAX, error);
  return send_all (root, tokens, sink, error);
}
