/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-route.h"

#include "qfu-error.h"
#include "qfu-transport.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "machine.h"
#include "peer.h"
#include "testconfig.h"

#define PATIENCE 60 /* seconds, far more than anything needs on a busy machine */
#define URL "https://mirror.example/firmware.cab"
#define MAXIMUM 100000

static char *folder;

static char *some[] = {(char *)"one", (char *)"two", (char *)"three", NULL};
static char *tor[] = {(char *)"onion", NULL};

static QfuConfig by_name = {
    .transport = (char *)"qrexec",
    .update_vms = some,
    .tor_update_vms = tor,
    .qrexec_client = (char *)"/client",
};

static void
keep_text (const char *text, gpointer user)
{
  g_ptr_array_add (user, g_strdup (text));
}

static void
test_order (void)
{
  static const char *const left[] = {"two", "three", NULL};
  g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (QfuRoute) route = qfu_route_new (&by_name, FALSE, keep_text, told, NULL);
  g_auto (GStrv) first = qfu_route_argv (route, NULL);
  g_auto (GStrv) second = NULL;

  g_assert_cmpstrv (qfu_route_vms (route), some);
  g_assert_cmpstr (qfu_route_peer (route), ==, "VM one");
  g_assert_cmpstr (first[2], ==, "one");
  g_assert_true (qfu_route_next (route, "it sleeps"));
  g_assert_cmpstr (qfu_route_peer (route), ==, "VM two");
  g_assert_cmpstrv (qfu_route_vms (route), left);
  second = qfu_route_argv (route, NULL);
  g_assert_cmpstr (second[2], ==, "two");
  g_assert_true (qfu_route_next (route, "it is gone"));
  g_assert_false (qfu_route_next (route, "so is this"));
  g_assert_cmpstr (qfu_route_peer (route), ==, "VM three");
  g_assert_cmpuint (told->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (told, 0), ==, "VM one: it sleeps; VM two is tried instead");
}

static void
test_tor (void)
{
  g_autoptr (QfuRoute) route = qfu_route_new (&by_name, TRUE, NULL, NULL, NULL);

  g_assert_cmpstrv (qfu_route_vms (route), tor);
  g_assert_false (qfu_route_next (route, "it sleeps"));
}

static void
test_nameless (void)
{
  QfuConfig exec = {.transport = (char *)"exec", .command = (char *)"true x"};
  g_autoptr (QfuRoute) route = qfu_route_new (&exec, FALSE, NULL, NULL, NULL);
  g_auto (GStrv) argv = qfu_route_argv (route, NULL);

  g_assert_null (qfu_route_vms (route)[0]);
  g_assert_nonnull (strstr (qfu_route_peer (route), "Command="));
  g_assert_cmpstr (argv[1], ==, "x");
  g_assert_false (qfu_route_next (route, "it sleeps"));
}

