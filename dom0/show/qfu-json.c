/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-json.h"

static void
add_string (JsonBuilder *builder, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  json_builder_add_string_value (builder, valid);
}

void
qfu_json_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text == NULL)
    json_builder_add_null_value (builder);
  else
    add_string (builder, text);
}

void
qfu_json_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

void
qfu_json_flag (JsonBuilder *builder, const char *name, gboolean flag)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, flag);
}

void
qfu_json_digest (JsonBuilder *builder, const char *name, const QfuDigest *digest)
{
  g_autofree char *hex = digest->size == 0 ? NULL : qfu_digest_to_hex (digest);

  qfu_json_text (builder, name, hex);
}

void
qfu_json_texts (JsonBuilder *builder, const char *name, const char *const *texts)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    add_string (builder, texts[i]);
  json_builder_end_array (builder);
}
