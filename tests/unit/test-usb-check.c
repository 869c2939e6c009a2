/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-check.h"

#include "qfu-error.h"
#include "qfu-usbmarks.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef01234567"
#define TO "1.2.5"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

static char *guids[] = {(char *)GUID, NULL};

typedef struct {
  const char *what;
  guint flags;
  guint of_machine;   /* keyboards */
  guint of_qubes[2];  /* that each qube says that it has */
  const char *claims; /* the version */
  gboolean allow_older;
  const char *refusal; /* %NULL: none */
  const char *to;      /* what it is to get; %NULL: newer than everything */
} Case;

static const Case cases[] = {
    {"plain", 0, 0, {0, 0}, "1.2.4", FALSE, NULL},
    {"elsewhere", QFU_DEVICE_ELSEWHERE, 1, {0, 0}, "1.2.4", FALSE, "attached it to another qube"},
    {"only-keyboard", QFU_DEVICE_KEYBOARD, 0, {1, 0}, "1.2.4", FALSE, "the only keyboard"},
    {"unknown-keyboard", QFU_DEVICE_KEYBOARD, 0, {0, 0}, "1.2.4", FALSE, "the only keyboard"},
    {"keyboard-of-laptop", QFU_DEVICE_KEYBOARD, 1, {1, 0}, "1.2.4", FALSE, NULL},
    {"keyboard-elsewhere", QFU_DEVICE_KEYBOARD, 0, {1, 1}, "1.2.4", FALSE, NULL},
    {"two-keyboards", QFU_DEVICE_KEYBOARD, 0, {2, 0}, "1.2.4", FALSE, NULL},
    {"lies", 0, 0, {0, 0}, "1.2.2", FALSE, "1.2.4 was read back"},
    {"bootloader", QFU_DEVICE_BOOTLOADER, 0, {0, 0}, "0.1", FALSE, NULL},
    {"older-for-bootloader",
     QFU_DEVICE_BOOTLOADER,
     0,
     {0, 0},
     "0.1",
     FALSE,
     "1.2.4 was read back",
     "1.2.3"},
    {"older-on-request", 0, 0, {0, 0}, "1.2.2", TRUE, NULL},
};

static void
plug_keyboards (const char *input, guint count)
{
  for (guint i = 0; i < count; i++) {
    g_autofree char *name = g_strdup_printf ("input%u", i);
    g_autofree char *folder = g_build_filename (input, name, "capabilities", NULL);
    g_autofree char *file = g_build_filename (folder, "key", NULL);

    g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
    g_assert_true (g_file_set_contents (file, "fffffffffffffffe\n", -1, NULL));
  }
}

static void
keep_mark (const QfuConfig *config)
{
  const QfuUsbMark mark = {.domain = (char *)"sys-usb",
                           .device = (char *)ID,
                           .guid = (char *)GUID,
                           .version = (char *)"1.2.4",
                           .format = (char *)"triplet",
                           .time = 1};

  g_assert_true (qfu_usbmarks_keep (config, &mark, NULL));
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *directory = test_directory ();
  g_autofree char *input = g_build_filename (directory, "input", NULL);
  g_autofree char *state = g_build_filename (directory, "state", NULL);
  g_autofree char *supplies = g_build_filename (directory, "none", NULL);
  const QfuConfig config = {.input = input, .state = state, .power_supply = supplies};
  const QfuOptions options = {.allow_older = c->allow_older};
  const QfuDevice device = {.domain = (char *)"sys-usb",
                            .id = (char *)ID,
                            .guids = guids,
                            .version = (char *)c->claims,
                            .version_format = (char *)"unknown",
                            .flags = c->flags};
  const QfuComponent component = {.version_format = (char *)"triplet"};
  QfuUsbQube qubes[] = {{.keyboards = c->of_qubes[0]}, {.keyboards = c->of_qubes[1]}};
  QfuDomain domains[] = {{.qube = &qubes[0]}, {.qube = NULL}, {.qube = &qubes[1]}};
  const char *to = c->to != NULL ? c->to : TO;
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  const QfuInventory inventory = {.config = &config, .domains = all};
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (domains); i++)
    g_ptr_array_add (all, &domains[i]);
  plug_keyboards (input, c->of_machine);
  keep_mark (&config);
  g_assert_cmpint (qfu_usb_check (&inventory, &options, &device, &component, to, &error), ==,
                   c->refusal == NULL);
  if (c->refusal != NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, c->refusal));
  }
  test_directory_remove (directory);
}

/* What the device asks for is looked at where the battery is. */
static void
test_power (void)
{
  g_autofree char *directory = test_directory ();
  g_autofree char *battery = g_build_filename (directory, "BAT0", NULL);
  g_autofree char *type = g_build_filename (battery, "type", NULL);
  const QfuConfig config = {.input = directory, .state = directory, .power_supply = directory};
  QfuOptions options = {.force = FALSE};
  QfuDevice device = {.domain = (char *)"sys-usb",
                      .id = (char *)ID,
                      .guids = guids,
                      .version = (char *)"1",
                      .version_format = (char *)"unknown",
                      .flags = QFU_DEVICE_REQUIRE_AC};
  const QfuComponent component = {.version_format = (char *)"plain"};
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  const QfuInventory inventory = {.config = &config, .domains = none};
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (battery, 0755), ==, 0);
  g_assert_true (g_file_set_contents (type, "Battery\n", -1, NULL));
  g_assert_false (qfu_usb_check (&inventory, &options, &device, &component, TO, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "--force"));
  options.force = TRUE;
  g_assert_true (qfu_usb_check (&inventory, &options, &device, &component, TO, NULL));
  options.force = FALSE;
  device.flags = 0;
  g_assert_true (qfu_usb_check (&inventory, &options, &device, &component, TO, NULL));
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/usb-check/%s", cases[i].what);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/usb-check/power", test_power);
  return g_test_run ();
}
