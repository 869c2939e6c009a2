/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-members.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-worker.h"

#include <string.h>

void
qfu_cab_member_free (QfuCabMember *member)
{
  if (member == NULL)
    return;
  g_free (member->name);
  qfu_untrusted_blob_free (member->blob);
  g_free (member);
}

static gboolean
name_ok (const char *untrusted_name)
{
  return *untrusted_name != '\0' && strpbrk (untrusted_name, "/\\") == NULL &&
         strcmp (untrusted_name, ".") != 0 && strcmp (untrusted_name, "..") != 0;
}

static gboolean
name_taken (const GPtrArray *members, const char *name)
{
  for (guint i = 0; i < members->len; i++) {
    const QfuCabMember *member = g_ptr_array_index (members, i);

    if (g_ascii_strcasecmp (member->name, name) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
add_member (GPtrArray *members,
            QfuProcess *worker,
            const QfuMessage *message,
            guint64 *left,
            GError **error)
{
  const char *untrusted_name = qfu_message_text (message, QFU_FIELD_NAME, 0);
  g_autoptr (QfuCabMember) member = g_new0 (QfuCabMember, 1);
  guint64 size;

  if (qfu_message_type (message) != QFU_FRAME_MEMBER || members->len >= QFU_CAB_MEMBERS_MAX ||
      !name_ok (untrusted_name) || name_taken (members, untrusted_name)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                 "the worker for cab sent a %s that is out of order or unfit",
                 qfu_message_name (message));
    return FALSE;
  }
  if (!qfu_message_number (message, QFU_FIELD_SIZE, 0, *left, &size, error))
    return FALSE;
  *left -= size;
  member->name = g_strdup (untrusted_name);
  member->blob = qfu_process_collect (worker, size, error);
  if (member->blob == NULL)
    return FALSE;
  g_ptr_array_add (members, g_steal_pointer (&member));
  return TRUE;
}

static GPtrArray *
unpack (const QfuConfig *config, const QfuUntrustedBlob *cab, guint64 flags, GError **error)
{
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (GPtrArray) members =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_cab_member_free);
  g_autoptr (QfuProcess) worker = NULL;
  guint64 left = QFU_CAB_TOTAL_MAX;

  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  worker = qfu_worker_start (config, QFU_OP_CAB, arguments, &cab, 1, error);
  if (worker == NULL)
    return NULL;
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return NULL;
    if (message == NULL)
      return g_steal_pointer (&members);
    if (!add_member (members, worker, message, &left, error))
      return NULL;
  }
}

GPtrArray *
qfu_cab_members (const QfuConfig *config, const QfuUntrustedBlob *cab, GError **error)
{
  return unpack (config, cab, 0, error);
}

GPtrArray *
qfu_cab_members_exact (const QfuConfig *config, const QfuUntrustedBlob *cab, GError **error)
{
  return unpack (config, cab, QFU_CAB_EXACT, error);
}
