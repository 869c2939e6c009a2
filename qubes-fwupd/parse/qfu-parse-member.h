/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

#define QFU_MEMBERS_MAX 64                                            /* of a cabinet */
#define QFU_MEMBERS_SIZE_MAX (G_GUINT64_CONSTANT (256) * 1024 * 1024) /* bytes of all together */
#define QFU_MEMBER_NAME_MAX 255                                       /* bytes */

/* Whether @name is one plain path component of printable ASCII, in a cabinet that is read as in one
 * that is written. */
static inline gboolean
qfu_member_name_ok (const char *name)
{
  gsize size = name == NULL ? 0 : strnlen (name, QFU_MEMBER_NAME_MAX + 1);

  if (size == 0 || size > QFU_MEMBER_NAME_MAX || strcmp (name, ".") == 0 ||
      strcmp (name, "..") == 0)
    return FALSE;
  for (gsize i = 0; i < size; i++) {
    if (!g_ascii_isprint (name[i]) || name[i] == '/' || name[i] == '\\')
      return FALSE;
  }
  return TRUE;
}
