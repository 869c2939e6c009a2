/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: nor-emulator [OPTION…] IMAGE [-- COMMAND…]
 *
 * A flash chip of the W25Q family, of 1 to 16 MiB, whose contents are the file IMAGE, behind a
 * programmer that libflashrom reaches as `serprog:ip=127.0.0.1:PORT`. What the chip does is in
 * IMAGE at once. One peer at a time; the next may come when it has gone.
 *
 * With COMMAND it runs that, in a process group of its own and with each {port} in it replaced, and
 * ends with its exit status (128 + N for signal N); otherwise it serves until SIGTERM.
 *
 *   --port N          listen there; default: a free port
 *   --listen FD       a socket that listens already, so that its port is known beforehand
 *   --ready FD        gets the port and a newline when the chip can be reached
 *   --counts FILE     a JSON object (nor-counts.h), up to date before each answer
 *   --log FILE        a line for each operation, `NUMBER erase|program OFFSET LENGTH`
 *
 * The power goes. Erases and programs, together "operations", are counted from 1:
 *   --cut OPERATION:AT  in this operation, when so many bytes of it are done; the next few bytes
 *                     are in between. An erase is two passes, one that clears all bits and one that
 *                     sets them, so AT goes up to twice the block's length
 *   --scattered       the bits change in any order, each as likely as AT says
 *   --seed N          another choice of the bits
 *   --kill PID        this process dies at the cut, as COMMAND's group does, by SIGKILL; only when
 *                     they are dead does the emulator kill itself. (libflashrom would wait for ever
 *                     for a programmer that is gone.) May be given several times
 *   --survive         the operation ends well and the emulator lives on; only the writers die
 *
 * Faults. AREA is OFFSET:LENGTH[:TIMES]; they may be given several times:
 *   --protect AREA    what meets it is neither erased nor programmed; the chip does not say so
 *   --fail-erase AREA    keeps its bits when erased, as often as TIMES (default: always)
 *   --fail-program AREA  keeps its bits when a page of it is programmed
 *   --unsteady AREA   each byte reads with one random bit wrong
 *   --closed AREA     the programmer refuses to read it for its host
 *   --short OPERATION:BYTES  the operation ends after so many bytes and says that it is done
 *   --status S1[:S2[:S3]]    status registers when the power comes, in hex: block protection in
 * bits 2 to 6 of the first and bit 6 of the second, register protection in bit 7
 *   --wp-low          the pin /WP is low: registers that are protected cannot be changed
 *   --capacity HEX    the third byte of the identification, of a chip of another size
 *   --busy N          so many readings of the status find an operation under way; default 1
 */

#include "nor-options.h"
#include "nor-serprog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILED 125 /* exit status of the emulator's own troubles */

/* The emulator at work. */
typedef struct {
  const NorOptions *options;
  NorCounts counts;
  int listening;
  int port;
  pid_t command; /* 0: none */
  GArray *pidfds;
  sigset_t signals; /* while waiting */
} Emulator;

static void G_GNUC_NORETURN
fail (const char *what)
{
  g_printerr ("nor-emulator: %s: %s\n", what, g_strerror (errno));
  exit (FAILED);
}

static void
on_signal (int number)
{
}

/* SIGTERM is noticed while the emulator waits, and never else. */
static void
set_signals (Emulator *emulator)
{
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t blocked;

  sigemptyset (&blocked);
  sigaddset (&blocked, SIGTERM);
  sigaddset (&blocked, SIGINT);
  if (sigprocmask (SIG_BLOCK, &blocked, &emulator->signals) != 0 ||
      sigaction (SIGTERM, &action, NULL) != 0 || sigaction (SIGINT, &action, NULL) != 0)
    fail ("signals");
  sigdelset (&emulator->signals, SIGTERM);
  sigdelset (&emulator->signals, SIGINT);
}

static guint8 *
map_image (const char *path, gsize *size)
{
  int fd = open (path, O_RDWR | O_CLOEXEC);
  struct stat st;
  void *map;

  if (fd < 0 || fstat (fd, &st) != 0)
    fail (path);
  *size = (gsize)st.st_size;
  errno = EFBIG;
  if (*size < NOR_CHIP_MIN || *size > NOR_CHIP_MAX || (*size & (*size - 1)) != 0)
    fail (path);
  map = mmap (NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED)
    fail (path);
  (void)close (fd);
  return map;
}

