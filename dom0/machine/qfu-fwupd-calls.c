/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fwupd-calls.h"

#include "qfu-cache.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-program.h"

#include <string.h>

void
qfu_remote_free (QfuRemote *remote)
{
  g_free (remote->id);
  g_free (remote->title);
  g_free (remote->url);
  g_free (remote->path);
  g_free (remote->base_url);
  g_free (remote);
}

static gboolean
protocol_error (const char *what, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "qfu-fwupd sent %s", what);
  return FALSE;
}

/* Each has folders of its own by this name. */
static gboolean
has_remote (const GPtrArray *list, const char *id)
{
  for (guint i = 0; i < list->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (list, i);

    if (strcmp (remote->id, id) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
take_remote (gpointer user, const QfuMessage *message, GError **error)
{
  GPtrArray *list = user;
  const char *untrusted_id = qfu_message_text (message, QFU_FIELD_ID, 0);
  const char *untrusted_path = qfu_message_text (message, QFU_FIELD_PATH, 0);
  guint64 untrusted_priority =
      qfu_message_number_or (message, QFU_FIELD_PRIORITY, 0, G_MAXUINT64, 0);
  QfuRemote *remote;
  guint64 flags;

  if (qfu_message_type (message) != QFU_FRAME_REMOTE || list->len == QFU_FWUPD_REMOTES_MAX)
    return protocol_error ("something else than a list of remotes", error);
  if (!qfu_cache_id_ok (untrusted_id))
    return protocol_error ("a remote whose name is not 1 to 64 characters of [A-Za-z0-9._-]",
                           error);
  if (has_remote (list, untrusted_id))
    return protocol_error ("the same remote twice", error);
  if (untrusted_priority > QFU_FWUPD_PRIORITY_MAX)
    return protocol_error ("a remote with a priority that none has", error);
  if (untrusted_path != NULL && !g_path_is_absolute (untrusted_path))
    return protocol_error ("a remote whose path is not absolute", error);
  remote = g_new0 (QfuRemote, 1);
  remote->id = g_strdup (untrusted_id);
  remote->title = g_strdup (qfu_message_text (message, QFU_FIELD_NAME, 0));
  remote->url = g_strdup (qfu_message_text (message, QFU_FIELD_URL, 0));
  remote->path = g_strdup (untrusted_path);
  remote->base_url = g_strdup (qfu_message_text (message, QFU_FIELD_BASE_URL, 0));
  remote->kind =
      (QfuRemoteKind)qfu_message_number_or (message, QFU_FIELD_KIND, 0, QFU_REMOTE_KIND_LAST, 0);
  remote->priority = (guint)untrusted_priority;
  flags = qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, QFU_REMOTE_FLAGS_ALL, 0);
  remote->enabled = (flags & QFU_REMOTE_ENABLED) != 0;
  remote->password = (flags & QFU_REMOTE_PASSWORD) != 0;
  remote->download = remote->kind == QFU_REMOTE_KIND_DOWNLOAD;
  g_ptr_array_add (list, remote);
  return TRUE;
}

void
qfu_machine_free (QfuMachine *machine)
{
  if (machine == NULL)
    return;
  g_free (machine->fwupd_version);
  g_ptr_array_unref (machine->hardware);
  g_ptr_array_unref (machine->devices);
  g_free (machine);
}

static gboolean
take_setting (QfuMachine *machine, const QfuMessage *message, GError **error)
{
  const char *untrusted_name = qfu_message_text (message, QFU_FIELD_NAME, 0);
  const char *untrusted_value = qfu_message_text (message, QFU_FIELD_VALUE, 0);

  if (strcmp (untrusted_name, QFU_MACHINE_FWUPD) == 0 && machine->fwupd_version == NULL) {
    machine->fwupd_version = g_strdup (untrusted_value);
    return TRUE;
  }
  if (strcmp (untrusted_name, QFU_MACHINE_HARDWARE) == 0 && qfu_guid_ok (untrusted_value) &&
      machine->hardware->len < QFU_FWUPD_HARDWARE_MAX) {
    g_ptr_array_add (machine->hardware, g_strdup (untrusted_value));
    return TRUE;
  }
  return protocol_error ("a setting out of its range", error);
}

static gboolean
take_device (gpointer user, const QfuMessage *message, GError **error)
{
  QfuMachine *machine = user;
  QfuDevice *device;

  if (qfu_message_type (message) == QFU_FRAME_SETTING)
    return take_setting (machine, message, error);
  if (qfu_message_type (message) != QFU_FRAME_DEVICE ||
      machine->devices->len == QFU_FWUPD_DEVICES_MAX)
    return protocol_error ("something else than a list of devices", error);
  device = qfu_device_new (message, error);
  if (device == NULL)
    return FALSE;
  g_ptr_array_add (machine->devices, device);
  return TRUE;
}

gboolean
qfu_fwupd_ask (const QfuConfig *config,
               const char *op,
               const char *id,
               QfuFwupdTakeFunc take,
               gpointer user,
               GError **error)
{
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-fwupd", op, id, 0, NULL, 0, error);

  while (process != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
    if (!take (user, message, error))
      return FALSE;
  }
  return FALSE;
}

GPtrArray *
qfu_fwupd_remotes (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) remotes = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_remote_free);

  return qfu_fwupd_ask (config, "remotes", NULL, take_remote, remotes, error)
             ? g_steal_pointer (&remotes)
             : NULL;
}

QfuMachine *
qfu_fwupd_machine (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuMachine) machine = g_new0 (QfuMachine, 1);

  machine->hardware = g_ptr_array_new_with_free_func (g_free);
  machine->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  return qfu_fwupd_ask (config, "devices", NULL, take_device, machine, error)
             ? g_steal_pointer (&machine)
             : NULL;
}

gboolean
qfu_fwupd_put_metadata (const QfuConfig *config,
                        const char *remote,
                        const QfuUntrustedBlob *metadata,
                        const QfuUntrustedBlob *jcat,
                        GError **error)
{
  const QfuUntrustedBlob *const inputs[] = {metadata, jcat};
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-fwupd", "metadata", remote, 0, inputs, 2, error);
  g_autoptr (QfuMessage) message = NULL;

  if (process == NULL || !qfu_process_next (process, &message, error))
    return FALSE;
  return message == NULL || protocol_error ("something else than an end", error);
}

gboolean
qfu_fwupd_install (const QfuConfig *config,
                   const char *device,
                   guint flags,
                   const QfuUntrustedBlob *cab,
                   QfuPercentFunc progress,
                   gpointer user,
                   GError **error)
{
  const QfuUntrustedBlob *const inputs[] = {cab};
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-fwupd", "install", device, flags, inputs, 1, error);

  while (process != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
    if (qfu_message_type (message) != QFU_FRAME_PROGRESS)
      return protocol_error ("something else than progress", error);
    progress ((guint)qfu_message_number_or (message, QFU_FIELD_DONE, 0, 100, 0), user);
  }
  return FALSE;
}
