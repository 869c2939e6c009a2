/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-summary.h"

#include "qfu-device-show.h"
#include "qfu-flashjournal.h"
#include "qfu-print.h"
#include "qfu-release-show.h"
#include "qfu-secret-verdict.h"
#include "qfu-wrap.h"

#include <string.h>

/* How long it takes, in seconds, 0 when nobody knows; and by whose word. */
typedef struct {
  guint64 seconds;
  const char *source;
} Duration;

guint64
qfu_summary_estimate (const GPtrArray *writes, guint64 bytes, guint64 size)
{
  for (guint i = writes->len; i > 0; i--) {
    const QfuFlashEntry *entry = g_ptr_array_index (writes, i - 1);
    gint64 seconds = entry->state_time - entry->time;
    double share;

    if (entry->state != QFU_FLASH_NEW || strcmp (entry->boot_id, entry->state_boot_id) != 0 ||
        seconds < 0 || entry->size == 0)
      continue;
    /* the whole chip is read each time, besides */
    share = (double)(bytes + size) / (double)(entry->bytes_written + entry->size);
    return MAX (1, (guint64)((double)seconds * share + 0.5));
  }
  return 0;
}

static Duration
duration_of (const QfuSummary *summary)
{
  const QfuPlan *plan = summary->plan;
  g_autoptr (GPtrArray) writes =
      plan == NULL ? NULL : qfu_flashjournal_load (summary->config, NULL);
  guint64 seconds = writes == NULL
                        ? 0
                        : qfu_summary_estimate (writes, qfu_ranges_length (plan->changed),
                                                qfu_untrusted_blob_size (plan->image));

  if (seconds > 0)
    return (Duration){seconds, "by the last write of this chip"};
  return (Duration){qfu_cargo_release (summary->cargo)->duration, "by the vendor's word"};
}

static void
say_duration (const QfuSummary *summary)
{
  Duration duration = duration_of (summary);
  g_autofree char *text = qfu_duration_text (duration.seconds);

  if (duration.seconds > 0)
    qfu_say_fact (summary->options, "takes", "about %s, %s", text, duration.source);
  else if (summary->plan != NULL)
    qfu_say_fact (summary->options, "takes", "some minutes; this chip was not written before");
}

static const GArray *
forecasts_of (const QfuSummary *summary)
{
  return summary->outlook->prediction == NULL
             ? NULL
             : qfu_prediction_forecasts (summary->outlook->prediction);
}

/* (transfer full): PCRs of one status, such as "2, 3"; empty when there is none. */
static char *
pcrs_with (const GArray *forecasts, QfuPcrStatus status)
{
  GString *text = g_string_new (NULL);
  guint32 seen = 0;

  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (forecast->status != status || forecast->pcr >= QFU_PCR_FIRMWARE_COUNT ||
        (seen & 1u << forecast->pcr) != 0)
      continue;
    seen |= 1u << forecast->pcr;
    g_string_append_printf (text, "%s%u", text->len > 0 ? ", " : "", forecast->pcr);
  }
  return g_string_free (text, FALSE);
}

static void
say_pcrs (const QfuSummary *summary)
{
  const GArray *forecasts = forecasts_of (summary);
  g_autofree char *changed = forecasts == NULL ? NULL : pcrs_with (forecasts, QFU_PCR_PREDICTED);
  g_autofree char *open = forecasts == NULL ? NULL : pcrs_with (forecasts, QFU_PCR_NOT_PREDICTABLE);

  if (forecasts == NULL) {
    qfu_say_fact_as (summary->options, QFU_STYLE_WARN, "PCRs", "not forecast: %s",
                     summary->outlook->why_not->message);
    return;
  }
  qfu_say_fact (summary->options, "PCRs", "%s%s%s%s%s",
                changed[0] == '\0' ? "none changes" : changed,
                changed[0] == '\0' ? "" : (strchr (changed, ',') != NULL ? " change" : " changes"),
                open[0] == '\0' ? "" : "; ", open, open[0] == '\0' ? "" : " cannot be forecast");
}

