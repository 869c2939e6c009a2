/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage: flip-bytes CAB KEYS MASK...: flips the bits of MASK, a number, in each byte of a cab, one
 * byte at a time, and prints the bytes where qfu_cab_check() lets that pass. Each is a cab of its
 * own for workers of its own: some milliseconds. */
#include "qfu-cab-check.h"
#include "testconfig.h"

#include <signal.h>

static gboolean
accepted (const QfuConfig *config, const char *keys, const guint8 *data, gsize size)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuCabReport) report =
      qfu_cab_check (config, blob, keys, g_get_real_time () / G_USEC_PER_SEC, &error);

  g_assert_no_error (error);
  return report->reasons[0] == NULL;
}

/* Returns how many bytes it let pass. */
static guint
flip_each (const QfuConfig *config, const char *keys, guint8 *data, gsize size, guint8 mask)
{
  guint passed = 0;

  for (gsize at = 0; at < size; at++) {
    data[at] ^= mask;
    if (accepted (config, keys, data, size)) {
      g_print ("byte %zu: 0x%02x for 0x%02x\n", at, data[at], data[at] ^ mask);
      passed++;
    }
    data[at] ^= mask;
  }
  return passed;
}

int
main (int argc, char **argv)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  (void)signal (SIGPIPE, SIG_IGN); /* as in all programs that talk to workers */
  if (argc < 4 || !g_file_get_contents (argv[1], &contents, &size, &error)) {
    g_printerr ("flip-bytes: %s\n", error != NULL ? error->message : "CAB KEYS MASK...");
    return 1;
  }
  if (!accepted (config, argv[2], (guint8 *)contents, size)) {
    g_printerr ("flip-bytes: %s is rejected as it is\n", argv[1]);
    return 1;
  }
  for (int i = 3; i < argc; i++) {
    guint8 mask = (guint8)g_ascii_strtoull (argv[i], NULL, 0);
    guint passed = flip_each (config, argv[2], (guint8 *)contents, size, mask);

    g_print ("mask 0x%02x: %u of %zu bytes\n", mask, passed, size);
  }
  test_directory_remove (directory);
  return 0;
}
