/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: write-chip install DEVICE-ID IMAGE
 *        write-chip recover
 *
 * Installs IMAGE as the plugin does when fwupd tells it to (a record has to be pending), or
 * finishes or undoes what was cut off. QFU_CONFIG says where. */

#include "qfu-error.h"
#include "qfu-recover.h"
#include "qfu-reflash.h"

#include <string.h>

static gboolean
install (const QfuConfig *config, const char *device, const char *path, GError **error)
{
  g_autoptr (QfuUntrustedBlob) image =
      qfu_untrusted_blob_load (path, QFU_ROM_SIZE_MAX, FALSE, error);
  QfuReflashReport report;

  return image != NULL && qfu_reflash (config, device, image, NULL, &report, error);
}

static gboolean
recover (const QfuConfig *config, GError **error)
{
  QfuRecovery result;

  if (!qfu_recover (config, NULL, &result, error))
    return FALSE;
  g_print ("%s\n", qfu_recovery_kind_name (result.kind));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&error);
  gboolean good = FALSE;

  if (config != NULL && argc == 4 && strcmp (argv[1], "install") == 0)
    good = install (config, argv[2], argv[3], &error);
  else if (config != NULL && argc == 2 && strcmp (argv[1], "recover") == 0)
    good = recover (config, &error);
  if (!good)
    g_printerr ("write-chip: %s\n", error != NULL ? error->message : "wrong usage");
  return good ? 0 : 1;
}
