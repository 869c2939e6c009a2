/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The worker as dom0 starts it. */
#include "parse/qfu-parse.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-worker.h"
#include "testconfig.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define WORKER_USER G_STRINGIFY (TEST_WORKER_UID)
#define ORDINARY_UID 60124
#define FAKEDEVICE "/usr/share/installed-tests/fwupd/fakedevice124.cab"

static const char worker_argument[] = WORKER_USER ":" WORKER_USER; /* user and group */

typedef TestHome Fixture;

/* Runs an op to its end and counts its frames. */
static gboolean
run_op (const QfuConfig *config,
        QfuWorkerOp op,
        const QfuMessage *arguments,
        const QfuUntrustedBlob *blob,
        guint *frames,
        GError **error)
{
  const QfuUntrustedBlob *inputs[] = {blob, blob, blob, blob};
  gsize n_inputs = qfu_parse_op (qfu_worker_limits (op)->name)->min_inputs;
  g_autoptr (QfuProcess) worker = qfu_worker_start (config, op, arguments, inputs, n_inputs, error);

  *frames = 0;
  while (worker != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
    (*frames)++;
  }
  return FALSE;
}

/* Garbage is an error of the format, in every op: the process is there to say so. */
static void
test_garbage (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuUntrustedBlob) garbage = test_blob ("garbage", 7);
  g_autoptr (QfuUntrustedBlob) empty = test_blob ("", 0);
  const QfuUntrustedBlob *const blobs[] = {garbage, empty};

  for (guint i = 0; i < 2 * QFU_N_OPS; i++) {
    QfuWorkerOp op = (QfuWorkerOp)(i / 2);
    g_autoptr (GError) error = NULL;
    guint frames;

    g_test_message ("%s", qfu_worker_limits (op)->name);
    if (run_op (f->config, op, NULL, blobs[i % 2], &frames, &error))
      continue;
    g_assert_true (error->domain == QFU_ERROR);
    g_assert_cmpint (error->code, !=, QFU_ERROR_INTERNAL);
    g_assert_cmpint (error->code, !=, QFU_ERROR_SANDBOX);
    g_assert_cmpint (error->code, !=, QFU_ERROR_PROTOCOL);
  }
}

static void
check_real (const Fixture *f, QfuWorkerOp op, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  guint frames;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_message ("not tried: %s", path);
    return;
  }
  blob = qfu_untrusted_blob_load (path, 64 * 1024 * 1024, FALSE, &error);
  g_assert_no_error (error);
  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, 1);
  run_op (f->config, op, arguments, blob, &frames, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (frames, >, 0);
}

/* The libraries still work behind the lock-down. */
static void
test_real (Fixture *f, gconstpointer unused)
{
  const char *shared = g_getenv ("QFU_SHARED_DATA");
  g_autofree char *catalog =
      g_build_filename (shared != NULL ? shared : "../shared/data", "lvfs-1x.xml.zst", NULL);

  check_real (f, QFU_OP_CAB, FAKEDEVICE);
  check_real (f, QFU_OP_JCAT, "/usr/share/installed-tests/fwupd/fakedevice124.jcat");
  check_real (f, QFU_OP_METAINFO, "/usr/share/installed-tests/fwupd/fakedevice124.metainfo.xml");
  check_real (f, QFU_OP_CATALOG, catalog);
}

