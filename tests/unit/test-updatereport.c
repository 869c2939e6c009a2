/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-updatereport.h"

#include "flashjournal-fixture.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <string.h>

#define OTHER_DEVICE "fedcba9876543210fedcba9876543210fedcba98"

static GHashTable *
new_report (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
assert_item (GHashTable *report, const char *name, const char *expected)
{
  g_autofree char *key = g_strconcat ("QubesFwupd", name, NULL);

  g_assert_cmpstr (g_hash_table_lookup (report, key), ==, expected);
}

static char *
hex_of (const char *text)
{
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA256, text, strlen (text), &digest);
  return qfu_digest_to_hex (&digest);
}

static void
test_before (void)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, "nobody");
  g_autoptr (GHashTable) report = new_report ();
  g_autoptr (GHashTable) other = new_report ();
  g_autofree char *old_image = hex_of ("old chip");
  g_autofree char *new_image = hex_of ("new");
  g_autofree char *value = hex_of ("value of a PCR");
  g_autofree char *pcrs = g_strdup_printf ("sha256:2=%s sha256:3=%s", value, value);

  g_free (config->programmer);
  config->programmer = g_strdup ("dummy:bus=spi,image=/a/file");
  {
    g_autoptr (QfuRefStore) store = fixture_open (config, TRUE);

    g_assert_cmpuint (fixture_stage (store, "new"), ==, 1);
  }
  qfu_update_report_before (config, FIXTURE_DEVICE, "v1.3.0", report);
  assert_item (report, "Library", "v1.3.0");
  assert_item (report, "Programmer", "dummy");
  assert_item (report, "Layout", config->layout);
  assert_item (report, "Record", "1");
  assert_item (report, "Basis", "predicted");
  assert_item (report, "OldImage", old_image);
  assert_item (report, "NewImage", new_image);
  assert_item (report, "Pcrs", pcrs);
  qfu_update_report_before (config, OTHER_DEVICE, "v1.3.0", other);
  assert_item (other, "Programmer", "dummy");
  assert_item (other, "Record", NULL);
  assert_item (other, "Pcrs", NULL);
  test_directory_remove (directory);
}

static void
test_after (void)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autoptr (QfuRefRecord) record = fixture_record ("new");
  g_autoptr (GHashTable) report = new_report ();
  g_autoptr (GHashTable) nothing = new_report ();
  g_autofree char *old_image = hex_of ("old");
  g_autofree char *new_image = hex_of ("new");
  QfuAftermath aftermath = {.entry = entry, .record = record};
  QfuAftermath empty = {0};

  entry->id = 4;
  entry->state = QFU_FLASH_NEW;
  entry->bytes_written = 12288;
  record->state = QFU_REF_WRITTEN;
  qfu_update_report_after (&aftermath, "all is well; for now", report);
  assert_item (report, "Outcome", "all is well, for now");
  assert_item (report, "Write", "4");
  assert_item (report, "WriteState", "new");
  assert_item (report, "BytesWritten", "12288");
  assert_item (report, "OldImage", old_image);
  assert_item (report, "NewImage", new_image);
  assert_item (report, "RecordState", "written");
  qfu_update_report_after (&empty, "nothing", nothing);
  g_assert_cmpuint (g_hash_table_size (nothing), ==, 1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/updatereport/before", test_before);
  g_test_add_func ("/updatereport/after", test_after);
  return g_test_run ();
}
