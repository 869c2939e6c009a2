/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that links libflashrom, and therefore GPL-2.0-or-later as a whole: reads the
 * flash chip, ends writes of it that were cut off, and answers in frames. */

#include "qfu-child.h"
#include "qfu-chip-flags.h"
#include "qfu-chiplock.h"
#include "qfu-chipread.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-recover.h"

#include <signal.h>
#include <unistd.h>

/* How long another program is waited for that is at the chip: fwupd goes on with a write whose
 * client has died. */
#define WAIT_SECONDS (15 * 60)

static gboolean
send_chip (QfuWire *wire, const QfuFlash *flash, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_CHIP);

  qfu_message_add_text (message, QFU_FIELD_NAME, qfu_flash_name (flash));
  qfu_message_add_number (message, QFU_FIELD_SIZE, qfu_flash_size (flash));
  return qfu_wire_send (wire, message, error);
}

static QfuFlash *
open_chip (const QfuConfig *config, QfuWire *wire, GError **error)
{
  g_autoptr (QfuFlash) flash = qfu_flash_open (config, error);

  if (flash == NULL || !send_chip (wire, flash, error))
    return NULL;
  return g_steal_pointer (&flash);
}

static QfuUntrustedBlob *
input (guint index, GError **error)
{
  g_autoptr (GBytes) bytes = qfu_child_input (index, error);

  return bytes == NULL ? NULL : qfu_untrusted_blob_new (bytes, QFU_ROM_SIZE_MAX, error);
}

static gboolean
run_info (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuConfig) config = qfu_config_load (error);
  g_autoptr (QfuFlash) flash = config != NULL ? open_chip (config, wire, error) : NULL;

  return flash != NULL;
}

static gboolean
run_read (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuConfig) config = qfu_config_load (error);
  g_autoptr (QfuFlash) flash = config != NULL ? open_chip (config, wire, error) : NULL;
  g_autoptr (QfuUntrustedBlob) blob =
      flash != NULL ? qfu_chip_read (config, flash, NULL, NULL, error) : NULL;
  g_autoptr (GMappedFile) map =
      blob != NULL ? g_mapped_file_new_from_fd (qfu_untrusted_blob_fd (blob), FALSE, error) : NULL;

  return map != NULL && qfu_wire_send_data (wire, g_mapped_file_get_contents (map),
                                            g_mapped_file_get_length (map), error);
}

/* A chip whose contents a caller holds: what would have to be written of the new ones? */
static gboolean
run_writable (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuUntrustedBlob) before = input (0, error);
  g_autoptr (QfuUntrustedBlob) after = before == NULL ? NULL : input (1, error);
  g_autoptr (QfuConfig) config = after == NULL ? NULL : qfu_config_load (error);
  g_autoptr (QfuFlash) flash = config == NULL ? NULL : open_chip (config, wire, error);
  g_autoptr (GArray) changed = NULL;

  if (flash == NULL)
    return FALSE;
  if (qfu_untrusted_blob_size (before) != qfu_flash_size (flash) ||
      qfu_untrusted_blob_size (after) != qfu_flash_size (flash)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the chip is not as large as the image");
    return FALSE;
  }
  changed = qfu_ranges_diff (before, after, QFU_ERASE_BLOCK);
  return qfu_flash_check_writable (flash, changed, error);
}

static void
on_step (gpointer user, QfuRewriteStage stage, guint64 done, guint64 total)
{
  QfuWire *wire = user;
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PROGRESS);

  qfu_message_add_number (message, QFU_FIELD_DONE, done);
  qfu_message_add_number (message, QFU_FIELD_TOTAL, total);
  qfu_message_add_number (message, QFU_FIELD_STATUS, stage);
  /* a caller that went away must not stop a write in the middle */
  if (!qfu_wire_send (wire, message, NULL))
    g_debug ("nobody listens to the progress");
}

static gboolean
send_recovery (QfuWire *wire, const QfuRecovery *result, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_RECOVERY);

  qfu_message_add_number (message, QFU_FIELD_STATUS, result->kind);
  qfu_message_add_number (message, QFU_FIELD_ENTRY, result->entry);
  qfu_message_add_number (message, QFU_FIELD_RECORD, result->record);
  qfu_message_add_number (message, QFU_FIELD_BLOCKS, result->blocks);
  qfu_message_add_number (message, QFU_FIELD_BLOCKS_OLD, result->blocks_old);
  qfu_message_add_number (message, QFU_FIELD_BLOCKS_NEW, result->blocks_new);
  qfu_message_add_number (message, QFU_FIELD_BLOCKS_NEITHER, result->blocks_neither);
  qfu_message_add_number (message, QFU_FIELD_WRITTEN, result->bytes_written);
  return qfu_wire_send (wire, message, error);
}

static void
on_alarm (int number)
{
  (void)number;
}

/* Until nobody is at the chip, or for as long as anybody should be. */
static gboolean
wait_for_chip (const QfuConfig *config, GError **error)
{
  const struct sigaction action = {.sa_handler = on_alarm}; /* no restart: it ends the waiting */
  gboolean free;

  if (sigaction (SIGALRM, &action, NULL) != 0)
    return FALSE;
  (void)alarm (WAIT_SECONDS);
  free = qfu_chiplock_wait (config, error);
  (void)alarm (0);
  return free;
}

static gboolean
run_recover (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  guint64 flags = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT32, 0);
  const QfuRewriteProgress progress = {.step = on_step, .user = wire};
  g_autoptr (QfuConfig) config = qfu_config_load (error);
  g_autoptr (GError) local = NULL;
  QfuRecovery result = {0};
  gboolean done;

  if (config == NULL || ((flags & QFU_CHIP_WAIT) != 0 && !wait_for_chip (config, error)))
    return FALSE;
  done = (flags & QFU_CHIP_LOOK) != 0 ? qfu_recover_look (config, &progress, &result, &local)
                                      : qfu_recover (config, &progress, &result, &local);
  if (!send_recovery (wire, &result, error))
    return FALSE;
  if (!done)
    g_propagate_error (error, g_steal_pointer (&local));
  return done;
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {
      {"info", run_info}, {"read", run_read}, {"writable", run_writable}, {"recover", run_recover}};

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