static void
start_listening (Emulator *emulator)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  int one = 1;

  emulator->listening = emulator->options->listen;
  if (emulator->listening < 0) {
    emulator->listening = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = htons ((guint16)emulator->options->port);
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    if (emulator->listening < 0 ||
        setsockopt (emulator->listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind (emulator->listening, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen (emulator->listening, 1) != 0)
      fail ("listening");
  }
  if (fcntl (emulator->listening, F_SETFD, FD_CLOEXEC) != 0 ||
      getsockname (emulator->listening, (struct sockaddr *)&address, &length) != 0)
    fail ("listening");
  emulator->port = ntohs (address.sin_port);
}

static void
add_pidfd (Emulator *emulator, pid_t pid)
{
  int pidfd = pidfd_open (pid, 0);

  if (pidfd < 0)
    fail ("process to kill");
  g_array_append_val (emulator->pidfds, pidfd);
}

/* In the child. */
static void G_GNUC_NORETURN
become_command (Emulator *emulator)
{
  g_autofree char *port = g_strdup_printf ("%d", emulator->port);
  char **words = emulator->options->command;

  for (gsize i = 0; words[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (words[i], "{port}", -1);

    g_free (words[i]);
    words[i] = g_strjoinv (port, parts);
  }
  (void)setpgid (0, 0);
  (void)sigprocmask (SIG_SETMASK, &emulator->signals, NULL);
  if (words[0] != NULL)
    (void)execvp (words[0], words);
  g_printerr ("nor-emulator: %s: %s\n", words[0], g_strerror (errno));
  _exit (FAILED);
}

static void
start_command (Emulator *emulator)
{
  pid_t pid = fork ();

  if (pid < 0)
    fail ("fork");
  if (pid == 0)
    become_command (emulator);
  /* both do it, so that the group is there for whoever goes on first */
  (void)setpgid (pid, pid);
  emulator->command = pid;
  add_pidfd (emulator, pid);
}

/* All writers, and returns when none is left to change anything. */
static void
kill_writers (const Emulator *emulator)
{
  if (emulator->command != 0)
    (void)kill (-emulator->command, SIGKILL);
  for (guint i = 0; i < emulator->pidfds->len; i++) {
    struct pollfd fd = {g_array_index (emulator->pidfds, int, i), POLLIN, 0};

    if (pidfd_send_signal (fd.fd, SIGKILL, NULL, 0) != 0 && errno != ESRCH)
      fail ("killing a writer");
    if (poll (&fd, 1, -1) != 1)
      fail ("waiting for a writer");
  }
}

static void
serve (Emulator *emulator, NorChip *chip)
{
  int watch = emulator->command != 0 ? g_array_index (emulator->pidfds, int, 0) : -1;

  while (nor_serprog_wait (emulator->listening, watch, &emulator->signals)) {
    int connection = accept4 (emulator->listening, NULL, NULL, SOCK_CLOEXEC);
    int one = 1;
    NorEnd end;

    if (connection < 0)
      fail ("accept");
    (void)setsockopt (connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    end = nor_serprog_serve (connection, chip, watch, &emulator->signals);
    if (end == NOR_END_CUT) {
      kill_writers (emulator);
      if (!emulator->options->survive)
        (void)raise (SIGKILL);
    }
    (void)close (connection);
    /* no peer comes as fast as a chip writes a page */
    nor_chip_settle (chip);
    if (end == NOR_END_STOPPED)
      return;
  }
}

/* The exit status that stands for the command's. */
static int
end_command (const Emulator *emulator)
{
  int status;

  if (emulator->command == 0)
    return 0;
  (void)kill (-emulator->command, SIGTERM);
  if (waitpid (emulator->command, &status, 0) != emulator->command)
    fail ("waiting for the command");
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static int
run (NorOptions *options)
{
  Emulator emulator = {.options = options};
  g_autoptr (GArray) pidfds = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (NorCells) cells = NULL;
  g_autoptr (NorChip) chip = NULL;
  gsize size;
  guint8 *bytes = map_image (options->image, &size);

  emulator.pidfds = pidfds;
  if (options->counts != NULL && !nor_counts_open (&emulator.counts, options->counts))
    fail (options->counts);
  if (options->log != NULL) {
    options->pins.log = open (options->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (options->pins.log < 0)
      fail (options->log);
  }
  cells = nor_cells_new (bytes, size, &options->faults, &emulator.counts);
  chip = nor_chip_new (cells, &emulator.counts, &options->pins);
  set_signals (&emulator);
  start_listening (&emulator);
  if (options->command != NULL)
    start_command (&emulator);
  for (guint i = 0; i < options->writers->len; i++)
    add_pidfd (&emulator, g_array_index (options->writers, int, i));
  if (options->ready >= 0 &&
      (dprintf (options->ready, "%d\n", emulator.port) < 0 || close (options->ready) != 0))
    fail ("--ready");
  serve (&emulator, chip);
  return end_command (&emulator);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NorOptions) options = nor_options_parse (argc, argv, &error);

  if (options != NULL)
    return run (options);
  g_printerr ("nor-emulator: %s\n", error->message);
  return FAILED;
}
