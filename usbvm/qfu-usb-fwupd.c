/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-fwupd.h"

#include "qfu-error.h"

#include <gio/gio.h>

/* fwupd's numbers by ours; the others are refusals. */
static const struct {
  int theirs;
  int ours;
} error_codes[] = {
    {FWUPD_ERROR_INTERNAL, QFU_ERROR_INTERNAL},
    {FWUPD_ERROR_VERSION_NEWER, QFU_ERROR_NOTHING},
    {FWUPD_ERROR_VERSION_SAME, QFU_ERROR_NOTHING},
    {FWUPD_ERROR_NOTHING_TO_DO, QFU_ERROR_NOTHING},
    {FWUPD_ERROR_READ, QFU_ERROR_IO},
    {FWUPD_ERROR_WRITE, QFU_ERROR_IO},
    {FWUPD_ERROR_BROKEN_SYSTEM, QFU_ERROR_IO},
    {FWUPD_ERROR_INVALID_FILE, QFU_ERROR_FORMAT},
    {FWUPD_ERROR_INVALID_DATA, QFU_ERROR_FORMAT},
    {FWUPD_ERROR_SIGNATURE_INVALID, QFU_ERROR_SIGNATURE},
    {FWUPD_ERROR_NOT_FOUND, QFU_ERROR_NOT_FOUND},
    {FWUPD_ERROR_NOT_SUPPORTED, QFU_ERROR_UNSUPPORTED},
    {FWUPD_ERROR_TIMED_OUT, QFU_ERROR_UNREACHABLE},
    {FWUPD_ERROR_NOT_REACHABLE, QFU_ERROR_UNREACHABLE},
    {FWUPD_ERROR_BUSY, QFU_ERROR_BUSY},
};

gboolean
qfu_usb_fwupd_fail (QfuUsbTalk *talk, const GError *problem, GError **error)
{
  int code = QFU_ERROR_REFUSED;

  if (problem->domain != FWUPD_ERROR) {
    code = QFU_ERROR_UNREACHABLE;
  } else {
    talk->fwupd_error = (guint)problem->code + 1;
    for (gsize i = 0; i < G_N_ELEMENTS (error_codes); i++) {
      if (error_codes[i].theirs == problem->code)
        code = error_codes[i].ours;
    }
  }
  g_set_error (error, QFU_ERROR, code, "fwupd: %s", problem->message);
  return FALSE;
}

FwupdClient *
qfu_usb_fwupd_connect (QfuUsbTalk *talk, GCancellable *cancellable, GError **error)
{
  g_autoptr (FwupdClient) client = fwupd_client_new ();
  g_autoptr (GError) local = NULL;

  fwupd_client_set_main_context (client, g_main_context_default ());
  if (fwupd_client_connect (client, cancellable, &local))
    return g_steal_pointer (&client);
  if (g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    (void)qfu_error_set (error, QFU_ERROR_UNSUPPORTED, "fwupd is not installed");
  else
    (void)qfu_usb_fwupd_fail (talk, local, error);
  return NULL;
}

GPtrArray *
qfu_usb_fwupd_devices (QfuUsbTalk *talk,
                       FwupdClient *client,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GError) local = NULL;
  GPtrArray *devices = fwupd_client_get_devices (client, cancellable, &local);

  if (devices != NULL)
    return devices;
  if (g_error_matches (local, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO))
    return g_ptr_array_new_with_free_func (g_object_unref);
  (void)qfu_usb_fwupd_fail (talk, local, error);
  return NULL;
}
