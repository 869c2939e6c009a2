/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-heads-find.h"

#include "qfu-error.h"
#include "qfu-version.h"

#include <string.h>

#define NUMBERS "triplet" /* versions of Heads are numbers with dots */
#define OLDEST "0"        /* for one that names no version: anything is newer */

/* What stands for the firmware where fwupd has no device for it. */
typedef struct {
  QfuDevice device;
  char *none[1];
  char *protocols[2];
} Firmware;

const char *
qfu_heads_found_name (const QfuHeadsFound *found)
{
  return found->board != NULL ? found->board : found->component->id;
}

void
qfu_heads_found_clear (QfuHeadsFound *found)
{
  qfu_smbios_clear (&found->smbios);
  g_clear_pointer (&found->running, g_free);
  g_clear_pointer (&found->board, g_free);
}

/* @named: (out): whether SMBIOS says so. */
static gboolean
boots_heads (const QfuConfig *config, QfuHeadsFound *found, gboolean *named)
{
  qfu_smbios_read (config, &found->smbios);
  *named = qfu_heads_runs (found->smbios.bios_version, &found->running);
  return config->secrets_heads == QFU_HEADS_YES ||
         (*named && config->secrets_heads == QFU_HEADS_AUTO);
}

gboolean
qfu_heads_check_absent (const QfuConfig *config, GError **error)
{
  g_auto (QfuHeadsFound) found = {0};
  gboolean named;

  if (!boots_heads (config, &found, &named))
    return TRUE;
  return qfu_error_set (error, QFU_ERROR_REFUSED,
                        "this machine boots through Heads, which keeps its owner's keys in the "
                        "chip and writes it by itself: `qubes-fwupdmgr update-heads` puts firmware "
                        "ready for it ([Secrets] Heads=no says that it is not Heads)");
}

gboolean
qfu_heads_check_runs (const QfuConfig *config, QfuHeadsFound *found, GError **error)
{
  gboolean runs;

  if (boots_heads (config, found, &runs))
    return TRUE;
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_NOTHING, "this machine does not boot through Heads: %s '%s'%s",
      runs ? "[Secrets] Heads=no stands against the BIOS version" : "SMBIOS has the BIOS version",
      found->smbios.bios_version == NULL ? "" : found->smbios.bios_version,
      runs ? "" : "; if it does, [Secrets] Heads=yes says so");
  return FALSE;
}

/* (transfer container): the components of all sources. */
static GPtrArray *
all_components (const QfuInventory *inventory)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < inventory->sources->len; i++) {
    const QfuSource *source = g_ptr_array_index (inventory->sources, i);
    const GPtrArray *components = qfu_catalog_components (source->catalog);

    for (guint j = 0; j < components->len; j++)
      g_ptr_array_add (all, g_ptr_array_index (components, j));
  }
  return all;
}

static void
stand_for (const QfuInventory *inventory, const QfuHeadsFound *found, Firmware *firmware)
{
  *firmware = (Firmware){
      .device = {.id = (char *)"heads",
                 .name = (char *)qfu_heads_found_name (found),
                 .version = found->running != NULL ? found->running : (char *)OLDEST,
                 .version_format = (char *)NUMBERS,
                 .branch = found->component->branch,
                 .guids = inventory->identity,
                 .flags = QFU_DEVICE_UPDATABLE | QFU_DEVICE_INTERNAL | QFU_DEVICE_NEEDS_REBOOT}};
  /* Heads writes it, not fwupd: whatever the component says of that does not stand in the way */
  firmware->protocols[0] = found->component->protocol;
  firmware->device.protocols = firmware->protocols;
  firmware->device.vendor_ids = firmware->none;
}

/* Takes the newest of one source, or why there is none. */
static void
consider (const QfuSource *source,
          const QfuInventory *inventory,
          const QfuOptions *options,
          QfuHeadsFound *found,
          GError **why)
{
  const QfuPolicy policy = qfu_inventory_policy (inventory, options, NULL, source);
  g_autoptr (GPtrArray) candidates = NULL;
  const QfuCandidate *newest = NULL;
  Firmware firmware;

  stand_for (inventory, found, &firmware);
  candidates =
      qfu_catalog_releases_of (source->catalog, found->component->id, &firmware.device, &policy);
  for (guint i = 0; i < candidates->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (candidates, i);

    if (newest == NULL || (newest->reason != NULL && candidate->reason == NULL))
      newest = candidate;
  }
  if (newest == NULL)
    return;
  if (newest->reason == NULL) {
    const char *version = qfu_release_version (newest->release);

    if (found->offer.release == NULL ||
        qfu_version_compare (version, qfu_release_version (found->offer.release), NUMBERS) > 0)
      found->offer = (QfuOffer){source, newest->release, NULL};
    return;
  }
  if (newest->order > 0 && (*why == NULL || g_error_matches (*why, QFU_ERROR, QFU_ERROR_NOTHING))) {
    g_clear_error (why);
    g_set_error (why, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s cannot be taken: %s",
                 found->component->id, qfu_release_version (newest->release), newest->reason);
  } else if (*why == NULL) {
    g_set_error (why, QFU_ERROR, QFU_ERROR_NOTHING, "%s: %s runs, and the newest is %s",
                 found->component->id, firmware.device.version,
                 qfu_release_version (newest->release));
  }
}

gboolean
qfu_heads_find (const QfuInventory *inventory,
                const QfuOptions *options,
                const char *wanted,
                QfuHeadsFound *found,
                GError **error)
{
  g_autoptr (GPtrArray) components = all_components (inventory);
  const QfuHeadsMachine machine = {.product = found->smbios.product,
                                   .family = found->smbios.family,
                                   .hardware = (const char *const *)inventory->identity,
                                   .wanted = wanted};
  g_autoptr (GError) why = NULL;
  const QfuComponent *component = qfu_heads_choose (components, &machine, &found->reason, error);

  if (component == NULL)
    return FALSE;
  found->component = component;
  found->board = qfu_heads_board (component);
  for (guint i = 0; i < inventory->sources->len; i++)
    consider (g_ptr_array_index (inventory->sources, i), inventory, options, found, &why);
  if (found->offer.release != NULL)
    return TRUE;
  if (why == NULL)
    g_set_error (&why, QFU_ERROR, QFU_ERROR_NOTHING, "%s: the metadata have no release",
                 found->component->id);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}
