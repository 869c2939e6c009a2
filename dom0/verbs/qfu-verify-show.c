/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-verify-show.h"

#include "qfu-fit.h"
#include "qfu-inventory.h"
#include "qfu-print.h"

#define UNSIGNED                                                                                   \
  "the cabinet itself is not signed: dates and attributes of its members, their order, and what "  \
  "the jcat file says besides are nobody's word"
#define NAMED "signed metadata name the SHA-256 of the cabinet"

static void
say_item (const QfuOptions *options, const QfuCabItem *item, const char *sha256)
{
  const QfuSignature *signature = item->signature;
  g_autofree char *stated = g_strjoinv (", ", item->checksums);
  g_autofree char *time = signature == NULL ? NULL : qfu_time_text (qfu_signature_time (signature));

  qfu_say (options, "%s: %s, %" G_GUINT64_FORMAT " bytes", item->name,
           qfu_cab_role_name (item->role), qfu_untrusted_blob_size (item->blob));
  qfu_say (options, "  sha256     %s", sha256);
  if (item->reason != NULL)
    qfu_say (options, "  not signed: %s", item->reason);
  if (signature == NULL)
    return;
  qfu_say (options, "  stated     %s", stated);
  qfu_say (options, "  signed by  %s", qfu_signature_subject (signature));
  qfu_say (options, "  authority  %s", qfu_signature_authority (signature));
  qfu_say (options, "  serial     %s", qfu_signature_serial (signature));
  qfu_say (options, "  time       %s", time);
  if (qfu_signature_unknown (signature) > 0)
    qfu_say (options, "  unknown    %u signature(s) of an algorithm that is not known here",
             qfu_signature_unknown (signature));
}

static void
show_item (const QfuOptions *options, JsonBuilder *builder, const QfuCabItem *item)
{
  const QfuSignature *signature = item->signature;
  g_autofree char *sha256 = qfu_digest_to_hex (qfu_untrusted_blob_sha256 (item->blob));

  say_item (options, item, sha256);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", item->name);
  qfu_json_text (builder, "role", qfu_cab_role_name (item->role));
  qfu_json_number (builder, "size", (gint64)qfu_untrusted_blob_size (item->blob));
  qfu_json_text (builder, "sha256", sha256);
  qfu_json_texts (builder, "checksums", (const char *const *)item->checksums);
  qfu_json_flag (builder, "signed", signature != NULL);
  qfu_json_text (builder, "authority",
                 signature == NULL ? NULL : qfu_signature_authority (signature));
  qfu_json_text (builder, "subject", signature == NULL ? NULL : qfu_signature_subject (signature));
  qfu_json_text (builder, "serial", signature == NULL ? NULL : qfu_signature_serial (signature));
  qfu_json_number (builder, "time", signature == NULL ? 0 : qfu_signature_time (signature));
  qfu_json_number (builder, "unknownSignatures",
                   signature == NULL ? 0 : qfu_signature_unknown (signature));
  qfu_json_text (builder, "reason", item->reason);
  json_builder_end_object (builder);
}

void
qfu_verify_show_items (const QfuOptions *options, JsonBuilder *builder, const GPtrArray *items)
{
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < items->len; i++)
    show_item (options, builder, g_ptr_array_index (items, i));
  json_builder_end_array (builder);
}

/* (transfer full): a requirement as words. */
static char *
requirement_text (const QfuRequirement *requirement)
{
  const char *value = requirement->value == NULL ? "(none)" : requirement->value;
  g_autofree char *versions =
      requirement->compare == NULL || requirement->version == NULL
          ? g_strdup ("(any version)")
          : g_strdup_printf ("%s %s", requirement->compare, requirement->version);

  switch (requirement->kind) {
  case QFU_REQUIREMENT_ID:
    return g_strdup_printf ("%s %s", value, versions);
  case QFU_REQUIREMENT_FIRMWARE:
    return g_strdup_printf ("present firmware %s", versions);
  case QFU_REQUIREMENT_VENDOR_ID:
    return g_strdup_printf ("vendor id %s", versions);
  case QFU_REQUIREMENT_HARDWARE:
    return g_strdup_printf ("hardware %s", value);
  case QFU_REQUIREMENT_NOT_HARDWARE:
    return g_strdup_printf ("not hardware %s", value);
  case QFU_REQUIREMENT_CLIENT:
    return g_strdup_printf ("client %s", value);
  case QFU_REQUIREMENT_PHASED:
    return g_strdup ("a slow roll-out");
  case QFU_REQUIREMENT_UNKNOWN:
    break;
  }
  return g_strdup_printf ("not understood: %s", value);
}

static void
show_text (const QfuOptions *options, JsonBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    qfu_say (options, "  %-10s %s", name, text);
  qfu_json_text (builder, name, text);
}

static void
show_texts (const QfuOptions *options,
            JsonBuilder *builder,
            const char *name,
            const char *const *texts)
{
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    qfu_say (options, "  %-10s %s", name, texts[i]);
  qfu_json_texts (builder, name, texts);
}

