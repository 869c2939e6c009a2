/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-system.h"

#include "qfu-attestation.h"
#include "qfu-declared.h"
#include "qfu-error.h"
#include "qfu-flashing.h"
#include "qfu-heads-find.h"
#include "qfu-inspect.h"
#include "qfu-learn.h"
#include "qfu-pending.h"
#include "qfu-print.h"
#include "qfu-progress.h"
#include "qfu-recovery.h"

#define CAPSULE_PLUGIN "uefi_capsule" /* of fwupd, for the firmware of UEFI machines */
#define CHIP_PLUGIN "qubes_coreboot"  /* the plugin of fwupd that reads our records */

struct _QfuSystem {
  const QfuConfig *config;
  const QfuOptions *options;
  const QfuDevice *device;
  QfuCargo *cargo;
  GArray *declared;    /* QfuDigest: PCR 0 by the vendor's word; %NULL: not asked */
  QfuPresent *present; /* these are %NULL for devices that another plugin writes */
  QfuInspection *inspection;
  QfuPlan *plan;
  QfuVendor *vendor;
  QfuOutlook *outlook;
  QfuBackup *backup;
  QfuDigest payload;
  gboolean person; /* whether -y is no answer to what was said */
  gboolean adopt;  /* whether a yes makes reference values of what the TPM holds */
  guint record;    /* 0: none */
};

QfuSystem *
qfu_system_new (const QfuConfig *config,
                const QfuOptions *options,
                const QfuDevice *device,
                QfuCargo *cargo)
{
  QfuSystem *s = g_new (QfuSystem, 1);

  *s = (QfuSystem){.config = config, .options = options, .device = device, .cargo = cargo};
  return s;
}

void
qfu_system_free (QfuSystem *s)
{
  if (s == NULL)
    return;
  g_clear_pointer (&s->declared, g_array_unref);
  qfu_present_free (s->present);
  qfu_inspection_free (s->inspection);
  qfu_plan_free (s->plan);
  qfu_vendor_free (s->vendor);
  qfu_outlook_free (s->outlook);
  qfu_backup_free (s->backup);
  g_free (s);
}

static gboolean
read_chip (const QfuSystem *s, GError **error)
{
  g_autoptr (QfuProgress) progress G_GNUC_UNUSED =
      qfu_progress_new (s->options, "reading the flash chip", QFU_PROGRESS_BYTES);

  return qfu_present_read_chip (s->present, s->config, s->options, error);
}

/* What the chip will hold. */
static gboolean
compose (QfuSystem *s, GError **error)
{
  const QfuUntrustedBlob *payload = qfu_cargo_payload (s->cargo, s->config, error);

  if (payload == NULL)
    return FALSE;
  s->payload = *qfu_untrusted_blob_sha256 (payload);
  s->vendor = qfu_vendor_of_cargo (s->cargo, s->config, error);
  if (s->vendor == NULL)
    return FALSE;
  s->present = qfu_present_read (s->config, s->options);
  if (!read_chip (s, error))
    return FALSE;
  s->plan = qfu_plan_new (s->config, payload, "the image to install", error);
  if (s->plan == NULL ||
      !qfu_plan_compose (s->plan, s->config, s->config->layout, s->present, error))
    return FALSE;
  if (s->plan->changed->len > 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING, "the chip holds this firmware already");
  return FALSE;
}

/* A machine that is not what it should be is not updated as if it were. */
static gboolean
go_on_from_failed (QfuSystem *s, GError **error)
{
  if (!s->options->accept_current_state) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the firmware that runs fails the inspection: %s. Find out why before you enter "
                 "secrets on this machine; with --accept-current-state a person can go on",
                 s->inspection->finding);
    return FALSE;
  }
  s->person = TRUE;
  return qfu_need_person (s->options, "--accept-current-state", error);
}

