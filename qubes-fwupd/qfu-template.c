/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-template.h"

#include "qfu-adminapi.h"
#include "qfu-error.h"
#include "qfu-qubesd.h"

#include <string.h>

#define PACKAGE "qubes-fwupd-vm"
#define GENERATIONS 4 /* a disposable has three: itself, its template, and the template of that */

/* How a package is installed; the words are of os-release's ID and ID_LIKE. */
static const struct {
  const char *distribution;
  const char *command;
} commands[] = {
    {"debian", "sudo apt install " PACKAGE}, {"ubuntu", "sudo apt install " PACKAGE},
    {"whonix", "sudo apt install " PACKAGE}, {"kicksecure", "sudo apt install " PACKAGE},
    {"fedora", "sudo dnf install " PACKAGE}, {"centos", "sudo dnf install " PACKAGE},
    {"rhel", "sudo dnf install " PACKAGE},
};

typedef enum { HAS_NONE, HAS_ONE, NOT_TOLD } Answer;

/* (transfer full) in @name: the template of @vm. */
static Answer
ask_template (const char *socket_path, guint seconds, const char *vm, char **name)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *answer =
      qfu_adminapi_ask (socket_path, seconds, "admin.vm.property.Get+template", vm, &local);
  const char *value = answer == NULL ? NULL : strstr (answer, " type=vm ");

  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED))
    return HAS_NONE;
  if (value == NULL)
    return NOT_TOLD;
  value += strlen (" type=vm ");
  if (value[0] == '\0')
    return HAS_NONE;
  if (!qfu_qubesd_vm_name_ok (value))
    return NOT_TOLD;
  *name = g_strdup (value);
  return HAS_ONE;
}

/* (transfer full) (nullable): where @vm's programs come from, which is itself when it has no
 * template. */
static char *
find_root (const char *socket_path, guint seconds, const char *vm)
{
  g_autofree char *present = g_strdup (vm);

  for (guint i = 0; i < GENERATIONS; i++) {
    g_autofree char *next = NULL;
    Answer answer = ask_template (socket_path, seconds, present, &next);

    if (answer == HAS_NONE)
      return g_steal_pointer (&present);
    if (answer == NOT_TOLD)
      return NULL;
    g_free (present);
    present = g_steal_pointer (&next);
  }
  return NULL;
}

/* (transfer none) (nullable). The value is the template's own word, so it is never printed. */
static const char *
find_command (const char *socket_path, guint seconds, const char *vm)
{
  static const char *const features[] = {"admin.vm.feature.Get+os-distribution",
                                         "admin.vm.feature.Get+os-distribution-like"};

  for (gsize i = 0; i < G_N_ELEMENTS (features); i++) {
    g_autofree char *answer = qfu_adminapi_ask (socket_path, seconds, features[i], vm, NULL);
    g_auto (GStrv) words = g_strsplit (answer != NULL ? answer : "", " ", -1);

    for (gsize j = 0; j < G_N_ELEMENTS (commands); j++) {
      if (g_strv_contains ((const char *const *)words, commands[j].distribution))
        return commands[j].command;
    }
  }
  return NULL;
}

char *
qfu_template_advice (const char *socket_path, guint seconds, const char *vm)
{
  g_autofree char *root = find_root (socket_path, seconds, vm);
  const char *command = root == NULL ? NULL : find_command (socket_path, seconds, root);
  g_autofree char *what = command == NULL ? g_strdup ("install the package " PACKAGE)
                                          : g_strdup_printf ("run `%s`", command);

  if (root == NULL)
    return g_strdup_printf ("%s in the template of %s and restart it", what, vm);
  if (strcmp (root, vm) == 0)
    return g_strdup_printf ("%s in %s", what, vm);
  return g_strdup_printf ("%s in the template %s, shut that down, and restart %s", what, root, vm);
}
