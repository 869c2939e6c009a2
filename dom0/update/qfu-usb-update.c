/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* update and install for a device of a USB qube: verified here, installed there, read back here. */

#include "qfu-usb-update.h"

#include "qfu-device-show.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-flashing.h"
#include "qfu-obtain.h"
#include "qfu-print.h"
#include "qfu-progress.h"
#include "qfu-signal.h"
#include "qfu-summary.h"
#include "qfu-usb-check.h"
#include "qfu-usb-readback.h"
#include "qfu-usbpush.h"

#define TOLD_AT_MOST 16 /* that are told during one update */

/* One firmware for one device, on its way. */
typedef struct {
  QfuInventory *inventory;
  const QfuOptions *options;
  const QfuDevice *device;
  char *title; /* what a line about it begins with */
  QfuCargo *cargo;
  QfuSummary summary;
  QfuProgress *progress; /* while it is handed over */
  QfuSignalHold hold;
  gboolean committed; /* whether @hold holds, since the qube may write */
  QfuUsbAction asked; /* what somebody was asked to do last; 0: nothing yet */
  guint n_asked;
} Job;

static void
job_clear (Job *job)
{
  g_clear_pointer (&job->progress, qfu_progress_free);
  g_clear_pointer (&job->cargo, qfu_cargo_free);
  g_free (job->title);
  if (job->committed)
    qfu_signal_release (&job->hold);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static void
on_progress (guint percent, const char *doing, gpointer user)
{
  Job *job = user;

  if (doing != NULL)
    qfu_progress_turn_to (job->progress, doing);
  qfu_progress_tell (job->progress, percent, 100);
}

/* Also where nobody reads what is said: without it the update waits until it gives up. */
static void
on_action (QfuUsbAction action, gpointer user)
{
  static const char *const texts[] = {
      [QFU_USB_ACTION_REPLUG] = "take it out and plug it in again",
      [QFU_USB_ACTION_UNLOCK] = "press what unlocks it",
      [QFU_USB_ACTION_CABLE_IN] = "plug in its cable",
      [QFU_USB_ACTION_CABLE_OUT] = "take out its cable",
      [QFU_USB_ACTION_POWER_CYCLE] = "switch it off and on again",
      [QFU_USB_ACTION_KEEP_POWER] = "do not switch it off",
      [QFU_USB_ACTION_OTHER] = "it waits for something that its manual tells",
  };
  Job *job = user;

  /* a qube that repeats itself does not fill the screen */
  if (action == job->asked || job->n_asked >= TOLD_AT_MOST)
    return;
  job->asked = action;
  job->n_asked++;
  qfu_warn ("%s: %s", job->title, texts[action]);
}

/* An interruption must not make us forget what the qube goes on with. */
static void
on_committed (gpointer user)
{
  Job *job = user;

  job->hold = qfu_signal_hold ();
  job->committed = TRUE;
}

static gboolean
push (Job *job, GError **error)
{
  const QfuUsbPush what = {
      .device = job->device,
      .flags = (job->options->allow_older ? QFU_INSTALL_ALLOW_OLDER : 0) |
               (job->options->allow_reinstall ? QFU_INSTALL_ALLOW_REINSTALL : 0),
      .cab = qfu_cargo_verified (job->cargo),
  };
  const QfuUsbWatch watch = {on_progress, on_action, on_committed, job};
  gboolean pushed;

  job->progress = qfu_progress_new (job->options, "handing over", QFU_PROGRESS_PERCENT);
  pushed = qfu_usb_push (job->inventory->config, &what, &watch, error);
  g_clear_pointer (&job->progress, qfu_progress_free);
  return pushed;
}

static void
job_json (const Job *job, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", job->device->id);
  qfu_json_text (builder, "deviceName", job->device->name);
  qfu_json_text (builder, "domain", job->device->domain);
  qfu_json_text (builder, "versionFrom", job->device->version);
  qfu_json_text (builder, "versionTo", qfu_cargo_version (job->cargo));
  qfu_json_flag (builder, "dryRun", job->options->dry_run);
  qfu_json_flag (builder, "needsReboot", (job->device->flags & QFU_DEVICE_NEEDS_REBOOT) != 0);
  qfu_summary_json (&job->summary, builder);
  qfu_json_number (builder, "record", 0);
  json_builder_end_object (builder);
}

static gboolean
job_rehearsed (const Job *job, JsonBuilder *builder)
{
  qfu_say (job->options, "  dry run: %s would be handed to %s; nothing was written",
           qfu_cargo_version (job->cargo), job->device->domain);
  job_json (job, builder);
  return TRUE;
}

/* What it starts must not take the signals that are held later. */
static QfuFd
stay_awake (void)
{
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();

  return qfu_flashing_stay_awake ("updating a USB device");
}

static gboolean
job_commit (Job *job, JsonBuilder *builder, GError **error)
{
  g_auto (QfuFd) awake G_GNUC_UNUSED = stay_awake ();
  const char *effect = qfu_device_takes_effect (job->device);

  qfu_say (job->options, "  %s installs it; leave the device plugged in, and the machine on",
           job->device->domain);
  if (!push (job, error) ||
      !qfu_usb_readback (job->inventory->config, job->options, job->device, job->cargo, error))
    return FALSE;
  if (effect == NULL)
    qfu_say_as (job->options, QFU_STYLE_GOOD, "  %s is installed, and was read back from %s",
                qfu_cargo_version (job->cargo), job->device->domain);
  else
    qfu_say_as (job->options, QFU_STYLE_GOOD, "  %s is installed; it takes effect %s",
                qfu_cargo_version (job->cargo), effect);
  job_json (job, builder);
  return TRUE;
}

static gboolean
job_run (Job *job, const QfuOffer *offer, JsonBuilder *builder, GError **error)
{
  if (!qfu_usb_check (job->inventory, job->options, job->device,
                      qfu_release_component (offer->release), qfu_release_version (offer->release),
                      error))
    return FALSE;
  job->cargo = qfu_obtain (job->inventory, job->options, offer, error);
  if (job->cargo == NULL || !qfu_usb_check_cab (job->inventory->config, job->cargo, error))
    return FALSE;
  job->summary = (QfuSummary){.config = job->inventory->config,
                              .options = job->options,
                              .device = job->device,
                              .cargo = job->cargo};
  qfu_summary_say (&job->summary);
  if (job->options->dry_run)
    return job_rehearsed (job, builder);
  return qfu_cargo_ask (job->cargo, job->options, job->title, FALSE, error) &&
         job_commit (job, builder, error);
}

gboolean
qfu_usb_update_run (QfuInventory *inventory,
                    const QfuOptions *options,
                    const QfuDevice *device,
                    const QfuOffer *offer,
                    JsonBuilder *builder,
                    GError **error)
{
  g_auto (Job) job = {.inventory = inventory, .options = options, .device = device};

  job.title = qfu_device_title (device);
  qfu_say_as (options, QFU_STYLE_BOLD, "%s: %s -> %s (remote %s)", job.title,
              qfu_device_version (device), qfu_release_version (offer->release),
              offer->source->remote);
  if (job_run (&job, offer, builder, error))
    return TRUE;
  g_prefix_error (error, "%s: ", job.title);
  return FALSE;
}
