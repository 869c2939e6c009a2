/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-inhibit.h"

#include "logind.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-reboot.h"
#include "testconfig.h"

#define WHY "the test writes nothing"
#define INHIBIT "inhibit shutdown:sleep:handle-lid-switch qubes-fwupdmgr " WHY " block"

/* logind in a thread of its own, as the caller waits for its answer. */
typedef struct {
  GTestDBus *bus;
  gboolean refuse;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GAsyncQueue *events; /* (element-type utf8) */
} Fixture;

static void
on_event (const char *event, gpointer user)
{
  const Fixture *f = user;

  g_async_queue_push (f->events, g_strdup (event));
}

static gpointer
run_logind (gpointer user)
{
  Fixture *f = user;

  g_main_context_push_thread_default (f->context);
  {
    g_autoptr (TestLogind) logind G_GNUC_UNUSED =
        test_logind_new (g_test_dbus_get_bus_address (f->bus), f->refuse, on_event, f);

    g_async_queue_push (f->events, g_strdup ("ready"));
    g_main_loop_run (f->loop);
  }
  g_main_context_pop_thread_default (f->context);
  return NULL;
}

static void
expect (Fixture *f, const char *expected)
{
  g_autofree char *event = g_async_queue_pop (f->events);

  g_assert_cmpstr (event, ==, expected);
}

static void
set_up (Fixture *f, gconstpointer refuse)
{
  f->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (f->bus), TRUE);
  f->refuse = refuse != NULL;
  f->events = g_async_queue_new_full (g_free);
  f->context = g_main_context_new ();
  f->loop = g_main_loop_new (f->context, FALSE);
}

static void
start_logind (Fixture *f)
{
  f->thread = g_thread_new ("logind", run_logind, f);
  expect (f, "ready");
}

static void
tear_down (Fixture *f, gconstpointer refuse)
{
  (void)refuse;
  if (f->thread != NULL) {
    g_main_loop_quit (f->loop);
    (void)g_thread_join (f->thread);
  }
  g_main_loop_unref (f->loop);
  g_main_context_unref (f->context);
  g_async_queue_unref (f->events);
  g_test_dbus_down (f->bus);
  g_object_unref (f->bus);
}

static void
test_held (Fixture *f, gconstpointer refuse)
{
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) lock = -1;

  (void)refuse;
  start_logind (f);
  g_assert_true (qfu_inhibit_sleep (WHY, &lock, &error));
  g_assert_no_error (error);
  expect (f, INHIBIT);
  g_assert_cmpint (fcntl (lock, F_GETFD), ==, FD_CLOEXEC);
  g_assert_cmpint (g_async_queue_length (f->events), ==, 0);
  qfu_fd_clear (&lock);
  expect (f, "released");
}

static void
test_refused (Fixture *f, gconstpointer refuse)
{
  g_autoptr (GError) error = NULL;
  int lock = -1;

  (void)refuse;
  start_logind (f);
  g_assert_false (qfu_inhibit_sleep (WHY, &lock, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_cmpstr (error->message, ==,
                   "logind does not keep the machine from sleeping: not for you");
  g_assert_cmpint (lock, ==, -1);
  expect (f, INHIBIT);
}

static void
test_reboot (Fixture *f, gconstpointer refuse)
{
  g_autoptr (GError) error = NULL;

  start_logind (f);
  g_assert_cmpint (qfu_reboot (&error), ==, refuse == NULL);
  if (refuse != NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_cmpstr (error->message, ==, "logind does not reboot the machine: not for you");
  }
  expect (f, "reboot interactive");
}

static void
test_nobody (Fixture *f, gconstpointer refuse)
{
  g_autoptr (GError) error = NULL;
  int lock = -1;

  (void)f, (void)refuse;
  g_assert_false (qfu_inhibit_sleep (WHY, &lock, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

static void
test_no_bus (void)
{
  g_autoptr (GError) error = NULL;
  int lock = -1;

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  g_assert_false (qfu_inhibit_sleep (WHY, &lock, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_false (qfu_reboot (&error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/inhibit/held", Fixture, NULL, set_up, test_held, tear_down);
  g_test_add ("/inhibit/refused", Fixture, "yes", set_up, test_refused, tear_down);
  g_test_add ("/inhibit/nobody", Fixture, NULL, set_up, test_nobody, tear_down);
  g_test_add ("/inhibit/reboot", Fixture, NULL, set_up, test_reboot, tear_down);
  g_test_add ("/inhibit/reboot-refused", Fixture, "yes", set_up, test_reboot, tear_down);
  g_test_add_func ("/inhibit/no-bus", test_no_bus);
  return g_test_run ();
}
