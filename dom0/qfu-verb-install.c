/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* install: a cab at hand, which must be one that verified metadata names. */

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-machine.h"
#include "qfu-print.h"
#include "qfu-update.h"

/* The release with that digest among those of one source for one device. */
static gboolean
find_release (const QfuSource *source,
              const QfuDevice *device,
              const QfuPolicy *policy,
              const QfuDigest *sha256,
              QfuOffer *offer,
              GError **error)
{
  g_autoptr (GPtrArray) candidates = qfu_catalog_releases (source->catalog, device, policy);

  for (guint i = 0; i < candidates->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (candidates, i);
    const QfuComponentRelease *data = qfu_release_data (candidate->release);

    if (!data->has_sha256 || !qfu_digest_equal (&data->sha256, sha256))
      continue;
    if (candidate->reason != NULL) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s", device->name, candidate->reason);
      return FALSE;
    }
    offer->source = source;
    offer->release = candidate->release;
    return TRUE;
  }
  return TRUE;
}

static const QfuDevice *
find_device (const QfuInventory *inventory,
             const GPtrArray *devices,
             const QfuOptions *options,
             const QfuDigest *sha256,
             QfuOffer *offer,
             GError **error)
{
  const QfuPolicy policy = {.fwupd_version = inventory->machine->fwupd_version,
                            .hardware = (const char *const *)inventory->hardware,
                            .allow_older = options->allow_older,
                            .allow_reinstall = options->allow_reinstall};

  for (guint i = 0; i < devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);

    for (guint j = 0; j < inventory->sources->len; j++) {
      if (!find_release (g_ptr_array_index (inventory->sources, j), device, &policy, sha256, offer,
                         error))
        return NULL;
      if (offer->release != NULL)
        return device;
    }
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "%s is not a cab that verified metadata names for a device of this machine; "
               "`qubes-fwupdmgr refresh` may "
               "bring newer metadata, `qubes-fwupdmgr verify` says what is in the file",
               offer->file);
  return NULL;
}

gboolean
qfu_verb_install (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  QfuOffer offer = {.file = options->arguments[0]};
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuUntrustedBlob) cab = NULL;
  g_autoptr (QfuInventory) inventory = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const QfuDevice *device;
  gint64 now;

  if (offer.file == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "install needs the path of a cab");
    return FALSE;
  }
  if (!qfu_machine_lock (config, &lock, error) || !qfu_clock_start (config, &now, error))
    return FALSE;
  cab = qfu_untrusted_blob_load (offer.file, QFU_CAB_SIZE_MAX, FALSE, error);
  if (cab == NULL)
    return FALSE;
  inventory = qfu_inventory_load (config, now, error);
  if (inventory == NULL || !qfu_inventory_check_fresh (inventory, options, error))
    return FALSE;
  devices = qfu_inventory_select (inventory, options->device, error);
  if (devices == NULL)
    return FALSE;
  device =
      find_device (inventory, devices, options, qfu_untrusted_blob_sha256 (cab), &offer, error);
  if (device == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "updated");
  json_builder_begin_array (builder);
  if (!qfu_update_run (inventory, options, device, &offer, builder, error))
    return FALSE;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  return TRUE;
}