/* The firmware that runs is attested before another one takes its place. */
static gboolean
inspect (QfuSystem *s, GError **error)
{
  const QfuAttestation seen = {.present = s->present};
  g_autofree char *boot_id = qfu_config_boot_id (s->config, error);
  g_autoptr (QfuRefStore) store =
      boot_id == NULL ? NULL : qfu_refstore_open (s->config, FALSE, error);

  if (store == NULL)
    return FALSE;
  s->inspection = qfu_inspect (s->present, store, boot_id);
  qfu_inspection_say (s->options, s->inspection);
  if (s->inspection->verdict == QFU_INSPECT_FAILED)
    return go_on_from_failed (s, error);
  if (s->inspection->verdict != QFU_INSPECT_FIRST || s->options->accept_current_state)
    return TRUE;
  s->adopt = qfu_can_ask_person (s->options);
  if (s->adopt)
    qfu_attestation_say_values (&seen, s->options);
  qfu_say (s->options, s->adopt
                           ? "  with your yes these become the values to expect of this machine"
                           : "  nobody is there to say that they are right: `qubes-fwupdmgr attest "
                             "--learn` would record them");
  return TRUE;
}

/* Without a forecast a person decides, unless the configuration has. */
static gboolean
go_without_forecast (QfuSystem *s, GError **error)
{
  guint policy = s->config->prediction;
  const char *why = s->outlook->why_not->message;
  const char *way_out = NULL;

  if (policy == QFU_PREDICTION_REQUIRED)
    way_out = "[MeasuredBoot] Prediction=required";
  else if (policy == QFU_PREDICTION_PREFERRED && !qfu_can_ask_person (s->options))
    way_out = "a person can go on without, on a terminal and without -y";
  if (way_out != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION,
                 "what the TPM will say afterwards cannot be forecast: %s (%s)", why, way_out);
    return FALSE;
  }
  qfu_say (s->options, "  what the TPM will say afterwards is not known: %s", why);
  qfu_say (s->options, "  secrets that are sealed to it may not open at the next boot: have their "
                       "passphrases or recovery keys at hand");
  qfu_outlook_say_secrets (s->options, s->outlook);
  qfu_say (s->options, "  after the reboot `qubes-fwupdmgr attest` tells how to learn its values");
  s->person = s->person || policy == QFU_PREDICTION_PREFERRED;
  return TRUE;
}

static gboolean
foresee (QfuSystem *s, GError **error)
{
  const QfuOutlookQuestion question = {
      .config = s->config, .present = s->present, .plan = s->plan, .vendor = s->vendor};

  s->outlook = s->config->prediction == QFU_PREDICTION_OFF
                   ? qfu_outlook_none (g_error_new_literal (
                         QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                         "the configuration asks for no forecast ([MeasuredBoot] Prediction=off)"))
                   : qfu_outlook_make (&question);
  qfu_outlook_find_secrets (s->outlook, s->config, s->options);
  qfu_plan_say (s->options, s->plan);
  if (s->config->prediction == QFU_PREDICTION_OFF)
    qfu_outlook_compare (s->outlook, s->vendor, s->plan);
  qfu_vendor_say (s->options, s->outlook->findings);
  if (!qfu_outlook_check_vendor (s->outlook, error))
    return FALSE;
  qfu_outlook_drop_empty (s->outlook, s->plan->rom);
  if (s->outlook->prediction == NULL)
    return go_without_forecast (s, error);
  qfu_outlook_say (s->options, s->outlook);
  return TRUE;
}

/* Firmware that the machine boots from and that another plugin writes: what the vendor declares is
 * all that is known of the next boot. */
