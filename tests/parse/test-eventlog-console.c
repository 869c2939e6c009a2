/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

#define SHA1 "9ae6a7f71e777b67dd677757e6d965845e468ed6"
#define HEADING "[INFO ]  coreboot TPM 1.2 measurements:\r\n\r\n"
#define LINE "[INFO ]   PCR-2 " SHA1 " SHA1 [FMAP: FMAP]\r\n"

static void
assert_events (const char *text, const char *expected)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, text, strlen (text));

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==, expected);
}

static void
test_listing (void)
{
  assert_events (HEADING LINE, "LOG KIND=4 TOTAL=1 FLAGS=1 LOCALITY=0\n"
                               "EVENT KIND=5 NAME=\"FMAP: FMAP\" PCR=2 DIGEST=0400" SHA1 "\n");
}

/* The console keeps earlier boots: the last listing counts. */
static void
test_last_boot (void)
{
  assert_events (HEADING LINE LINE HEADING "other text\n" LINE,
                 "LOG KIND=4 TOTAL=1 FLAGS=1 LOCALITY=0\n"
                 "EVENT KIND=5 NAME=\"FMAP: FMAP\" PCR=2 DIGEST=0400" SHA1 "\n");
}

static void
test_no_measurement (void)
{
  static const char *const lines[] = {
      "nothing here\n",
      "PCR-24 " SHA1 " SHA1 [x]\n",
      "PCR-2 " SHA1 " SHA256 [x]\n",
      "PCR-2 " SHA1 "00 SHA1 [x]\n",
      "PCR-2 " SHA1 " MD5 [x]\n",
      "PCR- " SHA1 " SHA1 [x]\n",
      "PCR-2 " SHA1 " SHA1 x]\n",
      "PCR-2 " SHA1 " SHA1 [x\n",
      "] PCR-2 " SHA1 " SHA1 [\n",
      "PCR-2 [x]\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (QfuCollected) collected =
        qfu_collect ("eventlog", NULL, lines[i], strlen (lines[i]));

    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

/* An area in memory of @room bytes of text, of which @text has overwritten the beginning where it
 * is longer. */
static GByteArray *
ring (const char *text, guint room)
{
  GByteArray *area = g_byte_array_new ();
  gsize length = strlen (text);

  image_u32 (area, room);
  image_u32 (area, length > room ? (guint32)(length % room) | 0x80000000 : (guint32)length);
  g_byte_array_set_size (area, 8 + room);
  memset (area->data + 8, 0, room);
  for (gsize i = 0; i < length; i++)
    area->data[8 + i % room] = (guint8)text[i];
  return area;
}

static void
assert_ring (const GByteArray *area, gboolean found)
{
  g_autoptr (QfuCollected) said = qfu_collect ("eventlog", NULL, area->data, area->len);

  g_assert_cmpstr (said->text, ==,
                   found ? "LOG KIND=4 TOTAL=1 FLAGS=1 LOCALITY=0\n"
                           "EVENT KIND=5 NAME=\"FMAP: FMAP\" PCR=2 DIGEST=0400" SHA1 "\n"
                         : "");
  g_assert_true (found == (said->error == NULL));
}

/* Wherever the text goes on at the beginning, lines begin with a byte of their level, and bytes
 * that were never written are zero. */
static void
test_ring (void)
{
  for (gsize more = 0; more < 1200; more += 7) {
    g_autofree char *text =
        g_strdup_printf ("%*s\n" HEADING "\026" LINE "%*s", 40, "x", (int)more, "");
    g_autoptr (GByteArray) area = ring (text, 1024);

    assert_ring (area, strlen (strstr (text, "PCR-2")) <= 1024);
  }
}

static void
test_no_ring (void)
{
  static const struct {
    guint at;
    guint32 value;
  } cases[] = {{0, 0},    {0, 1023},     {0, 1025},       {0, 0xffffffff}, {4, 0},
               {4, 1025}, {4, 1u << 28}, {4, 0x40000010}, {8, 0x00303030}, {8, 0x01303030}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) area = ring (HEADING LINE, 1024);

    g_test_message ("case %zu", i);
    for (guint n = 0; n < 4; n++)
      area->data[cases[i].at + n] = (guint8)(cases[i].value >> (8 * n));
    assert_ring (area, FALSE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eventlog-console/listing", test_listing);
  g_test_add_func ("/eventlog-console/last-boot", test_last_boot);
  g_test_add_func ("/eventlog-console/no-measurement", test_no_measurement);
  g_test_add_func ("/eventlog-console/ring", test_ring);
  g_test_add_func ("/eventlog-console/no-ring", test_no_ring);
  return g_test_run ();
}
