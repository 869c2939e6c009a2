/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbowner.h"

#include "qfu-adminapi.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-pci.h"
#include "qfu-qubesd.h"

#include <string.h>

#define BACKEND "dom0+"       /* before the port, where the device is dom0's own */
#define USB_INTERFACE "p0c03" /* of a PCI device that is a USB controller, in R4.3's identity */
#define IDENTITY_FIELDS 3     /* vendor, product and serial number, before the interfaces */

/* Which calls this qubesd knows. */
typedef struct {
  const char *socket_path;
  guint seconds;
  const char *const *ports;
  gboolean old; /* that of R4.2, which has one list of what is attached and what is assigned */
} Asking;

/* A line of the list: `BACKEND+PORT[:VENDOR:PRODUCT:SERIAL:INTERFACES] …`. */
static gboolean
is_controller (const Asking *asking, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);
  g_auto (GStrv) fields = NULL;

  if (words[0] == NULL || !g_str_has_prefix (words[0], BACKEND))
    return FALSE;
  fields = g_strsplit (words[0] + strlen (BACKEND), ":", 2 + IDENTITY_FIELDS);
  return fields[0] != NULL && (g_strv_contains (asking->ports, fields[0]) ||
                               (g_strv_length (fields) == 2 + IDENTITY_FIELDS &&
                                strstr (fields[1 + IDENTITY_FIELDS], USB_INTERFACE) != NULL));
}

static char *
ask_devices (Asking *asking, const char *vm, gboolean running, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *answer;

  if (!asking->old) {
    answer = qfu_adminapi_ask (
        asking->socket_path, asking->seconds,
        running ? "admin.vm.device.pci.Attached+" : "admin.vm.device.pci.Assigned+", vm, &local);
    if (answer != NULL)
      return answer;
    if (!g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  }
  answer = qfu_adminapi_ask (asking->socket_path, asking->seconds, "admin.vm.device.pci.List+", vm,
                             error);
  asking->old = answer != NULL;
  return answer;
}

/* Whether @vm, of which nothing is told, has gone since it was listed: disposables come and go. */
static gboolean
is_gone (const Asking *asking, const char *vm)
{
  g_autofree char *answer =
      qfu_adminapi_ask (asking->socket_path, asking->seconds, "admin.vm.List+", "dom0", NULL);
  g_autofree char *start = g_strconcat (vm, " ", NULL);
  g_auto (GStrv) lines = g_strsplit (answer == NULL ? "" : answer, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++) {
    if (g_str_has_prefix (lines[i], start))
      return FALSE;
  }
  return answer != NULL;
}

/* A line of the list of VMs: `NAME class=CLASS state=STATE …`. A template has no devices. */
static gboolean
take_vm (Asking *asking, const char *line, GPtrArray *found, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  const char *const *all = (const char *const *)words;
  g_autofree char *answer = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) local = NULL;
  gboolean owns = FALSE;

  if (words[0] == NULL || !qfu_qubesd_vm_name_ok (words[0]) ||
      g_strv_contains (all, "class=TemplateVM") || g_strv_contains (all, "class=RemoteVM"))
    return TRUE;
  answer = ask_devices (asking, words[0], g_strv_contains (all, "state=Running"), &local);
  if (answer == NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED) &&
      is_gone (asking, words[0]))
    return TRUE;
  if (answer == NULL) {
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "VM %s: ", words[0]);
    return FALSE;
  }
  lines = g_strsplit (answer, "\n", -1);
  for (gsize i = 0; lines[i] != NULL && !owns; i++)
    owns = is_controller (asking, lines[i]);
  if (owns && found->len == QFU_CONFIG_VMS_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "more VMs have USB controllers than can be");
  if (owns)
    g_ptr_array_add (found, g_strdup (words[0]));
  return TRUE;
}

char **
qfu_usbowner_find (const char *socket_path, const char *pci_devices, guint seconds, GError **error)
{
  g_auto (GStrv) ports = qfu_pci_usb_ports (pci_devices);
  Asking asking = {socket_path, seconds, (const char *const *)ports, FALSE};
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *answer = NULL;
  g_auto (GStrv) lines = NULL;

  if (ports[0] == NULL || !g_file_test (socket_path, G_FILE_TEST_EXISTS))
    return g_new0 (char *, 1);
  answer = qfu_adminapi_ask (socket_path, seconds, "admin.vm.List+", "dom0", error);
  if (answer == NULL) {
    g_prefix_error (error, "which VMs have USB controllers: ");
    return NULL;
  }
  lines = g_strsplit (answer, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++) {
    if (!take_vm (&asking, lines[i], found, error))
      return NULL;
  }
  g_ptr_array_add (found, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&found), FALSE);
}
