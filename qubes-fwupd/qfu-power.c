/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-power.h"

#include "qfu-error.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>

/* What the supplies of the machine add up to. */
typedef struct {
  gboolean outlets;  /* whether any supply from outside is listed */
  gboolean online;   /* whether one of them is connected */
  gboolean charging; /* whether a battery says that it does not feed the machine */
} Supplies;

/* (nullable): the value of a file of sysfs, without its line feed. */
static char *
attribute (const char *folder, const char *supply, const char *name)
{
  g_autofree char *path = g_build_filename (folder, supply, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strchomp (text);
}

static gboolean
is (const char *folder, const char *supply, const char *name, const char *value)
{
  g_autofree char *text = attribute (folder, supply, name);

  return g_strcmp0 (text, value) == 0;
}

static void
look_at_battery (const char *folder, const char *supply, Supplies *supplies, QfuPower *power)
{
  g_autofree char *capacity = attribute (folder, supply, "capacity");
  guint64 percent;

  /* an empty bay */
  if (is (folder, supply, "present", "0"))
    return;
  power->battery = TRUE;
  supplies->charging = supplies->charging || is (folder, supply, "status", "Charging") ||
                       is (folder, supply, "status", "Full") ||
                       is (folder, supply, "status", "Not charging");
  if (capacity != NULL && g_ascii_string_to_unsigned (capacity, 10, 0, 100, &percent, NULL))
    power->percent = MAX (power->percent, (gint)percent);
}

static void
look_at (const char *folder, const char *supply, Supplies *supplies, QfuPower *power)
{
  /* of a mouse, a headset, ... */
  if (is (folder, supply, "scope", "Device"))
    return;
  if (is (folder, supply, "type", "Battery") || is (folder, supply, "type", "UPS")) {
    look_at_battery (folder, supply, supplies, power);
    return;
  }
  /* Mains, and the kinds of USB and wireless chargers */
  supplies->outlets = TRUE;
  supplies->online =
      supplies->online || is (folder, supply, "online", "1") || is (folder, supply, "online", "2");
}

gboolean
qfu_power_read (const QfuConfig *config, QfuPower *power, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = g_dir_open (config->power_supply, 0, &local);
  Supplies supplies = {0};
  const char *name;

  *power = (QfuPower){.percent = -1};
  if (folder == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "the power supplies cannot be listed: %s",
                 local->message);
    return FALSE;
  }
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    look_at (config->power_supply, name, &supplies, power);
  power->mains = !power->battery || supplies.online || (!supplies.outlets && supplies.charging);
  return TRUE;
}

gboolean
qfu_power_check (const QfuConfig *config, GError **error)
{
  QfuPower power;

  if (!qfu_power_read (config, &power, error))
    return FALSE;
  if (!power.mains)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED,
                         "the machine runs on its battery; connect it to mains");
  else if (power.percent >= 0 && power.percent < (gint)config->minimum_battery)
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "the battery holds %d%%, and [Chip] MinimumBattery asks for %u%%: it would not "
                 "bridge a plug that is pulled; charge it",
                 power.percent, config->minimum_battery);
  else
    return TRUE;
  return FALSE;
}
