/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which VMs of a route run, and who is started. */
#include "qfu-error.h"
#include "qfu-route.h"
#include "qfu-transport.h"

#include <string.h>
#include <sys/prctl.h>

#include "machine.h"
#include "peer.h"
#include "routevms.h"

static char *folder;

static void
keep_text (const char *text, gpointer user)
{
  g_ptr_array_add (user, g_strdup (text));
}

/* Only those that run are left, in their order; one is started only when that is allowed. */
static void
test_running (void)
{
  static const char *const running[][3] = {{NULL}, {"two", "three"}, {"one"}};
  static const char *const first[] = {NULL, "VM two", "VM one"};
  g_autofree char *path = g_build_filename (folder, "qubesd", NULL);
  char *vms[] = {(char *)"gone", (char *)"one", (char *)"two", (char *)"three", NULL};
  QfuConfig config = {.transport = (char *)"qrexec"};

  config.update_vms = vms;
  config.qubesd_socket = path;
  config.connect_seconds = 10;
  for (guint i = 0; i < 2 * G_N_ELEMENTS (running); i++) {
    guint n = i / 2;
    gboolean may_start = i % 2 == 1;
    Machine machine = {.path = path, .running = running[n]};
    g_autoptr (QfuRoute) route = qfu_route_new (&config, FALSE, NULL, NULL, NULL);
    g_autoptr (GError) error = NULL;
    gboolean good;

    machine_start (&machine);
    good = qfu_route_keep_running (route, may_start, &error);
    g_assert_true (good == (first[n] != NULL || may_start));
    g_assert_cmpuint (machine.queries->len, ==, first[n] == NULL && may_start ? 5 : 4);
    if (first[n] != NULL)
      g_assert_cmpstr (qfu_route_peer (route), ==, first[n]);
    else if (may_start)
      g_assert_cmpstr (g_ptr_array_index (machine.queries, 4), ==,
                       "admin.vm.Start+ dom0 name gone");
    else
      g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_RUNNING);
    if (n == 1)
      g_assert_cmpstr (qfu_route_vms (route)[1], ==, "three");
    machine_stop (&machine);
  }
}

/* Somebody waits: a VM that does not run is started, once, and that is told. */
static void
test_wakes (void)
{
  static const char *const running[][2] = {{"good"}, {NULL}};
  g_autofree char *path = g_build_filename (folder, "qubesd", NULL);
  g_autofree char *cases =
      g_strdup_printf ("good) exec %s request hello size:9 data:9 end:9;;", peer_path ());

  for (guint i = 0; i < G_N_ELEMENTS (running); i++) {
    g_autoptr (QfuConfig) config = configure_vms (folder, "good", cases);
    g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (QfuRoute) route = qfu_route_new (config, FALSE, keep_text, told, NULL);
    QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = 9, .route = route};
    Machine machine = {.path = path, .running = running[i]};

    g_free (config->qubesd_socket);
    config->qubesd_socket = g_strdup (path);
    machine_start (&machine);
    for (guint j = 0; j < 2; j++) {
      g_autoptr (GError) error = NULL;
      g_autoptr (QfuUntrustedBlob) blob = qfu_transport_fetch (config, &fetch, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 9);
    }
    g_assert_cmpuint (machine.queries->len, ==, 1 + i);
    g_assert_cmpuint (told->len, ==, i);
    if (i == 1)
      g_assert_cmpstr (g_ptr_array_index (machine.queries, 1), ==,
                       "admin.vm.Start+ dom0 name good");
    machine_stop (&machine);
  }
  expect_no_children ();
}

/* Where nobody waits, one that goes off meanwhile stays off. */
static void
test_let_be (void)
{
  static const char *const running[] = {"good", NULL};
  static const char *const none[] = {NULL};
  g_autofree char *path = g_build_filename (folder, "qubesd", NULL);
  g_autoptr (QfuConfig) config = configure_vms (folder, "good", "good) exit 1;;");
  g_autoptr (QfuRoute) route = qfu_route_new (config, FALSE, NULL, NULL, NULL);
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = 9, .route = route};
  Machine machine = {.path = path, .running = running};
  g_autoptr (GError) error = NULL;

  g_free (config->qubesd_socket);
  config->qubesd_socket = g_strdup (path);
  machine_start (&machine);
  g_assert_true (qfu_route_keep_running (route, FALSE, &error));
  machine.running = none;
  g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_cmpuint (machine.queries->len, ==, 1);
  machine_stop (&machine);
  expect_no_children ();
}

/* A qubesd that is not there, or speaks another language, is no VM that does not run. */
static void
test_running_unknown (void)
{
  static const char *const none[] = {NULL};
  g_autofree char *path = g_build_filename (folder, "qubesd", NULL);
  char *vms[] = {(char *)"one", NULL};
  QfuConfig config = {.transport = (char *)"qrexec", .update_vms = vms};
  QfuConfig exec = {.transport = (char *)"exec", .command = (char *)"true x"};
  Machine machine = {.path = path, .running = none, .garbage = TRUE};
  g_autoptr (QfuRoute) route = NULL;
  g_autoptr (QfuRoute) nameless = qfu_route_new (&exec, FALSE, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  config.qubesd_socket = path;
  config.connect_seconds = 10;
  route = qfu_route_new (&config, FALSE, NULL, NULL, NULL);
  g_assert_false (qfu_route_keep_running (route, FALSE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_clear_error (&error);
  machine_start (&machine);
  g_assert_false (qfu_route_keep_running (route, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  machine_stop (&machine);
  g_clear_error (&error);
  g_assert_true (qfu_route_keep_running (nameless, FALSE, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  folder = test_directory ();
  g_test_add_func ("/route-running/kept", test_running);
  g_test_add_func ("/route-running/wakes", test_wakes);
  g_test_add_func ("/route-running/let-be", test_let_be);
  g_test_add_func ("/route-running/unknown", test_running_unknown);
  result = g_test_run ();
  test_directory_remove (folder);
  g_free (folder);
  return result;
}
