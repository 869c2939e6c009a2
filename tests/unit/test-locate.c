/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-error.h"
#include "qfu-locate.h"
#include "testconfig.h"

#include <string.h>

/* Letters stand for files of one byte; A and B share "c". */
#define IMAGE "MbrcAacBdcz"
#define LONG_NAME "a-name-that-is-longer-than-what-an-event-can-hold-"

static QfuRom *
map (void)
{
  QfuRom *rom = forged_rom (strlen (IMAGE));

  forged_region (rom, "FMAP", 0, 1);
  forged_region (rom, "COREBOOT", 1, 3);
  forged_file (rom, "bootblock", 1, 1, 1);
  forged_file (rom, "romstage", 0x11, 2, 1);
  forged_file (rom, "common", 0x50, 3, 1);
  forged_region (rom, "FW_MAIN_A", 4, 3);
  forged_file (rom, "ramstage", 0x11, 5, 1);
  forged_file (rom, "common", 0x50, 6, 1);
  forged_region (rom, "FW_MAIN_B", 7, 4);
  forged_file (rom, "ramstage", 0x11, 8, 1);
  forged_file (rom, "common", 0x50, 9, 1);
  forged_file (rom, LONG_NAME "1", 0x50, 10, 1);
  return rom;
}

static GPtrArray *
locate (const QfuRom *rom, QfuEventLog *log, GError **error)
{
  const QfuEventLog *logs[] = {log};
  const QfuPcrSet unknown = {0};
  g_autoptr (QfuReplay) replay = qfu_replay_choose (logs, 1, &unknown);
  g_autoptr (QfuUntrustedBlob) image = test_blob (IMAGE, strlen (IMAGE));

  return qfu_locate (replay, image, rom, 2, error);
}

/* The name of an object's region; %NULL when it was not found. */
static const char *
where (const GPtrArray *answers, guint answer, guint object)
{
  const GArray *objects = g_ptr_array_index (answers, answer);
  const QfuRomRegion *region = g_array_index (objects, QfuObject, object).region;

  return region != NULL ? region->name : NULL;
}

static void
firmware (QfuEventLog *log, guint pcr, const char *name, const char *data)
{
  forged_event (log, pcr, 5, name, QFU_HASH_SHA256, data);
}

/* A file that only one slot has proves the slot, for files of both too. */
static void
test_slot (void)
{
  g_autoptr (QfuRom) rom = map ();
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_COREBOOT);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) answers = NULL;

  firmware (log, 2, "FMAP: FMAP", "M");
  firmware (log, 2, "CBFS: bootblock", "b");
  firmware (log, 1, "VBOOT: boot mode", "x");
  firmware (log, 2, "CBFS: romstage", "r");
  firmware (log, 2, "CBFS: common", "c");
  firmware (log, 2, "CBFS: ramstage", "d");
  answers = locate (rom, log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answers->len, ==, 1);
  g_assert_cmpstr (where (answers, 0, 0), ==, "FMAP");
  g_assert_cmpstr (where (answers, 0, 1), ==, "COREBOOT");
  g_assert_cmpstr (where (answers, 0, 2), ==, "COREBOOT");
  g_assert_cmpstr (where (answers, 0, 3), ==, "FW_MAIN_B");
  g_assert_cmpstr (where (answers, 0, 4), ==, "FW_MAIN_B");
}

static void
test_ambiguous (void)
{
  g_autoptr (QfuRom) rom = map ();
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_COREBOOT);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) answers = NULL;

  firmware (log, 2, "CBFS: common", "c");
  answers = locate (rom, log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answers->len, ==, 3);
}

/* Older names tell the region, long ones are cut; the digest decides. */
static void
test_names (void)
{
  g_autoptr (QfuRom) rom = map ();
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_COREBOOT);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) answers = NULL;
  g_autofree char *cut = g_strndup ("CBFS: " LONG_NAME, 49);

  firmware (log, 2, "FMAP: FW_MAIN_B CBFS: common", "c");
  firmware (log, 2, cut, "z");
  answers = locate (rom, log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answers->len, ==, 1);
  g_assert_cmpstr (where (answers, 0, 0), ==, "FW_MAIN_B");
  g_assert_cmpstr (where (answers, 0, 1), ==, "FW_MAIN_B");
}

static void
test_lost (void)
{
  static const struct {
    const char *name;
    const char *data;
  } cases[] = {{"CBFS: ramstage", "x"},
               {"CBFS: other", "a"},
               {"FMAP: FMAP", "N"},
               {"FMAP: OTHER", "M"},
               {"CBFS: ", "a"}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuRom) rom = map ();
    g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_COREBOOT);
    g_autoptr (GError) error = NULL;

    firmware (log, 2, "CBFS: bootblock", "b");
    firmware (log, 2, cases[i].name, cases[i].data);
    g_assert_null (locate (rom, log, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PREDICTION);
    g_assert_nonnull (strstr (error->message, cases[i].name));
  }
}

/* An event of another PCR may stay unexplained. */
static void
test_other_pcr (void)
{
  g_autoptr (QfuRom) rom = map ();
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_COREBOOT);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) answers = NULL;

  firmware (log, 2, "CBFS: romstage", "r");
  firmware (log, 3, "CBFS: cache", "?");
  answers = locate (rom, log, &error);
  g_assert_no_error (error);
  g_assert_null (where (answers, 0, 1));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/locate/slot", test_slot);
  g_test_add_func ("/locate/ambiguous", test_ambiguous);
  g_test_add_func ("/locate/names", test_names);
  g_test_add_func ("/locate/lost", test_lost);
  g_test_add_func ("/locate/other-pcr", test_other_pcr);
  return g_test_run ();
}
