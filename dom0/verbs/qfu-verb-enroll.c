/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --enroll, --activate, --quote: what the attested machine does. */

#include "qfu-error.h"
#include "qfu-folder.h"
#include "qfu-limits.h"
#include "qfu-machine-logs.h"
#include "qfu-pcrfile.h"
#include "qfu-print.h"
#include "qfu-remote.h"

/* A piece of qfu-tpm's answer and the file that it becomes. */
typedef struct {
  QfuPieceKind kind;
  const char *name;
  gboolean must;
} File;

static const File enrolled[] = {
    {QFU_PIECE_AK_PUBLIC, QFU_FILE_AK, TRUE},    {QFU_PIECE_AK_PEM, QFU_FILE_AK_PEM, TRUE},
    {QFU_PIECE_AK_NAME, QFU_FILE_AK_NAME, TRUE}, {QFU_PIECE_EK_PUBLIC, QFU_FILE_EK, TRUE},
    {QFU_PIECE_EK_PEM, QFU_FILE_EK_PEM, TRUE},   {QFU_PIECE_EK_CERT, QFU_FILE_EK_CERT, FALSE},
};
static const File quoted[] = {{QFU_PIECE_MESSAGE, QFU_FILE_MESSAGE, TRUE},
                              {QFU_PIECE_SIGNATURE, QFU_FILE_SIGNATURE, TRUE}};
static const char *const enrolled_names[] = {
    QFU_FILE_AK,      QFU_FILE_AK_PEM,     QFU_FILE_AK_NAME, QFU_FILE_EK,     QFU_FILE_EK_PEM,
    QFU_FILE_EK_CERT, QFU_FILE_CREDENTIAL, QFU_FILE_SEED,    QFU_FILE_ANSWER, NULL};
static const char *const quoted_names[] = {QFU_FILE_MESSAGE, QFU_FILE_SIGNATURE, QFU_FILE_PCRS,
                                           QFU_FILES_EVENTS, NULL};

static gboolean
add_files (
    QfuFolder *folder, const QfuPieces *pieces, const File *files, gsize n_files, GError **error)
{
  for (gsize i = 0; i < n_files; i++) {
    GBytes *bytes;

    if (!files[i].must && pieces->piece[files[i].kind] == NULL)
      continue;
    bytes = qfu_pieces_get (pieces, files[i].kind, error);
    if (bytes == NULL || !qfu_folder_add (folder, files[i].name, bytes, error))
      return FALSE;
  }
  return TRUE;
}

static void
report_enrolled (const QfuConfig *config, const QfuOptions *options, const QfuPieces *pieces)
{
  JsonBuilder *builder = json_builder_new ();
  g_autofree char *name = qfu_remote_hex (pieces->piece[QFU_PIECE_AK_NAME]);
  gboolean certified = pieces->piece[QFU_PIECE_EK_CERT] != NULL;

  qfu_say (options, "attestation key %s at %s", name, config->ak_handle);
  qfu_say (options, "endorsement key %s",
           certified ? "with the manufacturer's certificate"
                     : "without a certificate: nobody vouches that it is a TPM's");
  qfu_say (options, "written to %s; give it to the verifier (`attest --challenge`)",
           options->enroll);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", "enrolled");
  qfu_json_text (builder, "folder", options->enroll);
  qfu_json_text (builder, "handle", config->ak_handle);
  qfu_json_text (builder, "akName", name);
  qfu_json_flag (builder, "certificate", certified);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
}

gboolean
qfu_remote_enroll (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuFolder) folder = NULL;
  g_autoptr (QfuPieces) pieces = NULL;
  guint64 handle;

  if (!qfu_remote_handle (config, &handle, error))
    return FALSE;
  folder = qfu_folder_new (options->enroll, enrolled_names, FALSE, error);
  if (folder == NULL)
    return FALSE;
  pieces = qfu_remote_ask (config, "enroll", handle, NULL, 0, error);
  if (pieces == NULL || !add_files (folder, pieces, enrolled, G_N_ELEMENTS (enrolled), error) ||
      !qfu_folder_finish (folder, error))
    return FALSE;
  report_enrolled (config, options, pieces);
  return TRUE;
}

