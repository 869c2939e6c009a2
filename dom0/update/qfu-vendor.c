/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-vendor.h"

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-manifest-file.h"
#include "qfu-print.h"

/* At most one of @from_cab and @named is there. */
struct _QfuVendor {
  QfuVendorManifest *from_cab;
  QfuManifest *named;
  QfuDigest named_sha256;
  char *version;
  char **checksums;
};

void
qfu_vendor_free (QfuVendor *vendor)
{
  if (vendor == NULL)
    return;
  qfu_vendor_manifest_free (vendor->from_cab);
  qfu_manifest_free (vendor->named);
  g_free (vendor->version);
  g_strfreev (vendor->checksums);
  g_free (vendor);
}

static QfuVendor *
vendor_of_release (const QfuComponentRelease *release)
{
  QfuVendor *vendor = g_new0 (QfuVendor, 1);

  vendor->version = g_strdup (release->version);
  vendor->checksums = g_strdupv (release->device_checksums);
  return vendor;
}

QfuVendor *
qfu_vendor_of_content (const QfuCabContent *content, const QfuConfig *config, GError **error)
{
  g_autoptr (QfuVendor) vendor = vendor_of_release (qfu_cab_content_release (content));

  return qfu_cab_manifest (config, content, &vendor->from_cab, error) ? g_steal_pointer (&vendor)
                                                                      : NULL;
}

QfuVendor *
qfu_vendor_of_cargo (QfuCargo *cargo, const QfuConfig *config, GError **error)
{
  const QfuCabContent *content = qfu_cargo_content (cargo);
  g_autoptr (QfuVendor) vendor = NULL;
  const QfuVerifiedRom *rom;
  gint64 now;

  if (content != NULL)
    return qfu_vendor_of_content (content, config, error);
  rom = qfu_cargo_rom (cargo, config, error);
  if (rom == NULL || !qfu_clock_now (config, &now, error))
    return NULL;
  vendor = vendor_of_release (qfu_cargo_release (cargo));
  return qfu_cab_manifest_of_rom (config, qfu_cargo_firmware_keys (cargo), rom, now,
                                  &vendor->from_cab, error)
             ? g_steal_pointer (&vendor)
             : NULL;
}

QfuVendor *
qfu_vendor_of_file (const char *path, const QfuConfig *config, GError **error)
{
  g_autoptr (QfuVendor) vendor = g_new0 (QfuVendor, 1);

  vendor->named = qfu_manifest_file_read (config, path, &vendor->named_sha256, error);
  return vendor->named != NULL ? g_steal_pointer (&vendor) : NULL;
}

const QfuDigest *
qfu_vendor_manifest_digest (const QfuVendor *vendor)
{
  if (vendor->from_cab != NULL)
    return qfu_vendor_manifest_sha256 (vendor->from_cab);
  return vendor->named != NULL ? &vendor->named_sha256 : NULL;
}

GPtrArray *
qfu_vendor_compare (const QfuVendor *vendor, const QfuPlan *plan, const QfuPrediction *prediction)
{
  const gboolean composed = plan->vendor_image != NULL;
  const QfuManifestQuestion question = {
      .manifest =
          vendor->from_cab != NULL ? qfu_vendor_manifest_content (vendor->from_cab) : vendor->named,
      .version = vendor->version,
      .checksums = (const char *const *)vendor->checksums,
      .image = composed ? plan->vendor_image : plan->image,
      .rom = composed ? plan->vendor_rom : plan->rom,
      .composed = composed ? plan->image : NULL,
      .composed_rom = composed ? plan->rom : NULL,
      .prediction = prediction,
  };
  g_autoptr (GError) problem = NULL;
  GPtrArray *findings = qfu_manifest_check (&question, &problem);

  if (findings != NULL)
    return findings;
  findings = qfu_findings_new ();
  qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, "image", "%s", problem->message);
  return findings;
}

void
qfu_vendor_say (const QfuOptions *options, const GPtrArray *findings)
{
  for (guint i = 0; findings != NULL && i < findings->len; i++) {
    const QfuFinding *finding = g_ptr_array_index (findings, i);

    qfu_say (options, "  declared by the vendor: %s %s: %s", finding->object,
             qfu_finding_status_name (finding->status), finding->message);
  }
}

void
qfu_vendor_json (JsonBuilder *builder, const QfuDigest *manifest, const GPtrArray *findings)
{
  json_builder_set_member_name (builder, "declared");
  if (findings == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  qfu_json_digest (builder, "manifest", manifest);
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++) {
    const QfuFinding *finding = g_ptr_array_index (findings, i);

    json_builder_begin_object (builder);
    qfu_json_text (builder, "object", finding->object);
    qfu_json_text (builder, "status", qfu_finding_status_name (finding->status));
    qfu_json_text (builder, "message", finding->message);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}