static void
test_unknown (void)
{
  QfuConfig unknown = {.transport = (char *)"pigeon"};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_route_new (&unknown, FALSE, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

static void
expect_no_children (void)
{
  int status;

  (void)alarm (PATIENCE);
  while (waitpid (-1, &status, 0) >= 0)
    continue;
  g_assert_cmpint (errno, ==, ECHILD);
  (void)alarm (0);
}

/* Where the client is a shell that plays each VM by its name. */
static QfuConfig *
configure_vms (const char *vms, const char *cases)
{
  g_autofree char *client = g_build_filename (folder, "client", NULL);
  g_autofree char *program = g_strdup_printf ("#!/bin/sh\ncase $2 in\n%s\nesac\n", cases);
  g_autofree char *path = g_build_filename (folder, "conf", NULL);
  g_autofree char *text = g_strdup_printf ("[Transport]\nUpdateVM=%s\nQrexecClient=%s\n"
                                           "MinimumRate=0\nConnectSeconds=1\n",
                                           vms, client);
  QfuConfig *config;

  g_assert_true (g_file_set_contents (client, program, -1, NULL));
  g_assert_cmpint (g_chmod (client, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("QFU_CONFIG", path, TRUE);
  config = qfu_config_load (NULL);
  g_assert_nonnull (config);
  g_assert_cmpint (g_unlink (path), ==, 0);
  return config;
}

static void
count_notice (const char *text, gpointer user)
{
  guint *count = user;

  g_assert_nonnull (strstr (text, "is tried instead"));
  (*count)++;
}

/* A VM without an agent, one that is gone and one that says nothing are passed over, once. */
static void
test_next_vm (void)
{
  g_autofree char *cases = g_strdup_printf ("none) exit 127;;\ngone) exit 125;;\n"
                                            "deaf) exec %s hang;;\n"
                                            "good) exec %s request hello size:9 data:9 end:9;;",
                                            peer_path (), peer_path ());
  g_autoptr (QfuConfig) config = configure_vms ("none;gone;deaf;good", cases);
  guint told = 0;
  g_autoptr (QfuRoute) route = qfu_route_new (config, FALSE, count_notice, &told, NULL);
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = 9, .route = route};

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuUntrustedBlob) blob = qfu_transport_fetch (config, &fetch, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 9);
    g_assert_cmpuint (told, ==, 3);
    g_assert_cmpstr (qfu_route_peer (route), ==, "VM good");
  }
  expect_no_children ();
}

/* What an agent says once it has answered counts: another VM is no way around it. */
static void
test_same_vm (void)
{
  static const struct {
    const char *script;
    QfuError code;
  } answers[] = {
      {"request hello error:4", QFU_ERROR_UNREACHABLE},
      {"request hello error:10,404", QFU_ERROR_NOT_FOUND},
      {"request hello size:10 data:5 exit:255", QFU_ERROR_UNREACHABLE},
      {"request hello size:99999999", QFU_ERROR_LIMIT},
      {"request end:0", QFU_ERROR_PROTOCOL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_autofree char *cases =
        g_strdup_printf ("first) exec %s %s;;\n*) exec %s request hello size:9 data:9 end:9;;",
                         peer_path (), answers[i].script, peer_path ());
    g_autoptr (QfuConfig) config = configure_vms ("first;other", cases);
    QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM};
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
    g_assert_error (error, QFU_ERROR, (int)answers[i].code);
    g_assert_true (g_str_has_prefix (error->message, "VM first, "));
  }
  expect_no_children ();
}

static void
test_no_vm (void)
{
  g_autoptr (QfuConfig) config = configure_vms ("one;two", "one) exit 127;;\ntwo) exit 126;;");
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_true (g_str_has_prefix (error->message, "VM two, "));
}

/* Only those that run are left, in their order; one is started only when that is allowed. */
static void
test_running (void)
{
  static const char *const running[][3] = {{NULL}, {"two", "three"}, {"one"}};
  static const char *const first[] = {NULL, "VM two", "VM one"};
  g_autofree char *path = g_build_filename (folder, "qubesd", NULL);
  char *vms[] = {(char *)"gone", (char *)"one", (char *)"two", (char *)"three", NULL};
  QfuConfig config = by_name;

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
      g_assert_cmpstrv (qfu_route_vms (route), running[1]);
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
    g_autoptr (QfuConfig) config = configure_vms ("good", cases);
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
  g_autoptr (QfuConfig) config = configure_vms ("good", "good) exit 1;;");
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
  QfuConfig config = by_name;
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
  g_test_add_func ("/route/order", test_order);
  g_test_add_func ("/route/tor", test_tor);
  g_test_add_func ("/route/nameless", test_nameless);
  g_test_add_func ("/route/unknown", test_unknown);
  g_test_add_func ("/route/next-vm", test_next_vm);
  g_test_add_func ("/route/same-vm", test_same_vm);
  g_test_add_func ("/route/no-vm", test_no_vm);
  g_test_add_func ("/route/running", test_running);
  g_test_add_func ("/route/wakes", test_wakes);
  g_test_add_func ("/route/let-be", test_let_be);
  g_test_add_func ("/route/running-unknown", test_running_unknown);
  result = g_test_run ();
  test_directory_remove (folder);
  g_free (folder);
  return result;
}
