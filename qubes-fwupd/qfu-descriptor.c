/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-descriptor.h"

#include "qfu-error.h"
#include "qfu-worker.h"

#include <string.h>

static gboolean
false_claim (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                       "the worker sends a flash descriptor that the image does not hold");
  return FALSE;
}

static gboolean
signature_at (const QfuUntrustedBlob *image, guint at)
{
  guint32 signature = GUINT32_TO_LE (QFU_IFD_SIGNATURE);

  return qfu_untrusted_blob_holds (image, at, &signature, sizeof signature);
}

gboolean
qfu_descriptor_here (const QfuUntrustedBlob *image)
{
  return signature_at (image, QFU_IFD_SIGNATURE_AT) || signature_at (image, 0);
}

/* The @nth list of @count registers, which must be those at @at. */
static gboolean
take_registers (const QfuMessage *message,
                guint nth,
                const QfuUntrustedBlob *image,
                guint at,
                guint count,
                guint32 *out)
{
  gsize size = 0;
  const guint8 *untrusted_bytes = qfu_message_bytes (message, QFU_FIELD_REGISTERS, nth, &size);

  if (untrusted_bytes == NULL || size != count * sizeof (guint32) ||
      !qfu_untrusted_blob_holds (image, at, untrusted_bytes, size))
    return FALSE;
  memcpy (out, untrusted_bytes, size);
  for (guint i = 0; i < count; i++)
    out[i] = GUINT32_FROM_LE (out[i]);
  return TRUE;
}

gboolean
qfu_descriptor_take (const QfuMessage *message,
                     const QfuUntrustedBlob *image,
                     QfuIfd *out,
                     GError **error)
{
  QfuIfd ifd = {.at = signature_at (image, QFU_IFD_SIGNATURE_AT) ? QFU_IFD_SIGNATURE_AT : 0};
  QfuIfdSections sections;
  guint64 untrusted_at;

  if (!qfu_message_number (message, QFU_FIELD_OFFSET, ifd.at, ifd.at, &untrusted_at, error))
    return FALSE;
  if (!signature_at (image, ifd.at) ||
      !take_registers (message, 0, image, ifd.at + (guint)sizeof (guint32), QFU_IFD_MAPS, ifd.maps))
    return false_claim (error);
  if (!qfu_ifd_sections (&ifd, &sections, error))
    return FALSE;
  if (!take_registers (message, 1, image, sections.regions, sections.n_regions, ifd.regions) ||
      !take_registers (message, 2, image, sections.host, 1, &ifd.host))
    return false_claim (error);
  *out = ifd;
  return TRUE;
}

static gboolean
take (const QfuMessage *message,
      const QfuUntrustedBlob *head,
      QfuIfd *ifd,
      gboolean *found,
      GError **error)
{
  if (qfu_message_type (message) != QFU_FRAME_DESCRIPTOR || *found) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the worker for ifd sends %s too much",
                 qfu_message_name (message));
    return FALSE;
  }
  *found = TRUE;
  return qfu_descriptor_take (message, head, ifd, error);
}

GArray *
qfu_descriptor_read (const QfuConfig *config,
                     const QfuUntrustedBlob *head,
                     guint64 size,
                     GError **error)
{
  g_autoptr (QfuProcess) process = NULL;
  gboolean found = FALSE;
  QfuIfd ifd;

  if (!qfu_descriptor_here (head))
    return g_array_new (FALSE, FALSE, sizeof (QfuIfdRegion));
  process = qfu_worker_start (config, QFU_OP_IFD, NULL, &head, 1, error);
  if (process == NULL)
    return NULL;
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return NULL;
    if (message == NULL)
      break;
    if (!take (message, head, &ifd, &found, error))
      return NULL;
  }
  if (found)
    return qfu_ifd_regions (&ifd, size, error);
  (void)false_claim (error);
  return NULL;
}
