/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: kept keep JCAT METADATA NAME REMOTE     leave what `refresh` leaves
 *        kept read NAME REMOTE GUID              read it as every other verb does
 *        kept fwupd OP...                        ask fwupd as a verb does, and nothing else
 *
 * With the configuration that QFU_CONFIG names. */

#include "qfu-catalog.h"
#include "qfu-indexstore.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX (G_GUINT64_CONSTANT (256) * 1024 * 1024)

static QfuMetadataWanted
wanted_of (const char *name, const char *remote)
{
  return (QfuMetadataWanted){remote, name, g_get_real_time () / G_USEC_PER_SEC};
}

static gboolean
keep (const QfuConfig *config, char **words, GError **error)
{
  const QfuMetadataWanted wanted = wanted_of (words[2], words[3]);
  g_autoptr (QfuUntrustedBlob) jcat = qfu_untrusted_blob_load (words[0], FILE_MAX, TRUE, error);
  g_autoptr (QfuUntrustedBlob) blob =
      jcat == NULL ? NULL : qfu_untrusted_blob_load (words[1], FILE_MAX, TRUE, error);
  g_autoptr (QfuSignedMetadata) metadata =
      blob == NULL ? NULL : qfu_metadata_verify (config, &wanted, jcat, blob, error);
  g_autoptr (QfuIndex) index = metadata == NULL ? NULL : qfu_index_new (config, metadata, error);
  gboolean changed;

  return index != NULL &&
         qfu_metastore_keep (config, wanted.remote, jcat, metadata, &changed, error) &&
         qfu_indexstore_keep (config, &wanted, metadata, index, error);
}

static gboolean
read_kept (const QfuConfig *config, char **words, GError **error)
{
  const QfuMetadataWanted wanted = wanted_of (words[0], words[1]);
  const char *const guids[] = {words[2], NULL};
  QfuHighWater mark;
  g_autoptr (QfuIndex) index = qfu_indexstore_load (config, &wanted, &mark, error);
  g_autoptr (QfuCatalog) catalog = index == NULL ? NULL : qfu_catalog_new (index, guids, error);

  return catalog != NULL;
}

static gboolean
ask (const QfuConfig *config, const char *op, GError **error)
{
  g_autofree char *program = qfu_config_program (config, "qfu-fwupd");
  g_auto (GStrv) environment = g_get_environ ();
  const char *const argv[] = {program, op, NULL};
  const QfuProcessSpec spec = {
      .argv = argv, .envp = (const char *const *)environment, .what = "qfu-fwupd"};
  g_autoptr (QfuProcess) process = qfu_process_spawn (&spec, error);
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);

  if (process == NULL || !qfu_wire_send (qfu_process_wire (process), arguments, error))
    return FALSE;
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
  }
}

static gboolean
fwupd (const QfuConfig *config, char **words, GError **error)
{
  for (gsize i = 0; words[i] != NULL; i++) {
    if (!ask (config, words[i], error))
      return FALSE;
  }
  return TRUE;
}

static const struct {
  const char *name;
  int words; /* -1: any number */
  gboolean (*run) (const QfuConfig *config, char **words, GError **error);
} rows[] = {
    {"keep", 4, keep},
    {"read", 3, read_kept},
    {"fwupd", -1, fwupd},
};

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&error);

  (void)signal (SIGPIPE, SIG_IGN); /* as in all programs that talk to workers */
  for (gsize i = 0; config != NULL && argc > 1 && i < G_N_ELEMENTS (rows); i++) {
    if (strcmp (argv[1], rows[i].name) != 0 || (rows[i].words >= 0 && argc != rows[i].words + 2))
      continue;
    if (rows[i].run (config, argv + 2, &error))
      return 0;
  }
  fprintf (stderr, "kept: %s\n", error == NULL ? "wrong words or result" : error->message);
  return 1;
}