static gboolean
take_declared (QfuSystem *s, GError **error)
{
  const char *plugin = s->device->plugin == NULL ? "(unnamed)" : s->device->plugin;
  const QfuUntrustedBlob *payload = qfu_cargo_payload (s->cargo, s->config, error);

  if (payload == NULL)
    return FALSE;
  s->payload = *qfu_untrusted_blob_sha256 (payload);
  s->present = qfu_present_read (s->config, s->options);
  if (!inspect (s, error))
    return FALSE;
  s->outlook = qfu_outlook_none (
      g_error_new (QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                   "fwupd's plugin %s writes it, and for that there is no forecast", plugin));
  qfu_outlook_find_secrets (s->outlook, s->config, s->options);
  if (s->declared->len == 0 || s->present->no_pcrs != NULL ||
      s->config->prediction == QFU_PREDICTION_REQUIRED)
    return go_without_forecast (s, error);
  qfu_declared_say (s->options, s->declared, plugin);
  qfu_outlook_say_secrets (s->options, s->outlook);
  return TRUE;
}

static gboolean
secure (QfuSystem *s, GError **error)
{
  const QfuBackupQuestion question = {.config = s->config,
                                      .options = s->options,
                                      .device = s->device,
                                      .version = qfu_cargo_version (s->cargo),
                                      .chip = s->present->chip,
                                      .unread = s->plan->unread};
  g_autoptr (QfuProgress) progress G_GNUC_UNUSED =
      qfu_progress_new (s->options, "keeping what the chip holds", QFU_PROGRESS_BYTES);

  s->backup = qfu_flashing_secure (&question, s->plan->image, error);
  return s->backup != NULL;
}

gboolean
qfu_system_plan (QfuSystem *s, GError **error)
{
  if (g_strcmp0 (s->device->plugin, CHIP_PLUGIN) == 0)
    return qfu_heads_check_absent (s->config, error) &&
           qfu_flashing_check_power (s->config, s->options, error) && compose (s, error) &&
           inspect (s, error) && foresee (s, error) && secure (s, error);
  if ((s->device->flags & QFU_DEVICE_INTERNAL) == 0)
    return TRUE;
  s->declared = qfu_declared_values (qfu_cargo_release (s->cargo)->device_checksums);
  if (s->declared->len > 0 || g_strcmp0 (s->device->plugin, CAPSULE_PLUGIN) == 0)
    return take_declared (s, error);
  qfu_say (s->options,
           "  fwupd's plugin %s writes it: what the TPM will say afterwards is not forecast, and "
           "secrets sealed to it may not open",
           s->device->plugin == NULL ? "(unnamed)" : s->device->plugin);
  return TRUE;
}

QfuSummary
qfu_system_summary (const QfuSystem *s)
{
  return (QfuSummary){s->config, s->options, s->device, s->cargo, s->plan, s->outlook, s->backup};
}

gboolean
qfu_system_ask (const QfuSystem *s, GError **error)
{
  return qfu_cargo_ask (s->cargo, s->options, s->device->name, s->person, error);
}

/* Makes reference values of what a person has just said yes to. */
static gboolean
adopt (const QfuSystem *s, QfuRefStore *store, const char *boot_id, GError **error)
{
  const QfuPcrSet *pcrs = &s->present->pcrs;
  g_auto (QfuSettle) settle = {0};
  guint id;

  qfu_settle_judge (store, pcrs, boot_id, &settle);
  if (!qfu_refstore_learn (store, qfu_learn_record (&settle, pcrs, boot_id), &id, error))
    return FALSE;
  qfu_say (s->options, "  recorded the values of this boot as record %u", id);
  return TRUE;
}

static QfuRefRecord *
new_record (const QfuSystem *s, GError **error)
{
  g_autoptr (QfuRefRecord) record = qfu_pending_new (s->config, s->device, error);

  if (record == NULL)
    return NULL;
  if (s->plan != NULL)
    qfu_pending_bind (record, s->present, s->plan);
  if (s->declared != NULL && s->declared->len > 0)
    qfu_declared_record (record, s->declared, s->device->plugin);
  else
    qfu_pending_foretell (record, s->outlook);
  qfu_ref_record_set (&record->version_to, qfu_cargo_version (s->cargo));
  record->payload = s->payload;
  record->cab = *qfu_untrusted_blob_sha256 (qfu_cargo_cab (s->cargo));
  qfu_pending_accept (record, s->inspection);
  return g_steal_pointer (&record);
}