/* The writer of cabinets, too. */
static void
test_pack (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = {"firmware.metainfo.xml", "firmware.bin", "firmware.jcat"};
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("member", 6);
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (GError) error = NULL;
  guint frames;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    qfu_message_add_text (arguments, QFU_FIELD_NAME, names[i]);
  run_op (f->config, QFU_OP_PACK, arguments, blob, &frames, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (frames, ==, 2);
}

static void
test_user (Fixture *f, gconstpointer unused)
{
  static const char *const wrong[] = {"0", "root", "nobody", "65534", "no-such-user"};
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("garbage", 7);

  if (getuid () != 0) {
    g_test_skip ("not root: nobody to become");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (QfuConfig) config = test_config (f->directory, wrong[i]);
    g_autoptr (GError) error = NULL;
    guint frames;

    g_assert_false (run_op (config, QFU_OP_JCAT, NULL, blob, &frames, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_SANDBOX);
    g_assert_nonnull (strstr (error->message, wrong[i]));
  }
}

/* An ordinary user's worker keeps the user and locks everything else. */
static void
test_ordinary_user (Fixture *f, gconstpointer unused)
{
  g_autofree char *program =
      qfu_config_program (f->config, qfu_worker_limits (QFU_OP_JCAT)->program);
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("garbage", 7);
  pid_t child = fork ();
  int status;

  if (child == 0) {
    g_autoptr (GError) error = NULL;
    guint frames;

    if (getuid () == 0 && (setresgid (ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0 ||
                           setresuid (ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0))
      _exit (1);
    if (access (program, X_OK) != 0)
      _exit (77);
    if (run_op (f->config, QFU_OP_JCAT, NULL, blob, &frames, &error) ||
        !g_error_matches (error, QFU_ERROR, QFU_ERROR_FORMAT))
      _exit (2);
    _exit (0);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("the build directory is closed to other users");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* Starts the worker by hand and returns the error that it sends. */
static GError *
error_of (const char *const *argv, int input)
{
  const int targets[] = {3};
  GError *problem = NULL;
  GPid pid;
  int in;
  int out;
  int status;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuWire) wire = NULL;
  g_autoptr (QfuMessage) message = NULL;

  g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1,
                                    -1, &input, targets, input < 0 ? 0 : 1, &pid, &in, &out, NULL,
                                    &error);
  g_assert_no_error (error);
  wire = qfu_wire_new (out, in);
  message = qfu_wire_receive (wire, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qfu_message_type (message), ==, QFU_FRAME_ERROR);
  qfu_process_set_peer_error (message, "worker", &problem);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 1);
  return problem;
}

/* Memory that its giver could still change, and what is no memory at all. */
static void
test_unsealed (Fixture *f, gconstpointer unused)
{
  g_autofree char *program =
      qfu_config_program (f->config, qfu_worker_limits (QFU_OP_JCAT)->program);
  const char *const argv[] = {program, "jcat", "1", worker_argument, NULL};
  g_auto (QfuFd) fd = memfd_create ("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);
  const int partly[] = {0, F_SEAL_SHRINK, F_SEAL_GROW};

  g_assert_cmpint (write (fd, "garbage", 7), ==, 7);
  for (gsize i = 0; i < G_N_ELEMENTS (partly); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_cmpint (fcntl (fd, F_ADD_SEALS, partly[i]), ==, 0);
    error = error_of (argv, fd);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_SANDBOX);
  }
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE), ==, 0);
  g_auto (QfuFd) file = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_autoptr (GError) no_memory = error_of (argv, file);
  g_autoptr (GError) absent = error_of (argv, -1);
  g_assert_error (no_memory, QFU_ERROR, QFU_ERROR_SANDBOX);
  g_assert_error (absent, QFU_ERROR, QFU_ERROR_SANDBOX);
}

static void
test_command_line (Fixture *f, gconstpointer unused)
{
  g_autofree char *program =
      qfu_config_program (f->config, qfu_worker_limits (QFU_OP_JCAT)->program);
  g_autofree char *signature =
      qfu_config_program (f->config, qfu_worker_limits (QFU_OP_SIGNATURE)->program);
  const char *const lines[][6] = {
      {program, NULL},
      {program, "jcat", "1", NULL},
      {program, "no-such-op", "1", worker_argument, NULL},
      {program, "jcat", "0", worker_argument, NULL},
      {program, "jcat", "5", worker_argument, NULL},
      {program, "jcat", "-1", worker_argument, NULL},
      {signature, "signature", "2", worker_argument, NULL},
      {program, "jcat", "1", worker_argument, "more", NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GError) error = error_of (lines[i], -1);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  }
}

/* An op runs in its own program and in no other. */
static void
test_programs (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < QFU_N_OPS; i++) {
    const QfuWorkerLimits *limits = qfu_worker_limits ((QfuWorkerOp)i);
    const QfuWorkerLimits *other = qfu_worker_limits ((QfuWorkerOp)((i + 1) % QFU_N_OPS));
    g_autofree char *program = qfu_config_program (f->config, other->program);
    const char *const argv[] = {program, limits->name, "3", worker_argument, NULL};
    g_autoptr (GError) error = error_of (argv, -1);
    QfuError expected =
        g_str_equal (limits->program, other->program) ? QFU_ERROR_SANDBOX : QFU_ERROR_UNSUPPORTED;

    g_assert_error (error, QFU_ERROR, (int)expected);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/worker/garbage", test_garbage);
  test_home_add ("/worker/real", test_real);
  test_home_add ("/worker/pack", test_pack);
  test_home_add ("/worker/user", test_user);
  test_home_add ("/worker/ordinary-user", test_ordinary_user);
  test_home_add ("/worker/unsealed", test_unsealed);
  test_home_add ("/worker/command-line", test_command_line);
  test_home_add ("/worker/programs", test_programs);
  return g_test_run ();
}
