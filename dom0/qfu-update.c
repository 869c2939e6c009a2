/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* update and install: the main path, from verified metadata to a written chip, on one screen. */

#include "qfu-update.h"

#include "qfu-cargo.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-fetch.h"
#include "qfu-machine.h"
#include "qfu-pending.h"
#include "qfu-print.h"
#include "qfu-signal.h"
#include "qfu-version.h"

#include <string.h>

#define CHIP_PLUGIN "qubes_coreboot" /* the plugin of fwupd whose devices we forecast */
#define PERCENT_STEP 20              /* between two lines where there is no terminal to draw on */

/* One firmware for one device, on its way. */
typedef struct {
  const QfuInventory *inventory;
  const QfuOptions *options;
  const QfuDevice *device;
  QfuCargo *cargo;
  QfuPresent *present; /* these are %NULL for devices that another plugin of fwupd writes */
  QfuPlan *plan;
  QfuOutlook *outlook;
  QfuDigest payload;
  guint record;
  guint told; /* percent of the write that a line was printed for */
} Job;

static void
job_clear (Job *job)
{
  g_clear_pointer (&job->cargo, qfu_cargo_free);
  g_clear_pointer (&job->present, qfu_present_free);
  g_clear_pointer (&job->plan, qfu_plan_free);
  g_clear_pointer (&job->outlook, qfu_outlook_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static void
on_bytes (guint64 done, guint64 total, gpointer user)
{
  const Job *job = user;

  (void)qfu_progress (job->options, "fetching", done, total);
}

static void
on_percent (guint percent, gpointer user)
{
  Job *job = user;

  if (qfu_progress (job->options, "writing", percent, 100) || percent < job->told + PERCENT_STEP)
    return;
  job->told = percent;
  qfu_say (job->options, "  writing: %u%%", percent);
}

static QfuUntrustedBlob *
cab_bytes (Job *job, const QfuOffer *offer, GError **error)
{
  const QfuComponentRelease *data = qfu_release_data (offer->release);
  QfuFetch wanted = {.kind = QFU_FETCH_CAB, .maximum = data->size, .sha256 = &data->sha256};
  g_autofree char *url = NULL;
  QfuUntrustedBlob *blob;

  if (offer->file != NULL)
    return qfu_untrusted_blob_load (offer->file, data->size, FALSE, error);
  url = qfu_offer_url (offer, error);
  if (url == NULL)
    return NULL;
  wanted.url = url;
  blob = qfu_fetch_cab (job->inventory->config, &wanted, on_bytes, job, error);
  qfu_progress_end (job->options);
  return blob;
}

static gboolean
job_fetch (Job *job, const QfuOffer *offer, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = cab_bytes (job, offer, error);
  g_autofree char *size = NULL;
  QfuVerifiedCab *cab;

  if (blob == NULL)
    return FALSE;
  cab = qfu_cab_verify (blob, offer->release, error);
  if (cab == NULL)
    return FALSE;
  (void)g_steal_pointer (&blob);
  job->cargo = qfu_cargo_of_verified (cab, offer->release);
  /* also for those that fwupd unpacks by itself: it believes what the cab says of itself */
  if (qfu_cargo_payload (job->cargo, job->inventory->config, error) == NULL)
    return FALSE;
  size = g_format_size (qfu_untrusted_blob_size (qfu_cargo_cab (job->cargo)));
  qfu_say (job->options,
           "  cab verified: %s, SHA-256, payload and version as in the signed metadata", size);
  return TRUE;
}

/* What the chip will hold. */
static gboolean
job_compose (Job *job, GError **error)
{
  const QfuConfig *config = job->inventory->config;
  const QfuUntrustedBlob *payload = qfu_cargo_payload (job->cargo, config, error);

  if (payload == NULL)
    return FALSE;
  job->payload = *qfu_untrusted_blob_sha256 (payload);
  job->plan = qfu_plan_new (config, payload, "the image to install", error);
  if (job->plan == NULL)
    return FALSE;
  job->present = qfu_present_read (config, job->options);
  if (!qfu_present_read_chip (job->present, config, job->options, error) ||
      !qfu_plan_compose (job->plan, config, config->layout, job->present, error))
    return FALSE;
  if (job->plan->changed->len > 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING, "the chip holds this firmware already");
  return FALSE;
}

static gboolean
job_foresee (Job *job, GError **error)
{
  const QfuConfig *config = job->inventory->config;
  const QfuOutlookQuestion question = {
      .config = config, .present = job->present, .plan = job->plan};

  job->outlook = qfu_outlook_make (&question);
  qfu_plan_say (job->options, job->plan);
  if (job->outlook->prediction != NULL) {
    qfu_outlook_say (job->options, job->outlook);
    return TRUE;
  }
  g_propagate_prefixed_error (error, g_error_copy (job->outlook->why_not),
                              "what the TPM will say afterwards cannot be forecast: ");
  return FALSE;
}

static gboolean
job_plan (Job *job, GError **error)
{
  if (g_strcmp0 (job->device->plugin, CHIP_PLUGIN) == 0)
    return job_compose (job, error) && job_foresee (job, error);
  if (job->device->flags & QFU_DEVICE_INTERNAL)
    qfu_say (job->options,
             "  fwupd's plugin %s writes it: what the TPM will say afterwards is not forecast, and "
             "secrets sealed to it may not open",
             job->device->plugin == NULL ? "(unnamed)" : job->device->plugin);
  return TRUE;
}

static gboolean
job_stage (Job *job, GError **error)
{
  const QfuConfig *config = job->inventory->config;
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (QfuRefRecord) record = NULL;

  if (job->plan == NULL)
    return TRUE;
  record = qfu_pending_new (config, job->device, job->present, job->plan, job->outlook, error);
  if (record == NULL)
    return FALSE;
  g_free (record->version_to);
  record->version_to = g_strdup (qfu_cargo_version (job->cargo));
  record->payload = job->payload;
  record->cab = *qfu_untrusted_blob_sha256 (qfu_cargo_cab (job->cargo));
  store = qfu_refstore_open (config, TRUE, error);
  if (store == NULL || !qfu_refstore_stage (store, g_steal_pointer (&record), &job->record, error))
    return FALSE;
  qfu_say (job->options, "  reference values are pending (record %u)", job->record);
  return TRUE;
}

/* A record that the plugin did not use must not stay usable. */
static void
job_abandon (const Job *job, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = NULL;
  const QfuRefRecord *pending;

  if (job->record == 0)
    return;
  store = qfu_refstore_open (job->inventory->config, TRUE, &error);
  pending = store == NULL ? NULL : qfu_refstore_latest (store, QFU_REF_PENDING);
  if (pending != NULL && pending->id == job->record &&
      !qfu_refstore_move (store, job->record, QFU_REF_ABANDONED, reason, &error))
    g_debug ("record %u stays pending", job->record);
  if (error != NULL)
    qfu_warn ("warning: record %u could not be abandoned: %s; it expires by itself", job->record,
              error->message);
}

/* fwupd says success; the record says whether our plugin wrote and read back. */
static gboolean
job_check_written (const Job *job, GError **error)
{
  g_autoptr (QfuRefStore) store = NULL;
  const QfuRefRecord *written;

  if (job->plan == NULL)
    return TRUE;
  store = qfu_refstore_open (job->inventory->config, FALSE, error);
  if (store == NULL)
    return FALSE;
  written = qfu_refstore_latest (store, QFU_REF_WRITTEN);
  if (written != NULL && written->id == job->record)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_INTERNAL,
               "fwupd reports success, but the chip was not written by plugin %s (record %u); see "
               "`qubes-fwupdmgr refvals` "
               "and the journal of fwupd.service",
               CHIP_PLUGIN, job->record);
  return FALSE;
}

/* What the device says of itself once it was written; not of one that boots first, or that is not
 * back yet. */
static gboolean
job_check_version (const Job *job, GError **error)
{
  const char *expected = qfu_cargo_version (job->cargo);
  g_autoptr (QfuMachine) machine = NULL;

  if (job->device->flags & QFU_DEVICE_NEEDS_REBOOT)
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
  gboolean installed = qfu_fwupd_install (job->inventory->config, job->device->id, flags,
                                          qfu_cargo_cab (job->cargo), on_percent, job, error);

  qfu_progress_end (job->options);
  if (!installed) {
    job_abandon (job, "fwupd did not install it");
    return FALSE;
  }
  return job_check_written (job, error) && job_check_version (job, error);
}

static void
job_done (const Job *job, JsonBuilder *builder)
{
  gboolean reboot = (job->device->flags & QFU_DEVICE_NEEDS_REBOOT) != 0;
  const char *version = qfu_cargo_version (job->cargo);

  qfu_say (job->options, "  %s is installed%s", version,
           reboot ? "; it takes effect after a reboot" : "");
  if (job->plan != NULL)
    qfu_say (
        job->options,
        "  chip written and read back; after the reboot `qubes-fwupdmgr attest` compares the TPM");
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", job->device->id);
  qfu_json_text (builder, "deviceName", job->device->name);
  qfu_json_text (builder, "versionFrom", job->device->version);
  qfu_json_text (builder, "versionTo", version);
  qfu_json_flag (builder, "needsReboot", reboot);
  qfu_json_number (builder, "record", job->record);
  if (job->outlook != NULL)
    qfu_outlook_json (builder, job->outlook);
  json_builder_end_object (builder);
}

/* From the record to its end: an interruption between them would leave a record that counts. */
static gboolean
job_commit (Job *job, JsonBuilder *builder, GError **error)
{
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();

  if (!job_stage (job, error))
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
  return job_plan (job, error) &&
         qfu_cargo_ask (job->cargo, job->options, job->device->name, error) &&
         job_commit (job, builder, error);
}

static void
say_way (const Job *job, const char *version, const char *whence)
{
  qfu_say (job->options, "%s: %s -> %s (%s)", job->device->name,
           job->device->version == NULL ? "unknown" : job->device->version, version, whence);
}

gboolean
qfu_update_run (const QfuInventory *inventory,
                const QfuOptions *options,
                const QfuDevice *device,
                const QfuOffer *offer,
                JsonBuilder *builder,
                GError **error)
{
  g_auto (Job) job = {.inventory = inventory, .options = options, .device = device};
  g_autofree char *whence = g_strdup_printf ("remote %s", offer->source->remote);

  say_way (&job, qfu_release_version (offer->release), whence);
  if (job_fetch (&job, offer, error) && job_run (&job, builder, error))
    return TRUE;
  g_prefix_error (error, "%s: ", device->name);
  return FALSE;
}

gboolean
qfu_update_local (const QfuInventory *inventory,
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
