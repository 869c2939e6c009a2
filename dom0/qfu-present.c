/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-present.h"

#include "qfu-limits.h"
#include "qfu-machine.h"
#include "qfu-measured.h"

/* Copying a chip into sealed memory takes longer than all else: two files are copied at once. */
typedef struct _QfuPresentFile {
  GThread *thread;
  char *path;
  QfuUntrustedBlob *blob;
  GError *error;
} QfuPresentFile;

static gpointer
load (gpointer user)
{
  QfuPresentFile *file = user;

  file->blob = qfu_untrusted_blob_load (file->path, QFU_ROM_SIZE_MAX, FALSE, &file->error);
  return NULL;
}

static QfuPresentFile *
file_start (const char *path)
{
  QfuPresentFile *file = g_new0 (QfuPresentFile, 1);

  file->path = g_strdup (path);
  file->thread = g_thread_new ("old-rom", load, file);
  return file;
}

/* Waits for the copy; takes the file. */
static QfuUntrustedBlob *
file_finish (QfuPresentFile *file, GError **error)
{
  QfuUntrustedBlob *blob;

  (void)g_thread_join (file->thread);
  blob = file->blob;
  if (file->error != NULL)
    g_propagate_error (error, file->error);
  g_free (file->path);
  g_free (file);
  return blob;
}

void
qfu_present_free (QfuPresent *present)
{
  if (present == NULL)
    return;
  if (present->loading != NULL)
    qfu_untrusted_blob_free (file_finish (present->loading, NULL));
  qfu_rom_reader_free (present->reader);
  qfu_untrusted_blob_free (present->chip);
  qfu_rom_free (present->rom);
  g_clear_pointer (&present->logs, g_ptr_array_unref);
  g_clear_error (&present->no_log);
  g_clear_error (&present->no_pcrs);
  g_free (present);
}

QfuPresent *
qfu_present_new (const QfuOptions *options)
{
  QfuPresent *present = g_new0 (QfuPresent, 1);

  present->logs = g_ptr_array_new ();
  if (options->old_rom != NULL)
    present->loading = file_start (options->old_rom);
  return present;
}

void
qfu_present_read_logs (QfuPresent *present, const QfuConfig *config, const QfuOptions *options)
{
  gboolean known = options->pcrs != NULL
                       ? qfu_measured_pcrs (options->pcrs, &present->pcrs, &present->no_pcrs)
                       : qfu_machine_pcrs (config, &present->pcrs, &present->no_pcrs);
  GPtrArray *logs = qfu_measured_logs (config, options->event_logs, &present->no_log);

  if (!known)
    qfu_pcr_set_clear (&present->pcrs);
  if (logs == NULL)
    return;
  g_ptr_array_unref (present->logs);
  present->logs = logs;
}

QfuPresent *
qfu_present_read (const QfuConfig *config, const QfuOptions *options)
{
  QfuPresent *present = g_new0 (QfuPresent, 1);

  present->logs = g_ptr_array_new ();
  qfu_present_read_logs (present, config, options);
  return present;
}

static const char *
name_of_chip (const QfuOptions *options)
{
  return options->old_rom != NULL ? options->old_rom : "what the chip holds";
}

gboolean
qfu_present_start_chip (QfuPresent *present,
                        const QfuConfig *config,
                        const QfuOptions *options,
                        GError **error)
{
  if (present->loading == NULL && options->old_rom != NULL)
    present->loading = file_start (options->old_rom);
  present->chip = present->loading != NULL
                      ? file_finish (g_steal_pointer (&present->loading), error)
                      : qfu_machine_chip (config, error);
  if (present->chip == NULL)
    return FALSE;
  present->reader = qfu_rom_start (config, present->chip, error);
  if (present->reader == NULL)
    g_prefix_error (error, "%s: ", name_of_chip (options));
  return present->reader != NULL;
}

gboolean
qfu_present_finish_chip (QfuPresent *present, const QfuOptions *options, GError **error)
{
  present->rom = qfu_rom_finish (present->reader, error);
  g_clear_pointer (&present->reader, qfu_rom_reader_free);
  if (present->rom == NULL)
    g_prefix_error (error, "%s: ", name_of_chip (options));
  return present->rom != NULL;
}

gboolean
qfu_present_read_chip (QfuPresent *present,
                       const QfuConfig *config,
                       const QfuOptions *options,
                       GError **error)
{
  return qfu_present_start_chip (present, config, options, error) &&
         qfu_present_finish_chip (present, options, error);
}
