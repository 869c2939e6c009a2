/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rescue.h"

#include "testconfig.h"

#include <string.h>

#define CHIP 0x400000

typedef struct {
  QfuDigest sha256;
  GArray *unread;
  QfuRescue rescue;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  qfu_digest_compute (QFU_HASH_SHA256, "chip", 4, &f->sha256);
  f->unread = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  f->rescue = (QfuRescue){.device = "Board\nIF THE MACHINE BURNS\x1b[2J",
                          .version_to = "2.0",
                          .time = "today",
                          .image = "a.rom",
                          .layout = "a.layout",
                          .sha256 = &f->sha256,
                          .size = CHIP,
                          .model = "",
                          .unread = f->unread};
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_array_unref (f->unread);
}

static void
add_unread (Fixture *f, guint64 offset, guint64 length)
{
  const QfuRange range = {offset, length};

  g_array_append_val (f->unread, range);
}

static void
test_whole (Fixture *f, gconstpointer unused)
{
  g_autofree char *command = qfu_rescue_command (&f->rescue);
  g_autofree char *text = qfu_rescue_text (&f->rescue);
  g_autofree char *hex = qfu_digest_to_hex (&f->sha256);

  g_assert_cmpstr (command, ==, "flashrom -p PROGRAMMER -w a.rom");
  g_assert_nonnull (strstr (text, command));
  g_assert_nonnull (strstr (text, hex));
  g_assert_nonnull (strstr (text, "version (unknown)"));
  g_assert_null (strstr (text, "Not in the file"));
}

/* What was not read is not written either, and said. */
static void
test_unread (Fixture *f, gconstpointer unused)
{
  g_autofree char *command = NULL;
  g_autofree char *layout = NULL;
  g_autofree char *text = NULL;

  f->rescue.model = "W25Q32.V";
  add_unread (f, 0x3000, 0x1000);
  add_unread (f, 0x10000, 0x20000);
  command = qfu_rescue_command (&f->rescue);
  layout = qfu_rescue_layout (&f->rescue);
  text = qfu_rescue_text (&f->rescue);
  g_assert_cmpstr (command, ==,
                   "flashrom -p PROGRAMMER -c 'W25Q32.V' -l a.layout -i part0 -i part1 -i part2 -N "
                   "-w a.rom");
  g_assert_cmpstr (layout, ==,
                   "00000000:00002fff part0\n00004000:0000ffff part1\n00030000:003fffff part2\n");
  g_assert_nonnull (strstr (text, "  0x00003000 to 0x00003fff\n  0x00010000 to 0x0002ffff\n"));
  g_assert_nonnull (strstr (text, command));
}

/* Nobody writes a line of it by what a device is called. */
static void
test_device (Fixture *f, gconstpointer unused)
{
  g_autofree char *text = qfu_rescue_text (&f->rescue);

  g_assert_null (strstr (text, "\nIF THE MACHINE BURNS"));
  g_assert_null (strchr (text, '\x1b'));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/rescue/whole", Fixture, NULL, set_up, test_whole, tear_down);
  g_test_add ("/rescue/unread", Fixture, NULL, set_up, test_unread, tear_down);
  g_test_add ("/rescue/device", Fixture, NULL, set_up, test_device, tear_down);
  return g_test_run ();
}
