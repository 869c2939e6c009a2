/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbtable.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-worker.h"

void
qfu_cbtable_free (QfuCbtable *table)
{
  if (table == NULL)
    return;
  g_array_unref (table->areas);
  g_free (table);
}

static gboolean
refuse (const QfuMessage *message, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
               "the worker for cbtable sends %s too early or too much", qfu_message_name (message));
  return FALSE;
}

static gboolean
take_forward (QfuCbtable *table, const QfuMessage *message, GError **error)
{
  guint64 untrusted_address;

  if (table->forward != 0)
    return refuse (message, error);
  if (!qfu_message_number (message, QFU_FIELD_ADDRESS, 1, QFU_CBTABLE_ADDRESS_MAX - 1,
                           &untrusted_address, error))
    return FALSE;
  table->forward = untrusted_address;
  return TRUE;
}

static gboolean
take_area (QfuCbtable *table, const QfuMessage *message, GError **error)
{
  guint64 untrusted_id;
  guint64 untrusted_address;
  guint64 untrusted_size;
  QfuCbmemEntry entry;

  if (table->areas->len >= QFU_CBTABLE_AREAS_MAX)
    return refuse (message, error);
  if (!qfu_message_number (message, QFU_FIELD_KIND, 0, G_MAXUINT32, &untrusted_id, error) ||
      !qfu_message_number (message, QFU_FIELD_ADDRESS, 0, QFU_CBTABLE_ADDRESS_MAX,
                           &untrusted_address, error) ||
      !qfu_message_number (message, QFU_FIELD_SIZE, 0, QFU_CBTABLE_ADDRESS_MAX - untrusted_address,
                           &untrusted_size, error))
    return FALSE;
  entry.id = (guint32)untrusted_id;
  entry.address = untrusted_address;
  entry.size = untrusted_size;
  g_array_append_val (table->areas, entry);
  return TRUE;
}

static gboolean
take (QfuCbtable *table, const QfuMessage *message, GError **error)
{
  if (qfu_message_type (message) == QFU_FRAME_FORWARD)
    return take_forward (table, message, error);
  if (qfu_message_type (message) == QFU_FRAME_CBMEM)
    return take_area (table, message, error);
  return refuse (message, error);
}

QfuCbtable *
qfu_cbtable_read (const QfuConfig *config,
                  const QfuUntrustedBlob *const *ranges,
                  gsize n_ranges,
                  guint flags,
                  GError **error)
{
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (QfuCbtable) table = g_new0 (QfuCbtable, 1);
  g_autoptr (QfuProcess) process = NULL;

  table->areas = g_array_new (FALSE, TRUE, sizeof (QfuCbmemEntry));
  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  process = qfu_worker_start (config, QFU_OP_CBTABLE, arguments, ranges, n_ranges, error);
  if (process == NULL)
    return NULL;
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return NULL;
    if (message == NULL)
      return g_steal_pointer (&table);
    if (!take (table, message, error))
      return NULL;
  }
}
