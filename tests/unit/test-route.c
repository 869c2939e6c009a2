/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-route.h"

#include "qfu-error.h"
#include "qfu-transport.h"

#include <string.h>
#include <sys/prctl.h>

#include "peer.h"
#include "routevms.h"

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

  g_assert_true (
      g_strv_equal ((const char *const *)qfu_route_vms (route), (const char *const *)some));
  g_assert_cmpstr (qfu_route_peer (route), ==, "VM one");
  g_assert_cmpstr (first[2], ==, "one");
  g_assert_true (qfu_route_next (route, "it sleeps"));
  g_assert_cmpstr (qfu_route_peer (route), ==, "VM two");
  g_assert_true (
      g_strv_equal ((const char *const *)qfu_route_vms (route), (const char *const *)left));
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

  g_assert_true (
      g_strv_equal ((const char *const *)qfu_route_vms (route), (const char *const *)tor));
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
  g_autoptr (QfuConfig) config = configure_vms (folder, "none;gone;deaf;good", cases);
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
    g_autoptr (QfuConfig) config = configure_vms (folder, "first;other", cases);
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
  g_autoptr (QfuConfig) config =
      configure_vms (folder, "one;two", "one) exit 127;;\ntwo) exit 126;;");
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_true (g_str_has_prefix (error->message, "VM two, "));
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
  result = g_test_run ();
  test_directory_remove (folder);
  g_free (folder);
  return result;
}
