/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: step transfer SIZE
 *        step metadata JCAT METADATA NAME GUID
 *        step list JCAT NAME TIMES
 *        step spawn OP TIMES
 *        step wire COMMAND
 *        step hash SIZE
 *        step predict OLD NEW LOG TIMES
 *
 * One step of the main path on its own, with the configuration that QFU_CONFIG names. */

#include "qfu-catalog.h"
#include "qfu-error.h"
#include "qfu-predict.h"
#include "qfu-transport.h"
#include "qfu-worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (G_GUINT64_CONSTANT (256) * 1024 * 1024)

/* Takes frames from COMMAND, a peer as dom0 would start it, and keeps none of them. */
static gboolean
wire (const QfuConfig *config, char **words, GError **error)
{
  g_auto (GStrv) argv = g_strsplit (words[0], " ", -1);
  QfuProcessSpec spec = {.argv = (const char *const *)argv, .what = argv[0]};
  g_autoptr (QfuProcess) process = qfu_process_spawn (&spec, error);
  g_autoptr (QfuMessage) request = qfu_message_new (QFU_FRAME_ARGUMENTS);

  if (process == NULL || !qfu_wire_send (qfu_process_wire (process), request, error))
    return FALSE;
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;

    qfu_wire_set_deadlines (qfu_process_wire (process), 0, 60000);
    if (!qfu_process_next (process, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
  }
}

static QfuUntrustedBlob *
fetch (const QfuConfig *config, const char *size, GError **error)
{
  QfuFetch what = {
      QFU_FETCH_CAB, "https://bench.invalid/file", g_ascii_strtoull (size, NULL, 10), NULL, NULL,
      NULL};
  g_autoptr (QfuUntrustedBlob) blob = qfu_transport_fetch (config, &what, NULL, NULL, error);

  return blob != NULL && qfu_untrusted_blob_size (blob) == what.maximum ? g_steal_pointer (&blob)
                                                                        : NULL;
}

/* Until all bytes lie in a sealed blob. */
static gboolean
transfer (const QfuConfig *config, char **words, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = fetch (config, words[0], error);

  return blob != NULL;
}

/* Until their SHA-256 is known, too. */
static gboolean
hash (const QfuConfig *config, char **words, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = fetch (config, words[0], error);

  return blob != NULL && qfu_untrusted_blob_sha256 (blob)->size == QFU_SHA256_SIZE;
}

/* As `refresh` does, and then what every other verb does first. */
static gboolean
metadata (const QfuConfig *config, char **words, GError **error)
{
  const char *guids[] = {words[3], NULL};
  const QfuMetadataWanted wanted = {"bench", words[2], g_get_real_time () / G_USEC_PER_SEC};
  g_autoptr (QfuUntrustedBlob) jcat = qfu_untrusted_blob_load (words[0], FILE_MAX, TRUE, error);
  g_autoptr (QfuUntrustedBlob) blob =
      jcat == NULL ? NULL : qfu_untrusted_blob_load (words[1], FILE_MAX, TRUE, error);
  g_autoptr (QfuSignedMetadata) verified =
      blob == NULL ? NULL : qfu_metadata_verify (config, &wanted, jcat, blob, error);
  g_autoptr (QfuIndex) index = verified == NULL ? NULL : qfu_index_new (config, verified, error);
  g_autoptr (QfuCatalog) catalog = index == NULL ? NULL : qfu_catalog_new (index, guids, error);

  return catalog != NULL;
}

static gboolean
list (const QfuConfig *config, char **words, GError **error)
{
  g_autoptr (QfuUntrustedBlob) jcat = qfu_untrusted_blob_load (words[0], FILE_MAX, TRUE, error);

  for (int i = atoi (words[2]); jcat != NULL && i > 0; i--) {
    g_autofree char *name = qfu_metadata_list_item (config, jcat, words[1], error);

    if (name == NULL)
      return FALSE;
  }
  return jcat != NULL;
}

/* Until the worker has ended, or says what is wrong. Some have an answer to garbage: nothing. */
static void
to_the_end (QfuProcess *worker, GError **error)
{
  gboolean more = TRUE;

  while (more) {
    g_autoptr (QfuMessage) message = NULL;

    more = qfu_process_next (worker, &message, error) && message != NULL;
  }
}

/* From the start of a worker to its end: it locks itself down, finds garbage, says so and goes. */
static gboolean
spawn (const QfuConfig *config, char **words, GError **error)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (7, error);
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  QfuWorkerOp op;

  if (builder == NULL || !qfu_blob_builder_append (builder, "garbage", 7, error) ||
      !qfu_worker_op_from_name (words[0], &op))
    return FALSE;
  blob = qfu_blob_builder_finish (g_steal_pointer (&builder), error);
  for (int i = atoi (words[1]); blob != NULL && i > 0; i--) {
    const QfuUntrustedBlob *const inputs[QFU_PROCESS_INPUTS_MAX] = {blob, blob, blob, blob};
    g_autoptr (QfuProcess) worker =
        qfu_worker_start (config, op, NULL, inputs, QFU_PROCESS_INPUTS_MAX, error);
    g_autoptr (GError) problem = NULL;

    if (worker == NULL)
      return FALSE;
    to_the_end (worker, &problem);
    if (g_error_matches (problem, QFU_ERROR, QFU_ERROR_INTERNAL) ||
        g_error_matches (problem, QFU_ERROR, QFU_ERROR_SANDBOX)) {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  }
  return blob != NULL;
}

/* The present boot is read once, and the new image lies in memory, as inside an update. The log is
 * taken at its word: nobody's PCRs are forecast. */
static gboolean
predict (const QfuConfig *config, char **words, GError **error)
{
  g_autoptr (QfuUntrustedBlob) old = qfu_untrusted_blob_load (words[0], FILE_MAX, TRUE, error);
  g_autoptr (QfuUntrustedBlob) new =
      old == NULL ? NULL : qfu_untrusted_blob_load (words[1], FILE_MAX, TRUE, error);
  g_autoptr (QfuUntrustedBlob) bytes =
      new == NULL ? NULL : qfu_untrusted_blob_load (words[2], FILE_MAX, TRUE, error);
  g_autoptr (QfuEventLog) log = bytes == NULL ? NULL : qfu_eventlog_read (config, bytes, error);
  g_autoptr (QfuRom) present = log == NULL ? NULL : qfu_rom_read (config, old, error);
  const QfuEventLog *const logs[] = {log};
  QfuPcrSet pcrs;

  if (present == NULL)
    return FALSE;
  qfu_eventlog_replay (log, &pcrs);
  for (int i = atoi (words[3]); i > 0; i--) {
    g_autoptr (QfuRom) rom = qfu_rom_read (config, new, error);
    g_autoptr (QfuPrediction) prediction =
        rom == NULL ? NULL : qfu_predict (logs, 1, &pcrs, old, present, new, rom, error);

    if (prediction == NULL || qfu_prediction_forecasts (prediction)->len == 0)
      return FALSE;
  }
  return TRUE;
}

static const struct {
  const char *name;
  int words;
  gboolean (*run) (const QfuConfig *config, char **words, GError **error);
} steps[] = {
    {"wire", 1, wire},         {"transfer", 1, transfer}, {"hash", 1, hash},
    {"metadata", 4, metadata}, {"list", 3, list},         {"spawn", 2, spawn},
    {"predict", 4, predict},
};

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&error);

  (void)signal (SIGPIPE, SIG_IGN); /* as in all programs that talk to workers */
  for (gsize i = 0; config != NULL && i < G_N_ELEMENTS (steps); i++) {
    if (argc != steps[i].words + 2 || strcmp (argv[1], steps[i].name) != 0)
      continue;
    if (steps[i].run (config, argv + 2, &error))
      return 0;
  }
  fprintf (stderr, "step: %s\n", error == NULL ? "wrong words or result" : error->message);
  return 1;
}