/* The plugin of fwupd that writes other firmware does not know of records: this program uses them
 * up in its place, before the write begins. */
static gboolean
hand_over (const QfuSystem *s, QfuRefStore *store, GError **error)
{
  return s->plan != NULL || qfu_refstore_move (store, s->record, QFU_REF_CONSUMED,
                                               "handed to another plugin of fwupd", error);
}

gboolean
qfu_system_stage (QfuSystem *s, GError **error)
{
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (QfuRefRecord) record = NULL;

  /* what no TPM can tell needs no record, unless our plugin asks for it */
  if (s->outlook == NULL || (s->plan == NULL && s->present->no_pcrs != NULL))
    return TRUE;
  record = new_record (s, error);
  store = record == NULL ? NULL : qfu_refstore_open (s->config, TRUE, error);
  if (store == NULL || (s->adopt && !adopt (s, store, record->boot_id, error)) ||
      !qfu_refstore_stage (store, g_steal_pointer (&record), &s->record, error) ||
      !hand_over (s, store, error))
    return FALSE;
  qfu_say (s->options, "  reference values are pending (record %u)", s->record);
  return TRUE;
}

static void
abandon (const QfuSystem *s, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = NULL;
  const QfuRefRecord *record;

  if (s->record == 0)
    return;
  store = qfu_refstore_open (s->config, TRUE, &error);
  record = store == NULL ? NULL : qfu_refstore_record (store, s->record);
  /* what our plugin has begun it ends by itself */
  if (record != NULL && record->state == QFU_REF_PENDING)
    (void)!qfu_refstore_move (store, s->record, QFU_REF_ABANDONED, reason, &error);
  else if (record != NULL && record->state == QFU_REF_CONSUMED && s->plan == NULL)
    (void)!qfu_refstore_move (store, s->record, QFU_REF_FAILED, reason, &error);
  if (error != NULL)
    qfu_warn ("warning: record %u could not be abandoned: %s; it expires by itself", s->record,
              error->message);
}

gboolean
qfu_system_rescue (const QfuSystem *s, GError **failure)
{
  if (s->plan != NULL && qfu_recovery_after (s->config, s->options, s->record, failure))
    return TRUE;
  abandon (s, "fwupd did not install it");
  return FALSE;
}

gboolean
qfu_system_check_written (const QfuSystem *s, GError **error)
{
  g_autoptr (QfuRefStore) store = NULL;
  const QfuRefRecord *record;

  if (s->record == 0)
    return TRUE;
  store = qfu_refstore_open (s->config, s->plan == NULL, error);
  if (store == NULL)
    return FALSE;
  if (s->plan == NULL)
    return qfu_refstore_move (store, s->record, QFU_REF_WRITTEN, "fwupd reports success", error);
  record = qfu_refstore_record (store, s->record);
  if (record != NULL && record->state == QFU_REF_WRITTEN)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_INTERNAL,
               "fwupd reports success, but the chip was not written by plugin %s (record %u); see "
               "`qubes-fwupdmgr refvals` and the journal of fwupd.service",
               CHIP_PLUGIN, s->record);
  return FALSE;
}

void
qfu_system_say_done (const QfuSystem *s)
{
  if (s->record != 0)
    qfu_say (s->options, "  %safter the reboot `qubes-fwupdmgr attest` compares the TPM",
             s->plan != NULL ? "chip written and read back; " : "");
}

void
qfu_system_json (const QfuSystem *s, JsonBuilder *builder)
{
  qfu_json_number (builder, "record", s->record);
  if (s->plan != NULL)
    qfu_plan_json (s->plan, builder);
  if (s->backup != NULL)
    qfu_backup_json (s->backup, builder);
  if (s->inspection != NULL)
    qfu_inspection_json (builder, s->inspection);
  if (s->outlook != NULL)
    qfu_outlook_json (builder, s->outlook);
}
