/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-process.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_SET_UP 126 /* exit status of a child whose program did not begin */

struct _QfuProcess {
  GPid pid; /* 0 once it was waited for */
  QfuWire *wire;
  guint64 output_max;
  char *what;
  gboolean own_words;
};

/* Runs in the child between fork and exec: only async-signal-safe calls. A session of its own has
 * no terminal: a command that would ask for a password there fails, where one in the background of
 * our terminal would be stopped by the kernel, unseen, until a deadline. */
static void
child_setup (gpointer parent)
{
  if (setsid () < 0 || prctl (PR_SET_PDEATHSIG, SIGKILL) != 0 ||
      getppid () != GPOINTER_TO_INT (parent))
    _exit (NOT_SET_UP);
}

QfuProcess *
qfu_process_spawn (const QfuProcessSpec *spec, GError **error)
{
  static const char *const no_environment[] = {NULL};
  const char *const *envp = spec->envp != NULL ? spec->envp : no_environment;
  int sources[QFU_PROCESS_INPUTS_MAX];
  int targets[QFU_PROCESS_INPUTS_MAX];
  GSpawnFlags flags =
      G_SPAWN_DO_NOT_REAP_CHILD | (spec->keep_stderr ? 0 : G_SPAWN_STDERR_TO_DEV_NULL);
  g_autoptr (QfuProcess) process = g_new0 (QfuProcess, 1);
  g_autoptr (GError) local = NULL;
  int in;
  int out;

  g_assert (spec->n_inputs <= QFU_PROCESS_INPUTS_MAX);
  for (gsize i = 0; i < spec->n_inputs; i++) {
    sources[i] = qfu_untrusted_blob_fd (spec->inputs[i]);
    targets[i] = 3 + (int)i;
  }
  if (!g_spawn_async_with_pipes_and_fds (NULL, spec->argv, envp, flags, child_setup,
                                         GINT_TO_POINTER (getpid ()), -1, -1, -1, sources, targets,
                                         spec->n_inputs, &process->pid, &in, &out, NULL, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "%s does not start: %s; is it installed?",
                 spec->what, local->message);
    return NULL;
  }
  process->wire = qfu_wire_new (out, in);
  process->what = g_strdup (spec->what);
  process->own_words = spec->own_words;
  process->output_max = spec->output_max;
  return g_steal_pointer (&process);
}

/* Reaps a child that has ended or was killed. */
static gboolean
reap (GPid pid, int *status, GError **error)
{
  int raw;

  while (waitpid (pid, &raw, 0) < 0) {
    /* ECHILD would mean that somebody ignores SIGCHLD: then nobody knows how the child ended */
    if (errno != EINTR)
      return qfu_error_errno (error, errno, "waiting for a program to end");
  }
  *status = WIFSIGNALED (raw) ? 128 + WTERMSIG (raw) : WEXITSTATUS (raw);
  return TRUE;
}

void
qfu_process_free (QfuProcess *process)
{
  if (process == NULL)
    return;
  qfu_wire_free (process->wire);
  if (process->pid != 0) {
    int status;

    (void)kill (-process->pid, SIGKILL);
    (void)kill (process->pid, SIGKILL);
    (void)reap (process->pid, &status, NULL);
  }
  g_free (process->what);
  g_free (process);
}

QfuWire *
qfu_process_wire (QfuProcess *process)
{
  return process->wire;
}

/* A parser has seen bytes of others, and must not choose what its caller does next: that there is
 * nothing to do, that somebody said no, that the same is fetched once more. */
static gboolean
parsers_code (guint64 code)
{
  static const QfuError theirs[] = {
      QFU_ERROR_INTERNAL, QFU_ERROR_USAGE,       QFU_ERROR_IO,        QFU_ERROR_PROTOCOL,
      QFU_ERROR_LIMIT,    QFU_ERROR_FORMAT,      QFU_ERROR_SIGNATURE, QFU_ERROR_NOT_FOUND,
      QFU_ERROR_SANDBOX,  QFU_ERROR_UNSUPPORTED,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (theirs); i++) {
    if (theirs[i] == code)
      return TRUE;
  }
  return FALSE;
}

void
qfu_process_set_peer_error (const QfuMessage *message, const char *what, GError **error)
{
  const char *detail = qfu_message_text (message, QFU_FIELD_DETAIL, 0);
  guint64 code =
      qfu_message_number_or (message, QFU_FIELD_CODE, 1, QFU_ERROR_LAST, QFU_ERROR_INTERNAL);

  if (what == NULL && detail != NULL)
    g_set_error_literal (error, QFU_ERROR, (int)code, detail);
  else if (what != NULL && !parsers_code (code))
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                 "%s: it sends an error that is not its to send (%s)", what,
                 qfu_error_name ((int)code));
  else
    g_set_error (error, QFU_ERROR, (int)code, "%s: %s", what != NULL ? what : "a program of ours",
                 detail != NULL ? detail : qfu_error_name ((int)code));
}

