/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: write-chip DEVICE-ID IMAGE
 *
 * Installs IMAGE as the plugin does when fwupd tells it to; a record has to be pending. QFU_CONFIG
 * says where. */

#include "qfu-error.h"
#include "qfu-reflash.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuConfig) config = argc == 3 ? qfu_config_load (&error) : NULL;
  g_autoptr (QfuUntrustedBlob) image = NULL;

  if (config != NULL)
    image = qfu_untrusted_blob_load (argv[2], QFU_ROM_SIZE_MAX, FALSE, &error);
  if (image != NULL && qfu_reflash (config, argv[1], image, NULL, NULL, &error))
    return 0;
  g_printerr ("%s\n", error == NULL ? "usage: write-chip DEVICE-ID IMAGE" : error->message);
  return 1;
}
