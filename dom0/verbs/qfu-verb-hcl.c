/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* hcl: what Qubes' list of compatible hardware wants to know of a machine's firmware. */

#include "qfu-fwupd-calls.h"
#include "qfu-fwupd-security.h"
#include "qfu-lockdown.h"
#include "qfu-machine.h"
#include "qfu-print.h"
#include "qfu-smbios.h"
#include "qfu-verbs.h"

#include <string.h>

/* Two lines in the form of a report of qubes-hcl-report: YAML with a quoted text. */
static void
say_entry (const QfuOptions *options, const char *name, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text == NULL ? "unknown" : text, "'", -1);
  g_autofree char *quoted = g_strjoinv ("''", parts);

  qfu_say (options, "%s:", name);
  qfu_say (options, "  '%s'", quoted);
}

static void
show_entry (const QfuOptions *options,
            JsonBuilder *builder,
            const char *name,
            const char *member,
            const char *text)
{
  say_entry (options, name, text);
  qfu_json_text (builder, member, text);
}

static void
show_devices (const QfuOptions *options, JsonBuilder *builder, const QfuMachine *machine)
{
  g_autoptr (GString) list = g_string_new (NULL);

  json_builder_set_member_name (builder, "updatableDevices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < machine->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (machine->devices, i);

    if (!(device->flags & QFU_DEVICE_UPDATABLE))
      continue;
    g_string_append_printf (list, "%s%s %s", list->len > 0 ? ", " : "", device->name,
                            device->version == NULL ? "(unknown)" : device->version);
    json_builder_begin_object (builder);
    qfu_json_text (builder, "name", device->name);
    qfu_json_text (builder, "vendor", device->vendor);
    qfu_json_text (builder, "plugin", device->plugin);
    qfu_json_text (builder, "version", device->version);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  say_entry (options, "fwupd-devices", list->len == 0 ? "none" : list->str);
}

/* Whether a register that belongs to the firmware was extended: they start as zeros. */
static gboolean
was_extended (const QfuPcrSet *pcrs)
{
  static const guint8 zeros[QFU_DIGEST_MAX];

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < 8; pcr++) {
      const QfuDigest *value = qfu_pcr_set_get (pcrs, qfu_bank_hash (bank), pcr);

      if (value != NULL && memcmp (value->data, zeros, value->size) != 0)
        return TRUE;
    }
  }
  return FALSE;
}

static void
show_measured_boot (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) problem = NULL;
  QfuPcrSet pcrs;
  const char *word = NULL;

  if (qfu_machine_pcrs (config, &pcrs, &problem))
    word = was_extended (&pcrs) ? "yes" : "no";
  else
    qfu_warn ("warning: whether the boot is measured is not known: %s", problem->message);
  show_entry (options, builder, "measured-boot", "measuredBoot", word);
}

static void
show_security (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuSecurity) security = qfu_fwupd_security (config, &problem);

  if (security == NULL)
    qfu_warn ("warning: %s", problem->message);
  show_entry (options, builder, "host-security", "hsi", security == NULL ? NULL : security->id);
}

gboolean
qfu_verb_hcl (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuMachine) machine = qfu_fwupd_machine (config, error);
  g_auto (QfuSmbios) smbios = {NULL};
  JsonBuilder *builder;

  if (machine == NULL)
    return FALSE;
  qfu_smbios_read (config, &smbios);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  show_entry (options, builder, "fwupd", "fwupd", machine->fwupd_version);
  show_devices (options, builder, machine);
  show_entry (options, builder, "firmware-vendor", "firmwareVendor", smbios.bios_vendor);
  show_entry (options, builder, "firmware-version", "firmwareVersion", smbios.bios_version);
  show_measured_boot (config, options, builder);
  show_entry (options, builder, "kernel-lockdown", "lockdown", qfu_lockdown_mode (""));
  show_security (config, options, builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}
