/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that opens the machine's memory: reads ranges of numbers that its caller has
 * checked, and sends the bytes. It looks at none of them. */

#include "qfu-cbmem-access.h"
#include "qfu-child.h"
#include "qfu-config.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"

static gboolean
answer (QfuWire *wire, const QfuConfig *config, int fd, const QfuMessage *ask, GError **error)
{
  g_autoptr (QfuMessage) size = qfu_message_new (QFU_FRAME_SIZE);
  g_autoptr (GByteArray) bytes = NULL;
  guint64 address;
  guint64 length;

  if (!qfu_message_number (ask, QFU_FIELD_ADDRESS, 0, QFU_CBTABLE_ADDRESS_MAX, &address, error) ||
      !qfu_message_number (ask, QFU_FIELD_SIZE, 1,
                           MIN (QFU_EVENTLOG_SIZE_MAX, QFU_CBTABLE_ADDRESS_MAX - address), &length,
                           error))
    return FALSE;
  bytes = qfu_cbmem_access_read (fd, config->memory, address, (gsize)length, error);
  if (bytes == NULL)
    return FALSE;
  qfu_message_add_number (size, QFU_FIELD_SIZE, bytes->len);
  return qfu_wire_send (wire, size, error) &&
         qfu_wire_send_data (wire, bytes->data, bytes->len, error);
}

static gboolean
run_read (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuConfig) config = qfu_config_load (error);
  g_auto (QfuFd) fd = -1;

  if (config == NULL || !qfu_cbmem_access_open (config->memory, &fd, error))
    return FALSE;
  for (guint i = 0; i <= QFU_CBMEM_READS_MAX; i++) {
    g_autoptr (QfuMessage) ask = qfu_wire_receive (wire, error);

    if (ask == NULL)
      return FALSE;
    if (qfu_message_type (ask) == QFU_FRAME_END)
      return TRUE;
    if (qfu_message_type (ask) != QFU_FRAME_READ || i == QFU_CBMEM_READS_MAX) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s instead of END",
                   qfu_message_name (ask));
      return FALSE;
    }
    if (!answer (wire, config, fd, ask, error))
      return FALSE;
  }
  return FALSE;
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {{"read", run_read}};

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
