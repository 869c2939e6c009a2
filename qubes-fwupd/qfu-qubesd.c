/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-qubesd.h"

#include "qfu-adminapi.h"
#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

#define RUNNING "Running"

gboolean
qfu_qubesd_vm_name_ok (const char *name)
{
  gsize length = strnlen (name, QFU_QUBESD_VM_NAME_MAX + 1);

  return length > 0 && length <= QFU_QUBESD_VM_NAME_MAX && g_ascii_isalpha (name[0]) &&
         strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_.-") == length &&
         strcmp (name, "dom0") != 0;
}

/* @answer: of a property whose kind is a VM. */
static char *
read_property (const char *answer, GError **error)
{
  const char *name = strstr (answer, " type=vm ");

  if (!g_str_has_prefix (answer, "default=") || name == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "qubesd gives an unknown answer");
    return NULL;
  }
  name += strlen (" type=vm ");
  if (name[0] == '\0') {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "no UpdateVM is set: see `qubes-prefs updatevm`, or set [Transport] "
                         "UpdateVM");
    return NULL;
  }
  if (!qfu_qubesd_vm_name_ok (name)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                         "qubesd names an UpdateVM that cannot be one");
    return NULL;
  }
  return g_strdup (name);
}

char *
qfu_qubesd_update_vm (const char *socket_path, guint seconds, GError **error)
{
  g_autofree char *answer =
      qfu_adminapi_ask (socket_path, seconds, "admin.property.Get+updatevm", "dom0", error);

  if (answer != NULL)
    return read_property (answer, error);
  g_prefix_error (error, "which VM is the UpdateVM: ");
  return NULL;
}

/* Words of NAME=VALUE, one of which is the power state. */
static gboolean
read_state (const char *answer, gboolean *running, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (answer, " \n", -1);

  for (gsize i = 0; words[i] != NULL; i++) {
    if (!g_str_has_prefix (words[i], "power_state="))
      continue;
    *running = strcmp (words[i] + strlen ("power_state="), RUNNING) == 0;
    return TRUE;
  }
  return qfu_error_set (error, QFU_ERROR_FORMAT, "qubesd gives an unknown answer");
}

gboolean
qfu_qubesd_running (
    const char *socket_path, const char *vm, guint seconds, gboolean *running, GError **error)
{
  g_autofree char *answer = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (qfu_qubesd_vm_name_ok (vm), FALSE);
  answer = qfu_adminapi_ask (socket_path, seconds, "admin.vm.CurrentState+", vm, &local);
  if (answer != NULL && read_state (answer, running, &local))
    return TRUE;
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED))
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "VM %s: qubesd does not tell whether it runs; is there such a VM?", vm);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "VM %s: ", vm);
  return FALSE;
}

gboolean
qfu_qubesd_start (const char *socket_path, const char *vm, guint seconds, GError **error)
{
  g_autofree char *answer = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (qfu_qubesd_vm_name_ok (vm), FALSE);
  answer = qfu_adminapi_ask (socket_path, seconds, "admin.vm.Start+", vm, &local);
  if (answer != NULL && answer[0] == '\0')
    return TRUE;
  if (answer == NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "VM %s: ", vm);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "VM %s does not start; `qvm-start %s` may say why", vm, vm);
  return FALSE;
}