gboolean
qfu_remote_activate (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuUntrustedBlob) credential =
      qfu_remote_load (options->activate, QFU_FILE_CREDENTIAL, QFU_CREDENTIAL_MAX, error);
  g_autoptr (QfuUntrustedBlob) seed =
      credential == NULL
          ? NULL
          : qfu_remote_load (options->activate, QFU_FILE_SEED, QFU_CREDENTIAL_MAX, error);
  const QfuUntrustedBlob *inputs[] = {credential, seed};
  g_autoptr (QfuPieces) pieces = NULL;
  JsonBuilder *builder;
  GBytes *secret;
  guint64 handle;

  if (seed == NULL || !qfu_remote_handle (config, &handle, error))
    return FALSE;
  pieces = qfu_remote_ask (config, "activate", handle, inputs, G_N_ELEMENTS (inputs), error);
  secret = pieces == NULL ? NULL : qfu_pieces_get (pieces, QFU_PIECE_SECRET, error);
  if (secret == NULL || !qfu_remote_write (options->activate, QFU_FILE_ANSWER, secret, error))
    return FALSE;
  qfu_say (options,
           "the TPM has solved the challenge; bring %s back to the verifier "
           "(`attest --accept`)",
           options->activate);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", "activated");
  qfu_json_text (builder, "folder", options->activate);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}

/* Every log that there is, as it is; without one the values stand alone. */
static gboolean
add_logs (QfuFolder *folder, const GPtrArray *logs, GError **error)
{
  for (guint i = 0; logs != NULL && i < MIN (logs->len, QFU_ATTEST_LOGS_MAX); i++) {
    const QfuEventLog *log = g_ptr_array_index (logs, i);
    g_autofree char *name =
        i == 0 ? g_strdup (QFU_FILE_EVENTS) : g_strdup_printf (QFU_FILE_EVENTS "-%u", i + 1);

    if (!qfu_folder_add_blob (folder, name, log->bytes, error))
      return FALSE;
  }
  return TRUE;
}

static void
report_quoted (const QfuOptions *options,
               const QfuPieces *pieces,
               const GPtrArray *logs,
               const GError *no_log)
{
  JsonBuilder *builder = json_builder_new ();
  QfuSelection selection[QFU_BANK_COUNT];
  guint n = qfu_selection_of (&pieces->pcrs, selection);

  if (logs == NULL)
    qfu_warn ("the quote goes without an event log, so that nobody can tell what its values mean: "
              "%s",
              no_log->message);
  qfu_say (options, "quoted %u banks of PCRs and %u event logs into %s", n,
           logs == NULL ? 0 : MIN (logs->len, QFU_ATTEST_LOGS_MAX), options->out);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", "quoted");
  qfu_json_text (builder, "folder", options->out);
  qfu_json_text (builder, "nonce", options->nonce);
  json_builder_set_member_name (builder, "banks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_string_value (builder, qfu_hash_name (selection[i].hash));
  json_builder_end_array (builder);
  qfu_json_number (builder, "logs", logs == NULL ? 0 : MIN (logs->len, QFU_ATTEST_LOGS_MAX));
  qfu_json_text (builder, "noLog", logs == NULL ? no_log->message : NULL);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
}

gboolean
qfu_remote_quote (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GBytes) nonce = qfu_remote_nonce (options, error);
  g_autoptr (QfuUntrustedBlob) input =
      nonce == NULL ? NULL : qfu_untrusted_blob_new (nonce, QFU_NONCE_MAX, error);
  const QfuUntrustedBlob *inputs[] = {input};
  g_autoptr (QfuFolder) folder = NULL;
  g_autoptr (QfuPieces) pieces = NULL;
  g_autoptr (GPtrArray) logs = NULL;
  g_autoptr (GBytes) values = NULL;
  g_autoptr (GError) no_log = NULL;
  guint64 handle;

  if (input == NULL || !qfu_remote_handle (config, &handle, error))
    return FALSE;
  folder = qfu_folder_new (options->out, quoted_names, FALSE, error);
  if (folder == NULL)
    return FALSE;
  pieces = qfu_remote_ask (config, "quote", handle, inputs, 1, error);
  if (pieces == NULL)
    return FALSE;
  logs = qfu_machine_event_logs (config, &no_log);
  values = qfu_pcrfile_make (&pieces->pcrs);
  if (!add_files (folder, pieces, quoted, G_N_ELEMENTS (quoted), error) ||
      !qfu_folder_add (folder, QFU_FILE_PCRS, values, error) || !add_logs (folder, logs, error) ||
      !qfu_folder_finish (folder, error))
    return FALSE;
  report_quoted (options, pieces, logs, no_log);
  return TRUE;
}
