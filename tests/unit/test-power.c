/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-power.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

#define SUPPLIES_MAX 3
#define ATTRIBUTES_MAX 5

/* A supply as the kernel lists it: its name, then `name=value` of its files. */
typedef struct {
  const char *supply;
  const char *attributes[ATTRIBUTES_MAX];
} Supply;

typedef struct {
  const char *what;
  Supply supplies[SUPPLIES_MAX];
  QfuPower expected;
  const char *refusal; /* %NULL: none */
} Case;

static const Case cases[] = {
    {"desktop", {{0}}, {FALSE, TRUE, -1}, NULL},
    {"desktop-mouse",
     {{"hidpp_battery_0", {"type=Battery", "scope=Device", "capacity=3", "status=Discharging"}}},
     {FALSE, TRUE, -1},
     NULL},
    {"laptop-at-mains",
     {{"AC", {"type=Mains", "online=1"}},
      {"BAT0", {"type=Battery", "capacity=88", "status=Full", "present=1"}}},
     {TRUE, TRUE, 88},
     NULL},
    {"laptop-at-usb",
     {{"AC", {"type=Mains", "online=0"}},
      {"ucsi-source-psy-1", {"type=USB", "scope=System", "online=1"}},
      {"BAT0", {"type=Battery", "scope=System", "capacity=30"}}},
     {TRUE, TRUE, 30},
     NULL},
    {"programmable-usb",
     {{"ucsi-source-psy-1", {"type=USB", "online=2"}}, {"BAT0", {"type=Battery", "capacity=55"}}},
     {TRUE, TRUE, 55},
     NULL},
    {"pulled-plug",
     {{"AC", {"type=Mains", "online=0"}},
      {"BAT0", {"type=Battery", "capacity=100", "status=Discharging"}}},
     {TRUE, FALSE, 100},
     "runs on its battery"},
    {"full-but-unplugged",
     {{"AC", {"type=Mains", "online=0"}}, {"BAT0", {"type=Battery", "status=Full"}}},
     {TRUE, FALSE, -1},
     "runs on its battery"},
    {"low",
     {{"AC", {"type=Mains", "online=1"}},
      {"BAT0", {"type=Battery", "capacity=29", "status=Charging"}}},
     {TRUE, TRUE, 29},
     "the battery holds 29%"},
    {"fullest-counts",
     {{"AC", {"type=Mains", "online=1"}},
      {"BAT0", {"type=Battery", "capacity=5"}},
      {"BAT1", {"type=Battery", "capacity=90"}}},
     {TRUE, TRUE, 90},
     NULL},
    {"no-outlet-listed",
     {{"BAT0", {"type=Battery", "capacity=70", "status=Charging"}}},
     {TRUE, TRUE, 70},
     NULL},
    {"no-outlet-held", /* by a threshold of its charge */
     {{"BAT0", {"type=Battery", "capacity=80", "status=Not charging"}}},
     {TRUE, TRUE, 80},
     NULL},
    {"no-outlet-discharging",
     {{"BAT0", {"type=Battery", "capacity=70", "status=Discharging"}}},
     {TRUE, FALSE, 70},
     "runs on its battery"},
    {"unknown",
     {{"BAT0", {"type=Battery", "capacity=70", "status=Unknown"}}},
     {TRUE, FALSE, 70},
     "runs on its battery"},
    {"empty-bay",
     {{"AC", {"type=Mains", "online=1"}}, {"BAT1", {"type=Battery", "present=0", "capacity=0"}}},
     {FALSE, TRUE, -1},
     NULL},
    {"nonsense",
     {{"AC", {"type=Mains", "online=1"}}, {"BAT0", {"type=Battery", "capacity=full"}}},
     {TRUE, TRUE, -1},
     NULL},
    {"ups-without-mains",
     {{"UPS", {"type=UPS", "capacity=60", "status=Discharging"}}},
     {TRUE, FALSE, 60},
     "runs on its battery"},
};

static void
put (const char *folder, const char *supply, const char *attribute)
{
  g_auto (GStrv) parts = g_strsplit (attribute, "=", 2);
  g_autofree char *below = g_build_filename (folder, supply, NULL);
  g_autofree char *path = g_build_filename (below, parts[0], NULL);
  g_autofree char *line = g_strconcat (parts[1], "\n", NULL);

  g_assert_cmpint (g_mkdir_with_parents (below, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, line, -1, NULL));
}

static void
test_case (gconstpointer data)
{
  const Case *each = data;
  g_autofree char *directory = test_directory ();
  QfuConfig config = {.power_supply = directory, .minimum_battery = 30};
  g_autoptr (GError) error = NULL;
  QfuPower power;

  for (guint i = 0; i < SUPPLIES_MAX && each->supplies[i].supply != NULL; i++) {
    for (guint j = 0; j < ATTRIBUTES_MAX && each->supplies[i].attributes[j] != NULL; j++)
      put (directory, each->supplies[i].supply, each->supplies[i].attributes[j]);
  }
  g_assert_true (qfu_power_read (&config, &power, &error));
  g_assert_no_error (error);
  g_assert_cmpint (power.battery, ==, each->expected.battery);
  g_assert_cmpint (power.mains, ==, each->expected.mains);
  g_assert_cmpint (power.percent, ==, each->expected.percent);
  g_assert_cmpint (qfu_power_check (&config, &error), ==, each->refusal == NULL);
  if (each->refusal != NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, each->refusal));
  }
  test_directory_remove (directory);
}

/* A kernel without the class: nothing says that there is a battery. */
static void
test_no_class (void)
{
  QfuConfig config = {.power_supply = (char *)"/nonexistent/power_supply", .minimum_battery = 100};
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_power_check (&config, &error));
  g_assert_no_error (error);
}

static void
test_no_folder (void)
{
  QfuConfig config = {.power_supply = (char *)"/dev/null", .minimum_battery = 0};
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_power_check (&config, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/power/%s", cases[i].what);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/power/no-class", test_no_class);
  g_test_add_func ("/power/no-folder", test_no_folder);
  return g_test_run ();
}
