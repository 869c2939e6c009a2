/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-install-local.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static char *fitting[] = {(char *)"b585990a-003e-5270-89d5-3705a17f9a43", NULL};
static char *other[] = {(char *)"11111111-2222-3333-4444-555555555555", NULL};

static QfuDevice own = {.name = (char *)"Dock", .guids = fitting};
static QfuDevice second = {.name = (char *)"Docket", .guids = fitting};
static QfuDevice foreign = {.name = (char *)"Disk", .guids = other};
static QfuDevice lent = {.name = (char *)"Liar", .guids = fitting, .domain = (char *)"sys-usb"};

static const struct {
  QfuDevice *devices[3];
  const QfuDevice *found; /* %NULL: refused, with the text */
  const char *refusal;
} cases[] = {
    {{&foreign, &own}, &own, NULL},
    {{&foreign}, NULL, "is for no device of this machine"},
    {{NULL}, NULL, "none of which can be updated now"},
    {{&own, &second}, NULL, "is for Dock and for Docket"},
    {{&foreign, &lent}, NULL, "what goes to a USB qube has to be named by verified metadata"},
    /* a qube's claim takes nothing from dom0 */
    {{&own, &lent}, &own, NULL},
    {{&lent, &own}, &own, NULL},
};

static void
test_device (void)
{
  const QfuComponent component = {.id = (char *)"com.example.dock", .guids = fitting};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) devices = g_ptr_array_new ();
    g_autoptr (GError) error = NULL;

    for (gsize j = 0; j < G_N_ELEMENTS (cases[i].devices) && cases[i].devices[j] != NULL; j++)
      g_ptr_array_add (devices, cases[i].devices[j]);
    g_assert_true (qfu_install_local_device (devices, &component, &error) == cases[i].found);
    if (cases[i].found != NULL) {
      g_assert_no_error (error);
      continue;
    }
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, cases[i].refusal));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/install-local/device", test_device);
  return g_test_run ();
}
