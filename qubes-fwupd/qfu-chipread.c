/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chipread.h"

QfuUntrustedBlob *
qfu_chip_read (const QfuConfig *config,
               QfuFlash *flash,
               GArray **unread,
               const QfuFlashProgress *progress,
               GError **error)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuUntrustedBlob *chip = qfu_flash_read (flash, none, progress, error);

  if (chip != NULL && unread != NULL)
    *unread = g_steal_pointer (&none);
  return chip;
}
