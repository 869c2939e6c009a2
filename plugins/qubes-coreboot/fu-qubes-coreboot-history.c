/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fu-qubes-coreboot-history.h"

#include "fu-qubes-coreboot-read.h"

#include "qfu-flash-version.h"
#include "qfu-updatereport.h"

#include <gio/gio.h>

#define INHIBIT "qubes-fwupd-recover"
/* what hangs on the device */
#define LOOK "qubes-fwupd-look"
#define HIDDEN_VERSION "qubes-fwupd-version"
#define MONITOR "qubes-fwupd-monitor"

/* What the stores and the chip say of the last write; of the chip only what is not known without.
 */
typedef struct {
  QfuAftermath *aftermath;
  QfuChipHolds holds;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  qfu_aftermath_free (look->aftermath);
  g_free (look);
}

static void
look_at_chip (const QfuConfig *config, Look *look)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) chip = fu_qubes_coreboot_read_chip (config, NULL, &error);

  if (chip == NULL || !qfu_aftermath_compare (config, look->aftermath, chip, &look->holds, &error))
    g_warning ("what the chip holds after the update was not looked at: %s", error->message);
}

/* (transfer none) (nullable): made once in the life of the device, as the chip is slow. */
static const Look *
look_back (FuDevice *device)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuConfig) config = NULL;
  g_autoptr (QfuAftermath) aftermath = NULL;
  Look *look = g_object_get_data (G_OBJECT (device), LOOK);

  if (look != NULL)
    return look;
  config = qfu_config_load (&error);
  if (config != NULL)
    aftermath = qfu_aftermath_load (config, fu_device_get_id (device), &error);
  if (aftermath == NULL) {
    g_warning ("what became of the update is not known: %s", error->message);
    return NULL;
  }
  look = g_new0 (Look, 1);
  look->aftermath = g_steal_pointer (&aftermath);
  if (qfu_aftermath_needs_look (look->aftermath))
    look_at_chip (config, look);
  g_object_set_data_full (G_OBJECT (device), LOOK, look, look_free);
  return look;
}

/* Whether the version that runs is not the one of the record. */
static gboolean
is_other_version (FuDevice *device, const QfuRefRecord *record)
{
  const char *version = fu_device_get_version (device);

  if (record == NULL || record->version_to[0] == '\0' || version == NULL)
    return FALSE;
  return fu_version_compare (version, record->version_to, fu_device_get_version_format (device)) !=
         0;
}

void
fu_qubes_coreboot_report_metadata_pre (FuDevice *device, GHashTable *metadata)
{
  g_autoptr (QfuConfig) config = qfu_config_load (NULL);

  if (config != NULL)
    qfu_update_report_before (config, fu_device_get_id (device), qfu_flash_version (), metadata);
}

void
fu_qubes_coreboot_report_metadata_post (FuDevice *device, GHashTable *metadata)
{
  const Look *look = look_back (device);
  g_autofree char *text = NULL;

  if (look == NULL)
    return;
  if (qfu_aftermath_judge (look->aftermath, look->holds,
                           is_other_version (device, look->aftermath->record), &text))
    g_info ("%s", text);
  qfu_update_report_after (look->aftermath, text, metadata);
}

/* fwupd takes a version that equals the installed one for success, and asks get_results for
 * anything else. Where that would call a failed update a success, as when the same version was
 * installed again, it is asked anyway: there is no version until then. */
gboolean
fu_qubes_coreboot_reboot_cleanup (FuPlugin *plugin, FuDevice *device, GError **error)
{
  const Look *look = look_back (device);
  g_autofree char *text = NULL;

  if (look == NULL || qfu_aftermath_judge (look->aftermath, look->holds, FALSE, &text))
    return TRUE;
  g_object_set_data_full (G_OBJECT (device), HIDDEN_VERSION,
                          g_strdup (fu_device_get_version (device)), g_free);
  fu_device_set_version (device, NULL);
  return TRUE;
}

gboolean
fu_qubes_coreboot_get_results (FuDevice *device, GError **error)
{
  const Look *look = look_back (device);
  g_autofree char *text = NULL;
  g_autofree char *version = g_object_steal_data (G_OBJECT (device), HIDDEN_VERSION);

  if (version != NULL)
    fu_device_set_version (device, version);
  if (look == NULL || qfu_aftermath_judge (look->aftermath, look->holds, version == NULL, &text))
    return TRUE;
  fu_device_set_update_state (device, FWUPD_UPDATE_STATE_FAILED);
  fu_device_set_update_error (device, text);
  return TRUE;
}

static void
on_journal (
    GFileMonitor *monitor, GFile *file, GFile *other_file, GFileMonitorEvent event, gpointer user)
{
  fu_qubes_coreboot_follow_journal (user);
}

/* Until the write is finished, which `qubes-fwupdmgr recover` does while fwupd runs. */
static void
watch_journal (FuDevice *device, const QfuConfig *config)
{
  g_autofree char *path = g_build_filename (config->state, "flash", NULL);
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor;

  monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_NONE, NULL, &error);
  if (monitor == NULL) {
    g_warning ("%s is not watched: %s", path, error->message);
    return;
  }
  g_signal_connect_object (monitor, "changed", G_CALLBACK (on_journal), device, 0);
  g_object_set_data_full (G_OBJECT (device), MONITOR, monitor, g_object_unref);
}

void
fu_qubes_coreboot_follow_journal (FuDevice *device)
{
  g_autoptr (QfuConfig) config = qfu_config_load (NULL);
  g_autofree char *obstacle = config == NULL ? NULL : qfu_aftermath_obstacle (config);

  if (config == NULL)
    return;
  if (obstacle != NULL && g_object_get_data (G_OBJECT (device), MONITOR) == NULL) {
    watch_journal (device, config);
    /* it may have ended before it was watched */
    g_free (obstacle);
    obstacle = qfu_aftermath_obstacle (config);
  }
  if (obstacle != NULL) {
    fu_device_inhibit (device, INHIBIT, obstacle);
    return;
  }
  fu_device_uninhibit (device, INHIBIT);
  g_object_set_data (G_OBJECT (device), MONITOR, NULL);
}