/* Waits under the wire's deadlines; what the child left behind in its process group is killed while
 * its number still belongs to it. */
static gboolean
wait_for_exit (QfuProcess *process, int *status, GError **error)
{
  g_auto (QfuFd) pidfd = (int)syscall (SYS_pidfd_open, process->pid, 0);
  GPid pid = process->pid;

  if (pidfd < 0)
    return qfu_error_errno (error, errno, "watching a program");
  if (!qfu_wire_wait (process->wire, pidfd, POLLIN, error))
    return FALSE;
  (void)kill (-pid, SIGKILL);
  process->pid = 0;
  return reap (pid, status, error);
}

gboolean
qfu_process_finish (QfuProcess *process, int *status, GError **error)
{
  qfu_wire_close_write (process->wire);
  if (qfu_wire_expect_eof (process->wire, error) && wait_for_exit (process, status, error))
    return TRUE;
  g_prefix_error (error, "%s: ", process->what);
  return FALSE;
}

/* A child that went away without END: how it ended says more than the missing frame. */
static void
explain_end (QfuProcess *process, GError **error)
{
  int status;

  g_clear_error (error);
  if (!qfu_process_finish (process, &status, error))
    return;
  if (status > 128)
    g_set_error (error, QFU_ERROR, QFU_ERROR_INTERNAL, "%s was ended by signal %d", process->what,
                 status - 128);
  else
    g_set_error (error, QFU_ERROR, status == NOT_SET_UP ? QFU_ERROR_SANDBOX : QFU_ERROR_INTERNAL,
                 "%s ended early with status %d", process->what, status);
}

/* The next header, of a frame that the limit on all output still has room for. */
static gboolean
receive_header (QfuProcess *process, QfuFrameType *type, gsize *length, GError **error)
{
  if (!qfu_wire_receive_header (process->wire, type, length, error))
    return FALSE;
  if (process->output_max == 0 ||
      (qfu_wire_bytes_read (process->wire) <= process->output_max &&
       *length <= process->output_max - qfu_wire_bytes_read (process->wire)))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "it says more than %" G_GUINT64_FORMAT " bytes",
               process->output_max);
  return FALSE;
}

/* What a failed receive means. */
static gboolean
explain (QfuProcess *process, GError **error)
{
  if (error != NULL && g_error_matches (*error, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    explain_end (process, error);
  else
    g_prefix_error (error, "%s: ", process->what);
  return FALSE;
}

/* A frame whose header was received. */
static gboolean
take_frame (
    QfuProcess *process, QfuFrameType type, gsize length, QfuMessage **message, GError **error)
{
  g_autoptr (QfuMessage) received = qfu_wire_receive_payload (process->wire, type, length, error);
  int status;

  if (received == NULL)
    return explain (process, error);
  if (type == QFU_FRAME_ERROR) {
    qfu_process_set_peer_error (received, process->own_words ? NULL : process->what, error);
    return FALSE;
  }
  if (type != QFU_FRAME_END) {
    *message = g_steal_pointer (&received);
    return TRUE;
  }
  if (!qfu_process_finish (process, &status, error))
    return FALSE;
  if (status != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_INTERNAL, "%s ended with status %d", process->what,
                 status);
    return FALSE;
  }
  return TRUE;
}

gboolean
qfu_process_next (QfuProcess *process, QfuMessage **message, GError **error)
{
  QfuFrameType type;
  gsize length;

  *message = NULL;
  if (!receive_header (process, &type, &length, error))
    return explain (process, error);
  return take_frame (process, type, length, message, error);
}

/* The next frame, which must be DATA. */
static gboolean
collect_frame (QfuProcess *process, QfuBlobBuilder *builder, GError **error)
{
  g_autoptr (QfuMessage) message = NULL;
  QfuFrameType type;
  gsize length;

  if (!receive_header (process, &type, &length, error))
    return explain (process, error);
  if (type == QFU_FRAME_DATA)
    return qfu_blob_builder_receive (builder, process->wire, length, error) ||
           explain (process, error);
  /* an ERROR, or an END with a bad exit, says more than its place */
  if (!take_frame (process, type, length, &message, error))
    return FALSE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s sent fewer bytes than announced",
               process->what);
  return FALSE;
}

QfuUntrustedBlob *
qfu_process_collect (QfuProcess *process, guint64 size, GError **error)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (size, error);

  while (builder != NULL && qfu_blob_builder_size (builder) < size) {
    if (!collect_frame (process, builder, error))
      return NULL;
  }
  return builder == NULL ? NULL : qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}
