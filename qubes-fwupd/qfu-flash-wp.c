/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-wp.h"

#include <libflashrom.h>

typedef struct flashrom_wp_cfg WpConfig;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WpConfig, flashrom_wp_cfg_release)

static QfuFlashLockKind
kind_of (enum flashrom_wp_mode mode)
{
  switch (mode) {
  case FLASHROM_WP_MODE_DISABLED:
    return QFU_FLASH_LOCK_OPEN;
  case FLASHROM_WP_MODE_HARDWARE:
    return QFU_FLASH_LOCK_PIN;
  case FLASHROM_WP_MODE_POWER_CYCLE:
    return QFU_FLASH_LOCK_POWER_CYCLE;
  case FLASHROM_WP_MODE_PERMANENT:
    break;
  }
  return QFU_FLASH_LOCK_PERMANENT;
}

void
qfu_flash_wp_note (struct flashrom_flashctx *chip, GArray *locks)
{
  g_autoptr (WpConfig) wp = NULL;
  enum flashrom_wp_result result = flashrom_wp_cfg_new (&wp);
  gsize start;
  gsize length;

  if (result == FLASHROM_WP_OK)
    result = flashrom_wp_read_cfg (wp, chip);
  if (result != FLASHROM_WP_OK) {
    g_debug ("whether the flash chip protects itself cannot be read (%d)", (int)result);
    return;
  }
  flashrom_wp_get_range (&start, &length, wp);
  if (length > 0)
    qfu_flash_locks_add (locks, kind_of (flashrom_wp_get_mode (wp)), start, length);
}
