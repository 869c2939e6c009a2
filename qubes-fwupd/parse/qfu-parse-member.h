/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-limits.h"

#include <string.h>

/* Whether @name is one plain path component of printable ASCII, in a cabinet that is read as in one
 * that is written. */
static inline gboolean
qfu_member_name_ok (const char *name)
{
  gsize size = name == NULL ? 0 : strnlen (name, QFU_CAB_NAME_MAX + 1);

  if (size == 0 || size > QFU_CAB_NAME_MAX || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return FALSE;
  for (gsize i = 0; i < size; i++) {
    if (!g_ascii_isprint (name[i]) || name[i] == '/' || name[i] == '\\')
      return FALSE;
  }
  return TRUE;
}