static void
show_requirements (const QfuOptions *options, JsonBuilder *builder, const GPtrArray *requirements)
{
  json_builder_set_member_name (builder, "requires");
  json_builder_begin_array (builder);
  for (guint i = 0; i < requirements->len; i++) {
    g_autofree char *text = requirement_text (g_ptr_array_index (requirements, i));

    qfu_say (options, "  %-10s %s", "requires", text);
    json_builder_add_string_value (builder, text);
  }
  json_builder_end_array (builder);
}

void
qfu_verify_show_component (const QfuOptions *options,
                           JsonBuilder *builder,
                           const QfuCabReport *report)
{
  const QfuComponent *component = report->component;
  const QfuComponentRelease *release = report->release;

  json_builder_set_member_name (builder, "component");
  if (component == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  qfu_say (options, "firmware %s", component->id);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", component->id);
  show_text (options, builder, "name", component->name);
  show_text (options, builder, "summary", component->summary);
  show_text (options, builder, "vendor", component->vendor);
  show_text (options, builder, "branch", component->branch);
  show_text (options, builder, "protocol", component->protocol);
  show_text (options, builder, "version", release == NULL ? NULL : release->version);
  show_text (options, builder, "urgency", release == NULL ? NULL : release->urgency);
  show_texts (options, builder, "cves",
              release == NULL ? NULL : (const char *const *)release->cves);
  show_texts (options, builder, "guids", (const char *const *)component->guids);
  show_requirements (options, builder, component->requirements);
  if (release != NULL && release->description != NULL)
    qfu_say_prose (options, release->description);
  qfu_json_text (builder, "description", release == NULL ? NULL : release->description);
  json_builder_end_object (builder);
}

static void
show_container (const QfuOptions *options, JsonBuilder *builder, gboolean named)
{
  qfu_say (options, "%s", named ? NAMED : UNSIGNED);
  json_builder_set_member_name (builder, "container");
  json_builder_begin_object (builder);
  qfu_json_flag (builder, "signed", named);
  qfu_json_text (builder, "note", named ? NAMED : UNSIGNED);
  json_builder_end_object (builder);
}

void
qfu_verify_show_voucher (const QfuOptions *options, JsonBuilder *builder, const QfuVoucher *voucher)
{
  g_autofree char *time = NULL;

  show_container (options, builder, voucher != NULL && voucher->version != NULL);
  json_builder_set_member_name (builder, "metadata");
  if (voucher == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  qfu_json_text (builder, "authority", voucher->authority);
  qfu_json_text (builder, "subject", voucher->subject);
  qfu_json_number (builder, "signed", voucher->time);
  qfu_json_flag (builder, "stale", voucher->stale);
  qfu_json_text (builder, "version", voucher->version);
  json_builder_end_object (builder);
  if (voucher->authority == NULL)
    return;
  time = qfu_time_text (voucher->time);
  qfu_say (options, "metadata signed by %s on %s for %s%s", voucher->subject, time,
           voucher->authority, voucher->stale ? ": newer one may call it withdrawn" : "");
}

static void
show_fit (const QfuInventory *inventory,
          const QfuOptions *options,
          JsonBuilder *builder,
          const QfuCabReport *report,
          const QfuDevice *device)
{
  const QfuPolicy policy = {.fwupd_version = inventory->machine->fwupd_version,
                            .hardware = (const char *const *)inventory->hardware};
  g_autofree char *reason = qfu_fit_objection (report->component, report->release, device, &policy);

  qfu_say (options, "  %s (version %s): %s", device->name,
           device->version == NULL ? "unknown" : device->version,
           reason == NULL ? "it fits" : reason);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", device->id);
  qfu_json_text (builder, "deviceName", device->name);
  qfu_json_text (builder, "version", device->version);
  qfu_json_flag (builder, "fits", reason == NULL);
  qfu_json_text (builder, "reason", reason);
  json_builder_end_object (builder);
}

void
qfu_verify_show_devices (const QfuConfig *config,
                         const QfuOptions *options,
                         JsonBuilder *builder,
                         const QfuCabReport *report)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuInventory) inventory = NULL;
  guint others = 0;

  if (report->component != NULL && report->release != NULL)
    inventory = qfu_inventory_machine (config, &problem);
  json_builder_set_member_name (builder, "devices");
  if (inventory == NULL) {
    if (problem != NULL)
      qfu_say (options, "whether it is for this machine is not known: %s", problem->message);
    json_builder_add_null_value (builder);
    return;
  }
  qfu_say (options, "devices of this machine that it is for:");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inventory->machine->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (inventory->machine->devices, i);

    if (qfu_fit_guids (report->component, (const char *const *)device->guids))
      show_fit (inventory, options, builder, report, device);
    else
      others++;
  }
  if (others == inventory->machine->devices->len)
    qfu_say (options, "  none");
  json_builder_end_array (builder);
}
