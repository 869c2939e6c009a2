/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* update and install: the main path, from verified metadata to a written chip, on one screen. */

#include "qfu-update.h"

#include "qfu-cargo.h"
#include "qfu-device-show.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-flashing.h"
#include "qfu-machine.h"
#include "qfu-obtain.h"
#include "qfu-print.h"
#include "qfu-progress.h"
#include "qfu-signal.h"
#include "qfu-system.h"
#include "qfu-usb-update.h"
#include "qfu-version.h"

#include <string.h>

/* One firmware for one device, on its way. */
typedef struct {
  QfuInventory *inventory;
  const QfuOptions *options;
  const QfuDevice *device;
  QfuCargo *cargo;
  QfuSystem *system;
  QfuSummary summary; /* once there was a plan */
} Job;

static void
job_clear (Job *job)
{
  g_clear_pointer (&job->system, qfu_system_free);
  g_clear_pointer (&job->cargo, qfu_cargo_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

/* What the device says of itself once it was written; not of one that boots first, or that is not
 * back yet. */
static gboolean
job_check_version (const Job *job, GError **error)
{
  const char *expected = qfu_cargo_version (job->cargo);
  g_autoptr (QfuMachine) machine = NULL;

  if (qfu_device_takes_effect (job->device) != NULL)
    return TRUE;
  machine = qfu_fwupd_machine (job->inventory->config, error);
  if (machine == NULL)
    return FALSE;
  for (guint i = 0; i < machine->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (machine->devices, i);

    if (strcmp (device->id, job->device->id) != 0 || device->version == NULL ||
        qfu_version_compare (device->version, expected, device->version_format) == 0)
      continue;
    if (g_strcmp0 (device->version, job->device->version) == 0) {
      qfu_warn ("warning: fwupd reports success, but the device still reports version %s; it may "
                "have to be activated, unplugged or switched off",
                device->version);
      return TRUE;
    }
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "version %s was installed, but the device reports %s: the cab brought another "
                 "firmware than the one that it was signed as",
                 expected, device->version);
    return FALSE;
  }
  return TRUE;
}

static gboolean
job_install (Job *job, GError **error)
{
  guint flags = (job->options->allow_older ? QFU_INSTALL_ALLOW_OLDER : 0) |
                (job->options->allow_reinstall ? QFU_INSTALL_ALLOW_REINSTALL : 0);
  QfuProgress *progress = qfu_progress_new (job->options, "writing", QFU_PROGRESS_PERCENT);
  gboolean installed;

  installed =
      qfu_fwupd_install (job->inventory->config, job->device->id, flags, qfu_cargo_cab (job->cargo),
                         qfu_progress_on_percent, progress, error);
  qfu_progress_free (progress);
  if (!installed && !qfu_system_rescue (job->system, error))
    return FALSE;
  return qfu_system_check_written (job->system, error) && job_check_version (job, error);
}

static void
job_json (const Job *job, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", job->device->id);
  qfu_json_text (builder, "deviceName", job->device->name);
  qfu_json_text (builder, "domain", qfu_device_domain (job->device));
  qfu_json_text (builder, "versionFrom", job->device->version);
  qfu_json_text (builder, "versionTo", qfu_cargo_version (job->cargo));
  qfu_json_flag (builder, "dryRun", job->options->dry_run);
  qfu_json_flag (builder, "needsReboot", (job->device->flags & QFU_DEVICE_NEEDS_REBOOT) != 0);
  qfu_summary_json (&job->summary, builder);
  qfu_system_json (job->system, builder);
  json_builder_end_object (builder);
}

static void
job_done (const Job *job, JsonBuilder *builder)
{
  const char *effect = qfu_device_takes_effect (job->device);

  qfu_say_as (job->options, QFU_STYLE_GOOD, "  %s is installed%s%s", qfu_cargo_version (job->cargo),
              effect == NULL ? "" : "; it takes effect ", effect == NULL ? "" : effect);
  qfu_system_say_done (job->system);
  job_json (job, builder);
}

static gboolean
job_rehearsed (const Job *job, JsonBuilder *builder)
{
  qfu_say (job->options, "  dry run: %s would be installed; nothing was erased or written",
           qfu_cargo_version (job->cargo));
  job_json (job, builder);
  return TRUE;
}

/* From the record to its end: an interruption between them would leave a record that counts. */
static gboolean
job_commit (Job *job, JsonBuilder *builder, GError **error)
{
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();
  g_auto (QfuFd) awake G_GNUC_UNUSED = qfu_flashing_stay_awake ("writing firmware");

  if (!qfu_system_stage (job->system, error))
    return FALSE;
  qfu_say (job->options, "  installing; this is not interrupted, and the machine must stay on");
  if (!job_install (job, error))
    return FALSE;
  job_done (job, builder);
  return TRUE;
}

/* What a person has to know comes before the question, what cannot be undone behind it. */
static gboolean
job_run (Job *job, JsonBuilder *builder, GError **error)
{
  job->system = qfu_system_new (job->inventory->config, job->options, job->device, job->cargo);
  if (!qfu_system_plan (job->system, error))
    return FALSE;
  job->summary = qfu_system_summary (job->system);
  qfu_summary_say (&job->summary);
  if (job->options->dry_run)
    return job_rehearsed (job, builder);
  return qfu_system_ask (job->system, error) && job_commit (job, builder, error);
}

static void
say_way (const Job *job, const char *version, const char *whence)
{
  qfu_say_as (job->options, QFU_STYLE_BOLD, "%s: %s -> %s (%s)", job->device->name,
              qfu_device_version (job->device), version, whence);
}

gboolean
qfu_update_run (QfuInventory *inventory,
                const QfuOptions *options,
                const QfuDevice *device,
                const QfuOffer *offer,
                JsonBuilder *builder,
                GError **error)
{
  g_auto (Job) job = {.inventory = inventory, .options = options, .device = device};
  g_autofree char *whence = g_strdup_printf ("remote %s", offer->source->remote);

  if (device->domain != NULL)
    return qfu_usb_update_run (inventory, options, device, offer, builder, error);
  say_way (&job, qfu_release_version (offer->release), whence);
  job.cargo = qfu_obtain (inventory, options, offer, error);
  if (job.cargo != NULL && job_run (&job, builder, error))
    return TRUE;
  g_prefix_error (error, "%s: ", device->name);
  return FALSE;
}

gboolean
qfu_update_local (QfuInventory *inventory,
                  const QfuOptions *options,
                  const QfuDevice *device,
                  QfuRebuiltCab *cab,
                  JsonBuilder *builder,
                  GError **error)
{
  g_auto (Job) job = {.inventory = inventory, .options = options, .device = device};

  job.cargo = qfu_cargo_of_rebuilt (cab);
  say_way (&job, qfu_cargo_version (job.cargo), "a file that no metadata names");
  if (job_run (&job, builder, error))
    return TRUE;
  g_prefix_error (error, "%s: ", device->name);
  return FALSE;
}
