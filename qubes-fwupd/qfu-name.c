/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-name.h"

void
qfu_message_add_name (QfuMessage *message, QfuField field, const char *name)
{
  g_autofree char *ascii = NULL;

  if (name != NULL && g_utf8_validate (name, -1, NULL))
    ascii = g_str_to_ascii (name, "C");
  qfu_message_add_text (message, field, ascii != NULL ? ascii : name);
}
