/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flashentry.h"

#include "flashjournal-fixture.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static void
test_round_trip (void)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autofree char *text = NULL;
  g_autofree char *again_text = NULL;
  g_autoptr (QfuFlashEntry) again = NULL;
  g_autoptr (GError) error = NULL;
  const QfuStep *step;

  entry->id = 12;
  entry->state = QFU_FLASH_NEITHER;
  entry->time = 1700000000;
  entry->state_time = 1700000001;
  entry->bytes_written = 8192;
  text = qfu_flash_entry_to_text (entry);
  again = qfu_flash_entry_parse (text, &error);
  g_assert_no_error (error);
  again_text = qfu_flash_entry_to_text (again);
  g_assert_cmpstr (text, ==, again_text);
  g_assert_cmpuint (again->id, ==, 12);
  g_assert_cmpuint (again->state, ==, QFU_FLASH_NEITHER);
  g_assert_cmpuint (again->record, ==, 7);
  g_assert_cmpuint (again->steps->len, ==, 2);
  step = g_ptr_array_index (again->steps, 1);
  g_assert_cmpstr (step->name, ==, "BOOTBLOCK");
  g_assert_true (step->window);
  g_assert_cmpuint (g_array_index (step->ranges, QfuRange, 0).offset, ==, 65536);
  g_assert_cmpuint (again->preserved->len, ==, 1);
  g_assert_true (qfu_digest_equal (&again->new_image, &entry->new_image));
}

static void
test_unfinished (void)
{
  g_autoptr (QfuFlashEntry) entry = qfu_flash_entry_new ();
  static const gboolean expected[] = {
      [QFU_FLASH_INTENT] = TRUE,
      [QFU_FLASH_NEW] = FALSE,
      [QFU_FLASH_OLD] = FALSE,
      [QFU_FLASH_NEITHER] = TRUE,
  };

  for (guint i = QFU_FLASH_INTENT; i < G_N_ELEMENTS (expected); i++) {
    entry->state = (QfuFlashState)i;
    g_assert_cmpint (qfu_flash_entry_unfinished (entry), ==, expected[i]);
  }
}

static void
refuse (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", text);
  g_assert_null (qfu_flash_entry_parse (text, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

/* A text that is right but for one place. */
static void
refuse_with (const char *good, const char *part, const char *other)
{
  g_auto (GStrv) parts = g_strsplit (good, part, 2);
  g_autofree char *bad = NULL;

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  bad = g_strconcat (parts[0], other, parts[1], NULL);
  refuse (bad);
}

static void
test_unfit (void)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autofree char *good = NULL;
  g_autoptr (QfuFlashEntry) fine = NULL;

  entry->id = 1;
  good = qfu_flash_entry_to_text (entry);
  fine = qfu_flash_entry_parse (good, NULL);
  g_assert_nonnull (fine);
  refuse ("");
  refuse ("[]");
  refuse ("{}");
  refuse_with (good, "flashjournal-1", "flashjournal-2");
  refuse_with (good, "\"intent\"", "\"done\"");
  refuse_with (good, "\"entry\":1", "\"entry\":0");
  refuse_with (good, "\"size\":16777216", "\"size\":65536");
  refuse_with (good, "\"size\":16777216", "\"size\":\"16777216\"");
  refuse_with (good, "\"window\":true", "\"window\":1");
  refuse_with (good, "\"bootId\"", "\"bootID\"");
  refuse_with (good, "\"oldImage\":\"", "\"oldImage\":\"0");
  /* ranges: no whole block, twice the same, beyond the chip, not a pair, negative */
  refuse_with (good, "[65536,4096]", "[65536,4095]");
  refuse_with (good, "[65536,4096]", "[65537,4096]");
  refuse_with (good, "[65536,4096]", "[4096,4096]");
  refuse_with (good, "[65536,4096]", "[16777216,4096]");
  refuse_with (good, "[65536,4096]", "[65536,4096,1]");
  refuse_with (good, "[65536,4096]", "[-4096,8192]");
  refuse_with (good, "[[65536,4096]]", "[]");
  refuse_with (good, "[[8388608,8388608]]", "[[8388608,8388609]]");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/flashentry/round-trip", test_round_trip);
  g_test_add_func ("/flashentry/unfinished", test_unfinished);
  g_test_add_func ("/flashentry/unfit", test_unfit);
  return g_test_run ();
}
