/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-backup.h"

#include "qfu-images.h"
#include "qfu-medium.h"
#include "qfu-print.h"
#include "qfu-rescue.h"

#define TEXT "RECOVERY.txt"

struct _QfuBackup {
  char *path;
  char *copy; /* %NULL: none was asked for */
  QfuDigest sha256;
  guint64 size;
};

void
qfu_backup_free (QfuBackup *backup)
{
  if (backup == NULL)
    return;
  g_free (backup->path);
  g_free (backup->copy);
  g_free (backup);
}

/* The folder of a person: image, layout and text, in this order, so that a text speaks of files
 * that are there. */
static gboolean
copy_to (QfuBackup *backup,
         const QfuBackupQuestion *question,
         const QfuRescue *rescue,
         GError **error)
{
  g_autoptr (QfuMedium) medium = qfu_medium_open (question->options->backup_to, error);
  g_autofree char *layout = qfu_rescue_layout (rescue);
  g_autofree char *text = qfu_rescue_text (rescue);

  if (medium == NULL || !qfu_medium_put (medium, rescue->image, question->chip, error))
    return FALSE;
  if (rescue->unread->len > 0 && !qfu_medium_put_text (medium, rescue->layout, layout, error))
    return FALSE;
  if (!qfu_medium_put_text (medium, TEXT, text, error))
    return FALSE;
  if (qfu_medium_holds (medium, backup->path))
    qfu_warn ("warning: %s is on the same file system as %s: nobody reads it while this machine "
              "does not start",
              question->options->backup_to, backup->path);
  backup->copy = qfu_medium_path (medium, rescue->image);
  return TRUE;
}

static void
say (const QfuBackup *backup, const QfuOptions *options, const QfuRescue *rescue)
{
  g_autofree char *hex = qfu_digest_to_hex (&backup->sha256);
  g_autofree char *command = qfu_rescue_command (rescue);

  qfu_say_whole (options, "  backup of the chip: %s", backup->path);
  qfu_say (options, "    SHA-256 %s", hex);
  if (backup->copy != NULL)
    qfu_say (options, "  copied and read back: %s; what to do with it is in " TEXT " beside it",
             backup->copy);
  qfu_say (options, "  if the write is cut off: start the machine again, or run `qubes-fwupdmgr "
                    "recover`; it finishes the write or brings the backup back");
  qfu_say (options, "  if the machine does not start then: with another computer and an external "
                    "programmer,");
  qfu_say_whole (options, "    %s", command);
  if (backup->copy == NULL)
    qfu_say (options, "    which needs the backup on another medium: --backup-to DIR copies it, "
                      "with all steps");
}

QfuBackup *
qfu_backup_make (const QfuBackupQuestion *question, GError **error)
{
  g_autoptr (QfuBackup) backup = g_new0 (QfuBackup, 1);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H:%M:%S UTC");
  g_autofree char *image = NULL;
  g_autofree char *hex = NULL;
  g_autofree char *layout = NULL;
  QfuRescue rescue = {.device = question->device->name,
                      .version_from = question->device->version,
                      .version_to = question->version,
                      .time = time,
                      .sha256 = &backup->sha256,
                      .model = question->config->chip_model,
                      .unread = question->unread};

  backup->sha256 = *qfu_untrusted_blob_sha256 (question->chip);
  rescue.size = backup->size = qfu_untrusted_blob_size (question->chip);
  hex = qfu_digest_to_hex (&backup->sha256);
  image = g_strconcat (hex, ".rom", NULL);
  layout = g_strconcat (hex, ".layout", NULL);
  rescue.image = image;
  rescue.layout = layout;
  if (!qfu_images_keep (question->config, question->chip, &backup->path, error) ||
      (question->options->backup_to != NULL && !copy_to (backup, question, &rescue, error))) {
    g_prefix_error (error, "the chip is not written without a backup: ");
    return NULL;
  }
  say (backup, question->options, &rescue);
  return g_steal_pointer (&backup);
}

const char *
qfu_backup_path (const QfuBackup *backup)
{
  return backup->path;
}

void
qfu_backup_json (const QfuBackup *backup, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "backup");
  json_builder_begin_object (builder);
  qfu_json_text (builder, "path", backup->path);
  qfu_json_digest (builder, "sha256", &backup->sha256);
  qfu_json_number (builder, "size", (gint64)backup->size);
  qfu_json_text (builder, "copy", backup->copy);
  json_builder_end_object (builder);
}
