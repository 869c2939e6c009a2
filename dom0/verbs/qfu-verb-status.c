/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* status: what an update of this machine's firmware needs, and what is in its way. */

#include "qfu-chiplock.h"
#include "qfu-flash-hint.h"
#include "qfu-flashjournal.h"
#include "qfu-fwupd-calls.h"
#include "qfu-lockdown.h"
#include "qfu-machine.h"
#include "qfu-verbs.h"
#include "qfu-plugin-builds.h"
#include "qfu-print.h"
#include "qfu-refresh-show.h"
#include "qfu-refstore.h"

#include <errno.h>

/* What goes wrong with one part is said in its place, and the others follow. */
static void
show_error (const QfuOptions *options, JsonBuilder *builder, const GError *error)
{
  qfu_say (options, "  %s", error->message);
  qfu_json_error (builder, error);
}

static void
begin (const QfuOptions *options, JsonBuilder *builder, const char *name, const char *title)
{
  qfu_say_as (options, QFU_STYLE_BOLD, "%s", title);
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

static const QfuDevice *
find_device (const QfuMachine *machine)
{
  for (guint i = 0; i < machine->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (machine->devices, i);

    if (g_strcmp0 (device->plugin, QFU_PLUGIN_NAME) == 0)
      return device;
  }
  return NULL;
}

static void
show_device (const QfuOptions *options, JsonBuilder *builder, const QfuDevice *device)
{
  json_builder_set_member_name (builder, "device");
  if (device == NULL) {
    json_builder_add_null_value (builder);
    qfu_say_fact (options, "device", "none; `journalctl -u fwupd` may say why");
    return;
  }
  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", device->id);
  qfu_json_text (builder, "name", device->name);
  qfu_json_text (builder, "version", device->version);
  json_builder_end_object (builder);
  qfu_say_fact (options, "device", "%s %s (%s)", device->name,
                device->version != NULL ? device->version : "of no known version", device->id);
}

static void
show_fwupd (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMachine) machine = qfu_fwupd_machine (config, &error);
  g_autoptr (GPtrArray) builds = qfu_plugin_builds (config);
  const char *version = machine == NULL ? NULL : machine->fwupd_version;
  g_autofree char *trouble = version == NULL ? NULL : qfu_plugin_builds_trouble (builds, version);
  g_autofree char *list = NULL;

  g_ptr_array_add (builds, NULL);
  list = g_strjoinv (", ", (char **)builds->pdata);
  begin (options, builder, "fwupd", "fwupd");
  qfu_json_text (builder, "version", version);
  qfu_json_texts (builder, "pluginBuilds", (const char *const *)builds->pdata);
  qfu_json_text (builder, "pluginTrouble", trouble);
  if (version != NULL)
    qfu_say_fact (options, "version", "%s", version);
  qfu_say_fact (options, "plugin", "%s%s", list[0] == '\0' ? "not installed" : "for fwupd ", list);
  if (trouble != NULL)
    qfu_say (options, "  %s", trouble);
  if (machine == NULL)
    show_error (options, builder, error);
  else
    show_device (options, builder, find_device (machine));
  json_builder_end_object (builder);
}

/* What root would meet: it is fwupd and root's own call that open the programmer. */
static QfuFlashFacts
facts_for_root (const char *name, const char *arguments)
{
  QfuFlashFacts facts = qfu_flash_facts ("", name, arguments);

  if (!facts.root && facts.mem_error == EACCES)
    facts.mem_error = 0;
  facts.root = TRUE;
  return facts;
}

static void
show_obstacles (const QfuOptions *options,
                JsonBuilder *builder,
                const char *name,
                const QfuFlashFacts *facts)
{
  g_autoptr (GPtrArray) hints = qfu_flash_hints (name, facts);

  for (guint i = 0; i < hints->len; i++)
    qfu_say (options, "  %s", (const char *)g_ptr_array_index (hints, i));
  g_ptr_array_add (hints, NULL);
  qfu_json_texts (builder, "obstacles", (const char *const *)hints->pdata);
}

static void
show_chip_user (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  guint pid;

  if (!qfu_chiplock_holder (config, &pid, &error)) {
    show_error (options, builder, error);
    return;
  }
  qfu_json_number (builder, "process", pid);
  if (pid == 0)
    qfu_say (options, "  nobody uses the chip");
  else
    qfu_say (options, "  process %u uses the chip", pid);
}

static void
show_chip (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_auto (GStrv) parts = g_strsplit (config->programmer, ":", 2);
  const char *name = parts[0] != NULL ? parts[0] : "";
  const char *arguments = parts[0] != NULL ? parts[1] : NULL;
  const char *lockdown = qfu_lockdown_mode ("");
  QfuFlashFacts facts = facts_for_root (name, arguments);

  begin (options, builder, "chip", "flash chip");
  qfu_say_fact (options, "programmer", "%s", name[0] != '\0' ? config->programmer : "none");
  qfu_json_text (builder, "programmer", name);
  qfu_json_text (builder, "arguments", arguments);
  qfu_json_text (builder, "layout", config->layout);
  qfu_json_text (builder, "lockdown", lockdown);
  if (lockdown != NULL)
    qfu_say_fact (options, "lockdown", "%s", lockdown);
  show_obstacles (options, builder, name, &facts);
  show_chip_user (config, options, builder);
  json_builder_end_object (builder);
}

