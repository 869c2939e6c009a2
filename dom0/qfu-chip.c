/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that links libflashrom, and therefore GPL-2.0-or-later as a whole: reads the
 * flash chip and answers in frames. */

#include "qfu-child.h"
#include "qfu-chipread.h"
#include "qfu-error.h"

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

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {{"info", run_info}, {"read", run_read}};

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
