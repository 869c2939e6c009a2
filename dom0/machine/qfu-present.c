/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-present.h"

#include "qfu-limits.h"
#include "qfu-machine.h"
#include "qfu-measured.h"

void
qfu_present_free (QfuPresent *present)
{
  if (present == NULL)
    return;
  qfu_rom_reader_free (present->reader);
  qfu_untrusted_blob_free (present->chip);
  qfu_rom_free (present->rom);
  g_clear_pointer (&present->logs, g_ptr_array_unref);
  g_clear_error (&present->no_log);
  g_clear_error (&present->no_pcrs);
  g_free (present);
}

QfuPresent *
qfu_present_new (void)
{
  QfuPresent *present = g_new0 (QfuPresent, 1);

  present->logs = g_ptr_array_new ();
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
  QfuPresent *present = qfu_present_new ();

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
  present->chip = options->old_rom != NULL
                      ? qfu_untrusted_blob_load (options->old_rom, QFU_ROM_SIZE_MAX, FALSE, error)
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
