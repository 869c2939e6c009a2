/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* security: how fwupd judges the host. */

#include "qfu-fwupd-security.h"
#include "qfu-print.h"
#include "qfu-verbs.h"

static const struct {
  guint flag;
  const char *name;
} flags[] = {
    {QFU_SECURITY_SUCCESS, "success"},
    {QFU_SECURITY_OBSOLETED, "obsoleted"},
    {QFU_SECURITY_MISSING_DATA, "missing-data"},
    {QFU_SECURITY_RUNTIME, "runtime-issue"},
    {QFU_SECURITY_CONTACT_OEM, "contact-vendor"},
    {QFU_SECURITY_CONFIG_FW, "firmware-setting"},
    {QFU_SECURITY_CONFIG_OS, "system-setting"},
};

static const char *
verdict (const QfuSecurityAttribute *attribute)
{
  if (attribute->flags & QFU_SECURITY_SUCCESS)
    return "good";
  return attribute->flags & QFU_SECURITY_MISSING_DATA ? "?" : "bad";
}

static void
say_attribute (const QfuOptions *options, const QfuSecurityAttribute *attribute)
{
  gboolean good = (attribute->flags & QFU_SECURITY_SUCCESS) != 0;
  const char *name = attribute->name != NULL ? attribute->name : attribute->id;
  const char *result = attribute->result != NULL ? attribute->result : "not known";

  if (good || attribute->expected == NULL)
    qfu_say (options, "  %-4s  %s: %s", verdict (attribute), name, result);
  else
    qfu_say (options, "  %-4s  %s: %s, should be %s", verdict (attribute), name, result,
             attribute->expected);
  if (options->verbose)
    qfu_say (options, "        %s", attribute->id);
  if (options->verbose && attribute->description != NULL)
    qfu_say_prose (options, attribute->description);
}

static void
attribute_json (JsonBuilder *builder, const QfuSecurityAttribute *attribute)
{
  const char *names[G_N_ELEMENTS (flags) + 1] = {NULL};
  gsize n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++) {
    if (attribute->flags & flags[i].flag)
      names[n++] = flags[i].name;
  }
  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", attribute->id);
  qfu_json_text (builder, "name", attribute->name);
  qfu_json_text (builder, "plugin", attribute->plugin);
  qfu_json_number (builder, "level", attribute->level);
  qfu_json_flag (builder, "good", (attribute->flags & QFU_SECURITY_SUCCESS) != 0);
  qfu_json_text (builder, "result", attribute->result);
  qfu_json_text (builder, "expected", attribute->expected);
  qfu_json_texts (builder, "flags", names);
  qfu_json_text (builder, "description", attribute->description);
  json_builder_end_object (builder);
}

/* Those of one level under its heading; what another one says better is left out. */
static void
say_level (const QfuOptions *options, const QfuSecurity *security, guint level)
{
  gboolean any = FALSE;

  for (guint i = 0; i < security->attributes->len; i++) {
    const QfuSecurityAttribute *attribute = g_ptr_array_index (security->attributes, i);

    if (attribute->level != level || attribute->flags & QFU_SECURITY_OBSOLETED)
      continue;
    if (!any && level > 0)
      qfu_say (options, "level %u", level);
    else if (!any)
      qfu_say (options, "of the running system");
    any = TRUE;
    say_attribute (options, attribute);
  }
}

gboolean
qfu_verb_security (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuSecurity) security = qfu_fwupd_security (config, error);
  JsonBuilder *builder;

  if (security == NULL)
    return FALSE;
  qfu_say (options, "host security: %s", security->id == NULL ? "unknown" : security->id);
  for (guint level = 1; level <= QFU_SECURITY_LEVEL_LAST; level++)
    say_level (options, security, level);
  say_level (options, security, 0);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_text (builder, "hsi", security->id);
  json_builder_set_member_name (builder, "attributes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < security->attributes->len; i++)
    attribute_json (builder, g_ptr_array_index (security->attributes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}
