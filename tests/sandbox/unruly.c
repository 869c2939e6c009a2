/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that locks itself down as the real ones do, and then does what its input says. */
#include "qfu-error.h"
#include "qfu-sandbox.h"
#include "qfu-wire.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static void
crash (QfuWire *wire)
{
  volatile int *volatile nowhere = GSIZE_TO_POINTER (64);

  (void)wire;
  (void)signal (SIGSEGV, SIG_DFL); /* a sanitizer has one of its own */
  *nowhere = 1;
}

static void
hang (QfuWire *wire)
{
  (void)wire;
  for (;;)
    (void)poll (NULL, 0, -1);
}

static void
eat (QfuWire *wire)
{
  (void)wire;
  for (;;)
    memset (g_malloc (MIB), 1, MIB); /* GLib aborts when there is no more */
}

static void
spin (QfuWire *wire)
{
  (void)wire;
  for (volatile guint i = 0;; i++)
    continue;
}

static void
flood (QfuWire *wire)
{
  static const guint8 bytes[QFU_WIRE_DATA_MAX];

  while (qfu_wire_send_data (wire, bytes, sizeof bytes, NULL))
    continue;
}

static void
write_after_end (QfuWire *wire)
{
  gboolean once = qfu_wire_send_end (wire, NULL);
  gboolean twice = qfu_wire_send_end (wire, NULL);

  _exit (once && twice ? 0 : 5);
}

static void
go (QfuWire *wire)
{
  (void)wire;
  _exit (0);
}

static void
run_program (QfuWire *wire)
{
  (void)wire;
  (void)execl ("/bin/true", "true", NULL);
}

static const struct {
  const char *name;
  void (*act) (QfuWire *);
} acts[] = {
    {"crash", crash}, {"hang", hang},           {"eat", eat}, {"spin", spin},
    {"flood", flood}, {"end", write_after_end}, {"go", go},   {"exec", run_program},
};

int
main (int argc, char **argv)
{
  QfuWire *wire = qfu_wire_new (STDIN_FILENO, STDOUT_FILENO);
  char name[16] = "";
  QfuSandboxSpec spec;

  if (argc != 4 || pread (3, name, sizeof name - 1, 0) <= 0 ||
      !qfu_sandbox_spec_init (&spec, argv[3], 256 * MIB, 1, NULL) ||
      !qfu_sandbox_lock (&spec, NULL))
    return 3;
  qfu_message_free (qfu_wire_receive (wire, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (acts); i++) {
    if (strcmp (acts[i].name, name) == 0)
      acts[i].act (wire);
  }
  return 4;
}