/* Names of the secrets with one verdict, behind @what. */
static guint
say_secrets_with (const QfuSummary *summary, QfuSecretVerdict verdict, const char *what)
{
  const GPtrArray *secrets = summary->outlook->secrets;
  g_autoptr (GString) names = g_string_new (NULL);
  guint count = 0;

  for (guint i = 0; i < secrets->len; i++) {
    const QfuSecret *secret = g_ptr_array_index (secrets, i);
    g_autofree char *reason = NULL;

    if (qfu_secret_judge (secret, forecasts_of (summary), &reason) != verdict)
      continue;
    g_string_append_printf (names, "%s%s", count++ > 0 ? ", " : "", secret->name);
  }
  if (count > 0)
    qfu_say_fact_as (summary->options,
                     verdict == QFU_SECRET_STAYS ? QFU_STYLE_GOOD : QFU_STYLE_WARN, "secrets",
                     "%s: %s", what, names->str);
  return count;
}

static void
say_secrets (const QfuSummary *summary)
{
  if (summary->outlook->secrets == NULL)
    return;
  if (summary->outlook->secrets->len == 0)
    qfu_say_fact (summary->options, "secrets", "none is sealed to the TPM");
  (void)say_secrets_with (summary, QFU_SECRET_WILL_NOT_UNSEAL, "will not unseal");
  (void)say_secrets_with (summary, QFU_SECRET_UNKNOWN, "may not unseal");
  (void)say_secrets_with (summary, QFU_SECRET_STAYS, "stay");
}

static const char *
vendor_of (const QfuSummary *summary)
{
  const QfuComponent *component = qfu_cargo_component (summary->cargo);

  /* a qube's word about its device is not put beside what signed metadata say */
  return component->vendor != NULL || summary->device->domain != NULL ? component->vendor
                                                                      : summary->device->vendor;
}

void
qfu_summary_say (const QfuSummary *summary)
{
  const QfuOptions *options = summary->options;
  const QfuDevice *device = summary->device;
  const char *effect = qfu_device_takes_effect (device);
  const char *vendor = vendor_of (summary);
  g_autofree char *title = qfu_device_title (device);
  g_autofree char *risk = summary->plan == NULL ? NULL : qfu_plan_risk (summary->plan);

  qfu_say_as (options, QFU_STYLE_BOLD, "%s: %s -> %s", title, qfu_device_version (device),
              qfu_cargo_version (summary->cargo));
  if (device->domain != NULL)
    qfu_say_fact (options, "domain", "device and version as reported by %s", device->domain);
  if (vendor != NULL)
    qfu_say_fact (options, "vendor", "%s", vendor);
  qfu_release_say_worth (options, qfu_cargo_release (summary->cargo));
  say_duration (summary);
  qfu_say_fact (options, "in effect", "%s", effect == NULL ? "at once" : effect);
  if (summary->outlook != NULL)
    say_pcrs (summary);
  if (summary->outlook != NULL)
    say_secrets (summary);
  if (summary->backup != NULL)
    qfu_say_whole (options, "  %-10s  %s", "backup", qfu_backup_path (summary->backup));
  if (risk != NULL)
    qfu_say_fact_as (options, QFU_STYLE_WARN, "risk", "%s", risk);
}

void
qfu_summary_json (const QfuSummary *summary, JsonBuilder *builder)
{
  const QfuComponentRelease *release = qfu_cargo_release (summary->cargo);
  Duration duration = duration_of (summary);

  qfu_json_text (builder, "vendor", vendor_of (summary));
  qfu_json_text (builder, "urgency", release->urgency);
  qfu_json_texts (builder, "cves", (const char *const *)release->cves);
  qfu_json_number (builder, "duration", (gint64)duration.seconds);
  qfu_json_flag (builder, "needsShutdown",
                 (summary->device->flags & QFU_DEVICE_NEEDS_SHUTDOWN) != 0);
}
