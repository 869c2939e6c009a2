/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Workers that fail in every way, locked down as the real ones: dom0 gets a clean error, and
 * nothing stays behind: no process, no descriptor, no memory of theirs. */
#include "qfu-error.h"
#include "qfu-sandbox.h"
#include "qfu-worker.h"
#include "testconfig.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 500   /* for the one that hangs */
#define PATIENCE_MS 60000 /* for the others, whose time the processor gives */

typedef struct {
  const char *act;
  QfuError code;
  const char *text;
} Case;

static const Case cases[] = {
    {"crash", QFU_ERROR_INTERNAL, "ended by signal 11"},
    {"hang", QFU_ERROR_LIMIT, "no answer in time"},
#ifndef QFU_SANDBOX_NO_MEMORY_LIMIT
    {"eat", QFU_ERROR_INTERNAL, "ended by signal 5"}, /* as GLib aborts */
#endif
    {"spin", QFU_ERROR_INTERNAL, "ended by signal 9"}, /* by the kernel: RLIMIT_CPU */
    {"flood", QFU_ERROR_LIMIT, "says more than"},
    {"end", QFU_ERROR_PROTOCOL, "after the end"},
    {"go", QFU_ERROR_INTERNAL, "ended early with status 0"},
    {"exec", QFU_ERROR_INTERNAL, "ended by signal 31"}, /* by the filter: SIGSYS */
};

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

/* The error of an op whose program is `unruly` with this input. */
static GError *
run (const QfuConfig *config, const char *act)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (act, strlen (act));
  const QfuUntrustedBlob *const inputs[] = {blob};
  GError *error = NULL;
  g_autoptr (QfuProcess) worker = qfu_worker_start (config, QFU_OP_JCAT, NULL, inputs, 1, &error);
  gboolean more = TRUE;

  g_assert_no_error (error);
  qfu_wire_set_deadlines (qfu_process_wire (worker), 0,
                          strcmp (act, "hang") == 0 ? DEADLINE_MS : PATIENCE_MS);
  while (more) {
    g_autoptr (QfuMessage) message = NULL;

    more = qfu_process_next (worker, &message, &error);
    g_assert_true (!more || message != NULL); /* no END is believed */
  }
  return error;
}

static void
test_unruly (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autofree char *link =
      g_build_filename (directory, qfu_worker_limits (QFU_OP_JCAT)->program, NULL);
  guint before = count_descriptors ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (g_getenv ("QFU_UNRULY"), link), ==, 0);
  g_free (config->programs);
  config->programs = g_strdup (directory);
  error = run (config, c->act);
  g_test_message ("%s: %s", c->act, error->message);
  g_assert_error (error, QFU_ERROR, (int)c->code);
  g_assert_nonnull (strstr (error->message, c->text));
  g_assert_true (g_str_has_prefix (error->message, "the worker for jcat"));
  g_assert_cmpuint (count_descriptors (), ==, before);
  /* what a worker had left would be our child now */
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/unruly/%s", cases[i].act);

    g_test_add_data_func (path, &cases[i], test_unruly);
  }
  return g_test_run ();
}
