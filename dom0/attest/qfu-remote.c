/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-pcrfile.h"
#include "qfu-program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HANDLE_FIRST 0x81000000 /* persistent objects of a TPM */
#define HANDLE_LAST 0x81ffffff

/* A way of `attest`: what it needs and takes besides the option that asks for it. */
typedef struct {
  const char *name;
  const char *needs;
  const char *takes;
  gboolean (*run) (const QfuConfig *config, const QfuOptions *options, GError **error);
} Way;

gboolean
qfu_remote_wanted (const QfuOptions *options)
{
  /* --out is another verb's, too */
  return options->out != NULL ||
         qfu_options_stray (options, ~(guint)(QFU_OPTION_ATTESTER | QFU_OPTION_VERIFIER)) != NULL;
}

static gboolean
in_list (const char *list, const char *name)
{
  g_auto (GStrv) words = g_strsplit (list, " ", -1);

  return g_strv_contains ((const char *const *)words, name);
}

/* The one way that is asked for. */
static gboolean
find_way (const QfuOptions *options, Way *way, GError **error)
{
  const struct {
    gboolean asked;
    Way way;
  } all[] = {
      {options->learn, {"learn", "", "", NULL}},
      {options->enroll != NULL, {"enroll", "", "", qfu_remote_enroll}},
      {options->challenge != NULL, {"challenge", "", "ek-ca", qfu_remote_challenge}},
      {options->activate != NULL, {"activate", "", "", qfu_remote_activate}},
      {options->accept != NULL, {"accept", "ak", "", qfu_remote_accept}},
      {options->quote, {"quote", "nonce out", "", qfu_remote_quote}},
      {options->verify != NULL, {"verify", "ak nonce", "refvals", qfu_remote_verify}},
  };

  *way = (Way){NULL, "", "", NULL};
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    if (!all[i].asked)
      continue;
    if (way->name != NULL) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "attest takes --%s or --%s, not both",
                   way->name, all[i].way.name);
      return FALSE;
    }
    *way = all[i].way;
  }
  if (way->name != NULL)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                       "attest: one of --enroll, --challenge, --activate, --accept, --quote and "
                       "--verify is missing");
  return FALSE;
}

static gboolean
check_extras (const QfuOptions *options, const Way *way, GError **error)
{
  const struct {
    gboolean given;
    const char *name;
  } extras[] = {{options->ek_ca != NULL, "ek-ca"},
                {options->ak != NULL, "ak"},
                {options->nonce != NULL, "nonce"},
                {options->out != NULL, "out"},
                {options->refvals != NULL, "refvals"}};

  for (gsize i = 0; i < G_N_ELEMENTS (extras); i++) {
    gboolean needed = in_list (way->needs, extras[i].name);

    if (needed && !extras[i].given) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "attest --%s needs --%s, too%s", way->name,
                   extras[i].name,
                   strcmp (extras[i].name, "ak") == 0
                       ? ": the key that was pinned for that machine (`attest --accept`)"
                       : "");
      return FALSE;
    }
    if (extras[i].given && !needed && !in_list (way->takes, extras[i].name)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "attest --%s does not take --%s", way->name,
                   extras[i].name);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
qfu_remote_run (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  Way way;

  return find_way (options, &way, error) && check_extras (options, &way, error) &&
         way.run (config, options, error);
}

void
qfu_pieces_free (QfuPieces *pieces)
{
  if (pieces == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (pieces->piece); i++)
    g_clear_pointer (&pieces->piece[i], g_bytes_unref);
  g_free (pieces);
}

static gboolean
take_piece (QfuPieces *pieces, const QfuMessage *message)
{
  guint64 kind;
  gsize size;
  const guint8 *bytes;

  if (qfu_pcr_set_take (&pieces->pcrs, message))
    return TRUE;
  if (qfu_message_type (message) != QFU_FRAME_PIECE ||
      !qfu_message_number (message, QFU_FIELD_KIND, 1, QFU_PIECE_LAST, &kind, NULL) ||
      pieces->piece[kind] != NULL)
    return FALSE;
  bytes = qfu_message_bytes (message, QFU_FIELD_BLOB, 0, &size);
  pieces->piece[kind] = g_bytes_new (bytes, size);
  return TRUE;
}

QfuPieces *
qfu_remote_ask (const QfuConfig *config,
                const char *op,
                guint64 flags,
                const QfuUntrustedBlob *const *inputs,
                gsize n_inputs,
                GError **error)
{
  g_autoptr (QfuPieces) pieces = g_new0 (QfuPieces, 1);
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-tpm", op, config->tcti, flags, inputs, n_inputs, error);

  while (process != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return NULL;
    if (message == NULL)
      return g_steal_pointer (&pieces);
    if (!take_piece (pieces, message)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                   "qfu-tpm sent something else than what %s is answered with", op);
      return NULL;
    }
  }
  return NULL;
}

GBytes *
qfu_pieces_get (const QfuPieces *pieces, QfuPieceKind kind, GError **error)
{
  if (pieces->piece[kind] == NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "qfu-tpm left out piece %u", kind);
  return pieces->piece[kind];
}

gboolean
qfu_remote_handle (const QfuConfig *config, guint64 *handle, GError **error)
{
  const char *text = config->ak_handle;

  if (g_str_has_prefix (text, "0x") &&
      g_ascii_string_to_unsigned (text + 2, 16, HANDLE_FIRST, HANDLE_LAST, handle, NULL))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "[MeasuredBoot] AkHandle=%s: a handle from 0x81000000 to 0x81ffffff is allowed",
               text);
  return FALSE;
}

GBytes *
qfu_remote_nonce (const QfuOptions *options, GError **error)
{
  gsize length = strlen (options->nonce);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (gsize i = 0; i + 1 < length && length <= (gsize)2 * QFU_NONCE_MAX; i += 2) {
    int high = g_ascii_xdigit_value (options->nonce[i]);
    int low = g_ascii_xdigit_value (options->nonce[i + 1]);
    guint8 byte = (guint8)(high << 4 | low);

    if (high < 0 || low < 0)
      break;
    g_byte_array_append (bytes, &byte, 1);
  }
  if (length == (gsize)2 * bytes->len && bytes->len >= QFU_NONCE_MIN)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "--nonce takes %d to %d bytes, two hexadecimal digits each; `openssl rand -hex 32` "
               "makes one",
               QFU_NONCE_MIN, QFU_NONCE_MAX);
  return NULL;
}

char *
qfu_remote_hex (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", data[i]);
  return g_string_free (hex, FALSE);
}

QfuUntrustedBlob *
qfu_remote_load (const char *folder, const char *name, guint64 max, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return qfu_untrusted_blob_load (path, max, TRUE, error);
}

gboolean
qfu_remote_write (const char *folder, const char *name, GBytes *bytes, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) local = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (g_file_set_contents_full (path, data, (gssize)size,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &local))
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, local->message);
  return FALSE;
}
