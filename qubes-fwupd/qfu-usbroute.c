/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbroute.h"

#include "qfu-error.h"
#include "qfu-qubesd.h"
#include "qfu-usbowner.h"

#include <string.h>

static gboolean
has_qubesd (const QfuConfig *config)
{
  return strcmp (config->transport, "qrexec") == 0;
}

gboolean
qfu_usb_qubes_named (const QfuConfig *config)
{
  return config->usb_qubes[0] != NULL && strcmp (config->usb_qubes[0], QFU_CONFIG_AUTO) != 0;
}

char **
qfu_usb_qubes (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (config->usb_qubes[0] != NULL && !qfu_usb_qubes_named (config) && has_qubesd (config))
    return qfu_usbowner_find (config->qubesd_socket, config->pci_devices, config->connect_seconds,
                              error);
  names = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; qfu_usb_qubes_named (config) && config->usb_qubes[i] != NULL; i++) {
    if (!g_ptr_array_find_with_equal_func (names, config->usb_qubes[i], g_str_equal, NULL))
      g_ptr_array_add (names, g_strdup (config->usb_qubes[i]));
  }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static char *
replace (const char *word, const char *mark, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (word, mark, -1);

  return g_strjoinv (name, parts);
}

/* What is put in has no character that another program could take for more than a name. */
static char **
exec_argv (const QfuConfig *config, const char *vm, const char *service, GError **error)
{
  const char *place = qfu_config_place (config, "Usb", "Command");
  g_auto (GStrv) argv = NULL;
  g_autofree char *program = NULL;
  g_autoptr (GError) local = NULL;

  if (config->usb_command[0] == '\0') {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Usb] Command= is not set; it is the command line that reaches {service} in "
                 "{domain}",
                 place);
    return NULL;
  }
  if (!g_shell_parse_argv (config->usb_command, NULL, &argv, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s: [Usb] Command=: %s", place,
                 local->message);
    return NULL;
  }
  program = g_find_program_in_path (argv[0]);
  if (program == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Usb] Command=: there is no program %s in PATH", place, argv[0]);
    return NULL;
  }
  g_free (argv[0]);
  argv[0] = g_steal_pointer (&program);
  for (gsize i = 1; argv[i] != NULL; i++) {
    g_autofree char *word = g_steal_pointer (&argv[i]);
    g_autofree char *named = replace (word, "{domain}", vm);

    argv[i] = replace (named, "{service}", service);
  }
  return g_steal_pointer (&argv);
}

char **
qfu_usb_argv (const QfuConfig *config, const char *vm, const char *service, GError **error)
{
  g_autofree char *call = g_strdup_printf ("DEFAULT:QUBESRPC %s dom0", service);
  const char *const argv[] = {config->qrexec_client, "-d", vm, call, NULL};

  g_return_val_if_fail (qfu_qubesd_vm_name_ok (vm), NULL);
  return has_qubesd (config) ? g_strdupv ((char **)argv) : exec_argv (config, vm, service, error);
}

gboolean
qfu_usb_running (const QfuConfig *config, const char *vm, gboolean *running, GError **error)
{
  *running = TRUE;
  return !has_qubesd (config) ||
         qfu_qubesd_running (config->qubesd_socket, vm, config->connect_seconds, running, error);
}
