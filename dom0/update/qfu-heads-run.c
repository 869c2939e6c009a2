/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* update-heads: from verified metadata to firmware that lies ready for Heads, on one screen. */

#include "qfu-heads-run.h"

#include "qfu-bootdisk.h"
#include "qfu-error.h"
#include "qfu-heads-image.h"
#include "qfu-print.h"
#include "qfu-reboot.h"
#include "qfu-staging.h"

static void
say_way (const QfuOptions *options, const QfuHeadsFound *found)
{
  qfu_say (options, "Heads on %s: %s -> %s (remote %s)", qfu_heads_found_name (found),
           found->running == NULL ? "unknown" : found->running,
           qfu_release_version (found->offer.release), found->offer.source->remote);
  qfu_say (options, "  %s, %s", found->component->id, qfu_heads_reason_text (found->reason));
  if (found->running == NULL)
    qfu_warn ("warning: the firmware does not say which version of Heads runs (%s): the one in the "
              "metadata may be older",
              found->smbios.bios_version == NULL ? "none" : found->smbios.bios_version);
}

static gboolean
check_disk (const QfuConfig *config, GError **error)
{
  gboolean own;

  if (!qfu_bootdisk_check (config, &own, error))
    return FALSE;
  if (!own)
    qfu_warn ("warning: %s is no disk of its own: Heads reads it only from a file system that is "
              "not encrypted",
              config->boot);
  return TRUE;
}

/* What was not found out by the machine a person takes upon himself. */
static gboolean
ask_about_stranger (const QfuOptions *options,
                    const QfuHeadsFound *found,
                    const QfuHeadsImage *image,
                    GError **error)
{
  g_autofree char *question =
      g_strdup_printf ("Is this machine a %s all the same?", qfu_heads_found_name (found));

  if (!qfu_can_ask_person (options)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s. What the chip holds would decide, and it was not read: %s. --old-rom names "
                 "an image of it, as Heads reads it; else a person has to say on a terminal that "
                 "it is for this machine",
                 image->stranger->message, image->no_chip->message);
    return FALSE;
  }
  qfu_say (options, "%s", image->stranger->message);
  qfu_say (options, "  firmware of another board leaves a machine that does not start");
  return qfu_ask_person (options, question, error);
}

/* What Heads asks for afterwards, so that nobody takes it for an attack, nor an attack for it. */
static void
say_rest (const QfuOptions *options, const QfuStaging *staging)
{
  /* as Heads sees it, wherever the disk is mounted here */
  const QfuStaging seen = {"/boot", staging->version, NULL, NULL};
  g_autofree char *folder = qfu_staging_path (&seen, NULL);
  g_autofree char *package = qfu_staging_path (staging, QFU_STAGING_PACKAGE);

  qfu_say (options, "What is left is done in Heads:");
  qfu_say (options,
           "  1. It reports changed files of the boot folder: the new ones are those of "
           "%s. Sign them there (\"Update checksums and sign all files in /boot\").",
           folder);
  qfu_say (options,
           "  2. Flash it, and keep your settings: with %s on a USB drive from the menu, "
           "which checks the package, or in the recovery shell: cd %s && sha256sum -c "
           "firmware.rom.sha256 && flash.sh %s/" QFU_STAGING_IMAGE,
           package, folder, folder);
  qfu_say (options,
           "  3. After that TOTP and HOTP fail and the disk key does not open: that is PCR "
           "2. Compare it with the value above, and seal both again in Heads.");
  qfu_say (options, "  4. Back here, `qubes-fwupdmgr attest --learn` records the values.");
}

static void
add_json (JsonBuilder *builder,
          const QfuOptions *options,
          const QfuHeadsFound *found,
          const QfuHeadsImage *image,
          const QfuStaging *staging)
{
  static const char *const reasons[] = {[QFU_HEADS_NOT_FOR] = "none",
                                        [QFU_HEADS_BY_WORD] = "named",
                                        [QFU_HEADS_BY_FAMILY] = "family",
                                        [QFU_HEADS_BY_PRODUCT] = "product",
                                        [QFU_HEADS_BY_HARDWARE] = "hardware"};
  g_autofree char *path = qfu_staging_path (staging, QFU_STAGING_IMAGE);
  g_autofree char *package = qfu_staging_path (staging, QFU_STAGING_PACKAGE);

  qfu_json_text (builder, "board", found->board);
  qfu_json_text (builder, "componentId", found->component->id);
  qfu_json_text (builder, "foundBy", reasons[found->reason]);
  qfu_json_text (builder, "versionFrom", found->running);
  qfu_json_text (builder, "versionTo", staging->version);
  qfu_json_text (builder, "remote", found->offer.source->remote);
  qfu_json_flag (builder, "dryRun", options->dry_run);
  qfu_json_flag (builder, "boardKnown", image->stranger == NULL);
  qfu_json_text (builder, "image", path);
  qfu_json_text (builder, "package", package);
  qfu_json_digest (builder, "sha256", qfu_untrusted_blob_sha256 (image->payload));
  qfu_heads_image_json (builder, image);
}

/* A person at the terminal alone, and after everything else was said. */
static void
offer_reboot (const QfuOptions *options)
{
  g_autoptr (GError) error = NULL;

  if (!qfu_can_ask_person (options) || !qfu_ask_person (options, "Reboot into Heads now?", NULL))
    return;
  if (!qfu_reboot (&error))
    qfu_warn ("warning: %s; reboot as you usually do", error->message);
}

static gboolean
stage (const QfuOptions *options, const QfuStaging *staging, GError **error)
{
  g_autofree char *path = qfu_staging_path (staging, QFU_STAGING_IMAGE);
  g_autofree char *hex = qfu_digest_to_hex (staging->sha256);

  if (options->dry_run) {
    qfu_say (options, "  dry run: %s would be written; nothing was", path);
    return TRUE;
  }
  if (!qfu_staging_write (staging, error))
    return FALSE;
  qfu_say (options, "  %s lies ready, SHA-256 %s", path, hex);
  say_rest (options, staging);
  return TRUE;
}

gboolean
qfu_heads_run (QfuInventory *inventory,
               const QfuOptions *options,
               const QfuHeadsFound *found,
               JsonBuilder *builder,
               GError **error)
{
  const QfuConfig *config = inventory->config;
  const QfuComponentRelease *data = qfu_release_data (found->offer.release);
  QfuStaging staging = {config->boot, data->version, NULL, &data->content};
  g_auto (QfuHeadsImage) image = {0};

  say_way (options, found);
  if (!check_disk (config, error))
    return FALSE;
  /* what lies there already need not be fetched */
  if (data->has_content && !qfu_staging_check (&staging, error))
    return FALSE;
  if (!qfu_heads_image_obtain (inventory, options, &found->offer, &image, error))
    return FALSE;
  staging.image = image.payload;
  staging.sha256 = qfu_untrusted_blob_sha256 (image.payload);
  if (!qfu_staging_check (&staging, error) ||
      !qfu_heads_image_judge (config, options, &found->smbios, &image, error))
    return FALSE;
  qfu_heads_image_say (options, &image);
  if (image.stranger != NULL && !ask_about_stranger (options, found, &image, error))
    return FALSE;
  if (!stage (options, &staging, error))
    return FALSE;
  add_json (builder, options, found, &image, &staging);
  if (!options->dry_run)
    offer_reboot (options);
  return TRUE;
}
