/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* put-staging BOOT VERSION IMAGE: puts an image ready as update-heads does, and ends as it does. */
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-staging.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
  g_autoptr (QfuUntrustedBlob) image = NULL;
  g_autoptr (GError) error = NULL;
  QfuStaging staging;

  if (argc != 4)
    return 64;
  image = qfu_untrusted_blob_load (argv[3], QFU_ROM_SIZE_MAX, TRUE, &error);
  if (image != NULL) {
    staging = (QfuStaging){argv[1], argv[2], image, qfu_untrusted_blob_sha256 (image)};
    if (qfu_staging_write (&staging, &error))
      return 0;
  }
  (void)fprintf (stderr, "qubes-fwupdmgr: %s\n", error->message);
  return g_error_matches (error, QFU_ERROR, QFU_ERROR_NOTHING) ? 2 : 1;
}