static void
show_write (const QfuOptions *options, JsonBuilder *builder, const QfuFlashEntry *entry)
{
  g_autofree char *time = qfu_time_text (entry->state_time);

  qfu_say (options,
           "  write %u is not finished (%s since %s%s%s): run `qubes-fwupdmgr recover`, and do not "
           "switch the machine off before",
           entry->id, qfu_flash_state_name (entry->state), time,
           entry->reason[0] == '\0' ? "" : ": ", entry->reason);
  json_builder_begin_object (builder);
  qfu_json_number (builder, "entry", entry->id);
  qfu_json_text (builder, "state", qfu_flash_state_name (entry->state));
  qfu_json_text (builder, "reason", entry->reason);
  qfu_json_number (builder, "stateTime", entry->state_time);
  qfu_json_number (builder, "record", entry->record);
  json_builder_end_object (builder);
}

/* A write that was cut off. */
static void
show_unfinished (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuFlashEntry) entry = NULL;
  gboolean read = qfu_flashjournal_unfinished (config, &entry, &error);

  json_builder_set_member_name (builder, "unfinished");
  if (entry == NULL)
    json_builder_add_null_value (builder);
  else
    show_write (options, builder, entry);
  if (!read)
    show_error (options, builder, error);
  else if (entry == NULL)
    qfu_say (options, "  all are finished");
}

static void
show_journal (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  begin (options, builder, "journal", "writes");
  show_unfinished (config, options, builder);
  json_builder_end_object (builder);
}

static void
show_record (const QfuOptions *options, JsonBuilder *builder, const QfuRefRecord *record)
{
  g_autofree char *time = qfu_time_text (record->state_time);

  qfu_say (options, "  record %u: %s since %s, %s -> %s", record->id,
           qfu_ref_state_name (record->state), time, record->version_from, record->version_to);
  json_builder_begin_object (builder);
  qfu_json_number (builder, "record", record->id);
  qfu_json_text (builder, "state", qfu_ref_state_name (record->state));
  qfu_json_number (builder, "stateTime", record->state_time);
  qfu_json_text (builder, "versionFrom", record->version_from);
  qfu_json_text (builder, "versionTo", record->version_to);
  json_builder_end_object (builder);
}

/* Records of updates whose boot has not been attested. */
static void
show_updates (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  static const QfuRefState states[] = {QFU_REF_PENDING, QFU_REF_CONSUMED, QFU_REF_WRITTEN};
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = qfu_refstore_open (config, FALSE, &error);
  guint n = 0;

  begin (options, builder, "updates", "updates");
  json_builder_set_member_name (builder, "waiting");
  json_builder_begin_array (builder);
  for (gsize i = 0; store != NULL && i < G_N_ELEMENTS (states); i++) {
    const QfuRefRecord *record = qfu_refstore_latest (store, states[i]);

    if (record != NULL)
      show_record (options, builder, record);
    n += record != NULL;
  }
  json_builder_end_array (builder);
  if (store == NULL)
    show_error (options, builder, error);
  else if (n == 0)
    qfu_say (options, "  none waits for its boot");
  json_builder_end_object (builder);
}

static gboolean
has_bank (const QfuPcrSet *pcrs, QfuHash bank)
{
  for (guint i = 0; i < QFU_PCR_COUNT; i++) {
    if (qfu_pcr_set_get (pcrs, bank, i) != NULL)
      return TRUE;
  }
  return FALSE;
}

static void
show_banks (const QfuOptions *options, JsonBuilder *builder, const QfuPcrSet *pcrs)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *list = NULL;

  for (gsize i = 0; i < QFU_BANK_COUNT; i++) {
    if (has_bank (pcrs, qfu_bank_hash (i)))
      g_ptr_array_add (names, (gpointer)qfu_hash_name (qfu_bank_hash (i)));
  }
  g_ptr_array_add (names, NULL);
  list = g_strjoinv (", ", (char **)names->pdata);
  qfu_say (options, "  PCRs of %s", list[0] == '\0' ? "no bank" : list);
  qfu_json_texts (builder, "banks", (const char *const *)names->pdata);
}

static void
show_tpm (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  QfuPcrSet pcrs;

  begin (options, builder, "tpm", "TPM");
  qfu_json_text (builder, "tcti", config->tcti);
  if (qfu_machine_pcrs (config, &pcrs, &error))
    show_banks (options, builder, &pcrs);
  else
    show_error (options, builder, error);
  json_builder_end_object (builder);
}

static void
show_log (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  QfuFlashFacts facts = facts_for_root (QFU_FLASH_CBMEM, NULL);

  facts.coreboot_bus = qfu_coreboot_bus_has_cbmem (config->coreboot_bus);
  begin (options, builder, "cbmem", "coreboot's log in memory");
  qfu_json_flag (builder, "wanted",
                 g_strv_contains ((const char *const *)config->event_logs, QFU_CONFIG_CBMEM));
  show_obstacles (options, builder, QFU_FLASH_CBMEM, &facts);
  json_builder_end_object (builder);
}

/* Of which a later one counts before an earlier one. */
static void
show_settings (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  begin (options, builder, "settings", "settings");
  for (gsize i = 0; config->files[i] != NULL; i++)
    qfu_say (options, "  %s", config->files[i]);
  if (config->files[0] == NULL)
    qfu_say (options, "  no file: all is default");
  qfu_json_texts (builder, "files", (const char *const *)config->files);
  json_builder_end_object (builder);
}

gboolean
qfu_verb_status (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_refresh_show (config, options, builder);
  show_fwupd (config, options, builder);
  show_chip (config, options, builder);
  show_journal (config, options, builder);
  show_updates (config, options, builder);
  show_tpm (config, options, builder);
  show_log (config, options, builder);
  show_settings (config, options, builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}
