/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-lockdown.h"

#include <string.h>

#define LOCKDOWN "/sys/kernel/security/lockdown" /* as in "none [integrity] confidentiality" */

const char *
qfu_lockdown_mode (const char *root)
{
  static const struct {
    const char *chosen;
    const char *name;
  } modes[] = {{"[none]", "none"}, {"[integrity]", "integrity"}};
  g_autofree char *path = g_strconcat (root, LOCKDOWN, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || text[0] == '\0')
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++) {
    if (strstr (text, modes[i].chosen) != NULL)
      return modes[i].name;
  }
  return "confidentiality";
}
