/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rebuild.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-worker.h"

#include <string.h>

#define JCAT_NAME "firmware.jcat"
#define PARTS 3

struct _QfuRebuiltCab {
  QfuUntrustedBlob *blob;
  QfuCabContent *content;
};

/* A member of the cab to be. */
typedef struct {
  const char *name;
  const QfuUntrustedBlob *blob;
} Part;

void
qfu_rebuilt_cab_free (QfuRebuiltCab *cab)
{
  if (cab == NULL)
    return;
  qfu_untrusted_blob_free (cab->blob);
  qfu_cab_content_free (cab->content);
  g_free (cab);
}

const QfuUntrustedBlob *
qfu_rebuilt_cab_blob (const QfuRebuiltCab *cab)
{
  return cab->blob;
}

const QfuCabContent *
qfu_rebuilt_cab_content (const QfuRebuiltCab *cab)
{
  return cab->content;
}

static QfuJcatEntry
entry_of (const QfuCabItem *item)
{
  return (QfuJcatEntry){item->name, NULL, qfu_signature_sha256 (item->signature),
                        qfu_signature_pkcs7 (item->signature)};
}

static QfuUntrustedBlob *
write_jcat (const QfuCabItem *metainfo, const QfuCabItem *payload, GError **error)
{
  const QfuJcatEntry entries[] = {entry_of (metainfo), entry_of (payload)};
  g_autoptr (GBytes) bytes = qfu_jcat_write (entries, G_N_ELEMENTS (entries));

  return qfu_untrusted_blob_new (bytes, QFU_JCAT_SIZE_MAX, error);
}

static QfuUntrustedBlob *
receive (QfuProcess *worker, GError **error)
{
  g_autoptr (QfuMessage) announced = NULL;
  g_autoptr (QfuMessage) end = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  guint64 size;

  if (!qfu_process_next (worker, &announced, error))
    return NULL;
  if (announced == NULL || qfu_message_type (announced) != QFU_FRAME_SIZE) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for pack did not send a SIZE");
    return NULL;
  }
  if (!qfu_message_number (announced, QFU_FIELD_SIZE, 1, QFU_CAB_SIZE_MAX, &size, error))
    return NULL;
  blob = qfu_process_collect (worker, size, error);
  if (blob == NULL || !qfu_process_next (worker, &end, error))
    return NULL;
  if (end != NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for pack sent more than a cabinet");
    return NULL;
  }
  return g_steal_pointer (&blob);
}

static QfuUntrustedBlob *
pack (const QfuConfig *config, const Part *parts, GError **error)
{
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  const QfuUntrustedBlob *inputs[PARTS];
  g_autoptr (QfuProcess) worker = NULL;

  for (gsize i = 0; i < PARTS; i++) {
    qfu_message_add_text (arguments, QFU_FIELD_NAME, parts[i].name);
    inputs[i] = parts[i].blob;
  }
  worker = qfu_worker_start (config, QFU_OP_PACK, arguments, inputs, PARTS, error);
  return worker == NULL ? NULL : receive (worker, error);
}

/* The worker that wrote the cabinet has seen bytes that somebody chose. */
static gboolean
compare (const QfuConfig *config, const QfuUntrustedBlob *cab, const Part *parts, GError **error)
{
  g_autoptr (GPtrArray) members = qfu_cab_members_exact (config, cab, error);

  if (members == NULL)
    return FALSE;
  for (guint i = 0; i < PARTS; i++) {
    const QfuCabMember *member = i < members->len ? g_ptr_array_index (members, i) : NULL;

    if (members->len == PARTS && strcmp (member->name, parts[i].name) == 0 &&
        qfu_digest_equal (qfu_untrusted_blob_sha256 (member->blob),
                          qfu_untrusted_blob_sha256 (parts[i].blob)))
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the cab that was built anew does not hold %s as it was", parts[i].name);
    return FALSE;
  }
  return TRUE;
}

QfuRebuiltCab *
qfu_rebuild_cab (const QfuConfig *config, QfuCabContent *content, GError **error)
{
  const QfuCabItem *metainfo = qfu_cab_content_metainfo (content);
  const QfuCabItem *payload = qfu_cab_content_payload (content);
  g_autoptr (QfuUntrustedBlob) jcat = write_jcat (metainfo, payload, error);
  const Part parts[PARTS] = {
      {metainfo->name, metainfo->blob}, {payload->name, payload->blob}, {JCAT_NAME, jcat}};
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  QfuRebuiltCab *cab;

  if (jcat == NULL)
    return NULL;
  blob = pack (config, parts, error);
  if (blob == NULL || !compare (config, blob, parts, error))
    return NULL;
  cab = g_new0 (QfuRebuiltCab, 1);
  cab->blob = g_steal_pointer (&blob);
  cab->content = content;
  return cab;
}
