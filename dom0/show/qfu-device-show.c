/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-device-show.h"

#include "qfu-print.h"

char *
qfu_device_title (const QfuDevice *device)
{
  return device->domain == NULL ? g_strdup (device->name)
                                : g_strdup_printf ("%s: %s", device->domain, device->name);
}

const char *
qfu_device_version (const QfuDevice *device)
{
  return device->version == NULL ? "unknown" : device->version;
}

const char *
qfu_device_takes_effect (const QfuDevice *device)
{
  if (device->flags & QFU_DEVICE_NEEDS_SHUTDOWN)
    return "when the machine was switched off and on";
  if ((device->flags & QFU_DEVICE_NEEDS_REBOOT) == 0)
    return NULL;
  return device->domain == NULL ? "after a reboot" : "when its USB qube was restarted";
}

static void
say_text (const QfuOptions *options, const char *name, const char *text)
{
  if (text != NULL)
    qfu_say_fact (options, name, "%s", text);
}

/* What a flag of a USB qube's device means. */
static const struct {
  QfuDeviceFlags flag;
  const char *text;
  const char *member; /* of --json */
} usb_words[] = {
    {QFU_DEVICE_KEYBOARD, "a keyboard", "keyboard"},
    {QFU_DEVICE_ELSEWHERE, "attached to another qube", "attachedElsewhere"},
    {QFU_DEVICE_BOOTLOADER, "waits for firmware", "bootloader"},
    {QFU_DEVICE_EMULATED, "emulated", "emulated"},
};

static void
say_usb (const QfuOptions *options, const QfuDevice *device)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (usb_words); i++) {
    if (device->flags & usb_words[i].flag)
      g_ptr_array_add (words, (gpointer)usb_words[i].text);
  }
  if (words->len > 0) {
    g_ptr_array_add (words, NULL);
    text = g_strjoinv (", ", (char **)words->pdata);
  }
  say_text (options, "state", text);
  say_text (options, "problem", device->problem);
}

static void
usb_json (JsonBuilder *builder, const QfuDevice *device)
{
  json_builder_set_member_name (builder, "usb");
  if (device->domain == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (usb_words); i++)
    qfu_json_flag (builder, usb_words[i].member, (device->flags & usb_words[i].flag) != 0);
  json_builder_end_object (builder);
}

void
qfu_device_say (const QfuOptions *options, const QfuDevice *device)
{
  gboolean updatable = (device->flags & QFU_DEVICE_UPDATABLE) != 0;

  qfu_say_as (options, QFU_STYLE_BOLD, "%s", device->name);
  say_text (options, "about", device->summary);
  say_text (options, "id", device->id);
  say_text (options, "vendor", device->vendor);
  say_text (options, "version", device->version);
  say_text (options, "lowest", device->version_lowest);
  say_text (options, "branch", device->branch);
  qfu_say_fact_as (options, updatable ? QFU_STYLE_GOOD : QFU_STYLE_DIM, "update", "%s%s",
                   updatable ? "possible" : "not possible",
                   device->flags & QFU_DEVICE_LOCKED ? "; it is locked" : "");
  if (updatable)
    say_text (options, "in effect", qfu_device_takes_effect (device));
  if (device->domain != NULL)
    say_usb (options, device);
  if (options->verbose)
    say_text (options, "plugin", device->plugin);
  for (gsize i = 0; options->verbose && device->guids[i] != NULL; i++)
    qfu_say_fact (options, "guid", "%s", device->guids[i]);
}

void
qfu_device_json (JsonBuilder *builder, const QfuDevice *device)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "domain", qfu_device_domain (device));
  qfu_json_text (builder, "id", device->id);
  qfu_json_text (builder, "parent", device->parent);
  qfu_json_text (builder, "name", device->name);
  qfu_json_text (builder, "vendor", device->vendor);
  qfu_json_text (builder, "summary", device->summary);
  qfu_json_text (builder, "plugin", device->plugin);
  qfu_json_text (builder, "version", device->version);
  qfu_json_text (builder, "versionFormat", device->version_format);
  qfu_json_text (builder, "versionLowest", device->version_lowest);
  qfu_json_flag (builder, "updatable", (device->flags & QFU_DEVICE_UPDATABLE) != 0);
  qfu_json_flag (builder, "needsReboot", (device->flags & QFU_DEVICE_NEEDS_REBOOT) != 0);
  qfu_json_flag (builder, "needsShutdown", (device->flags & QFU_DEVICE_NEEDS_SHUTDOWN) != 0);
  qfu_json_text (builder, "problem", device->problem);
  usb_json (builder, device);
  qfu_json_texts (builder, "guids", (const char *const *)device->guids);
  json_builder_end_object (builder);
}
