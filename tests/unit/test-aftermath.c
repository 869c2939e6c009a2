/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-aftermath.h"

#include "flashjournal-fixture.h"
#include "qfu-error.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <string.h>

#define NO_STATE 0

typedef struct {
  const char *what;
  QfuFlashState entry; /* NO_STATE: none */
  QfuRefState record;  /* NO_STATE: none */
  QfuChipHolds holds;
  gboolean other_version;
  gboolean good;
  const char *word; /* in the text */
} Case;

static const Case cases[] = {
    {"nothing known", NO_STATE, NO_STATE, QFU_CHIP_HOLDS_UNKNOWN, TRUE, TRUE, "nothing is known"},
    {"cut off", QFU_FLASH_INTENT, QFU_REF_CONSUMED, QFU_CHIP_HOLDS_UNKNOWN, FALSE, FALSE,
     "`qubes-fwupdmgr recover`"},
    {"neither", QFU_FLASH_NEITHER, QFU_REF_CONSUMED, QFU_CHIP_HOLDS_UNKNOWN, FALSE, FALSE,
     "`qubes-fwupdmgr recover`"},
    {"rolled back", QFU_FLASH_OLD, QFU_REF_FAILED, QFU_CHIP_HOLDS_UNKNOWN, TRUE, FALSE,
     "holds the old firmware: why"},
    {"alarm", QFU_FLASH_NEW, QFU_REF_FAILED, QFU_CHIP_HOLDS_UNKNOWN, FALSE, FALSE,
     "failed: because; `qubes-fwupdmgr attest`"},
    {"attested", QFU_FLASH_NEW, QFU_REF_CURRENT, QFU_CHIP_HOLDS_UNKNOWN, FALSE, TRUE,
     "attested against reference values 3"},
    {"seen", QFU_FLASH_NEW, QFU_REF_WRITTEN, QFU_CHIP_HOLDS_NEW, FALSE, TRUE,
     "no boot was attested yet"},
    {"not looked at", QFU_FLASH_NEW, QFU_REF_WRITTEN, QFU_CHIP_HOLDS_UNKNOWN, FALSE, TRUE,
     "no boot was attested yet"},
    {"no record", QFU_FLASH_NEW, NO_STATE, QFU_CHIP_HOLDS_NEW, FALSE, TRUE,
     "no boot was attested yet"},
    {"flashed back", QFU_FLASH_NEW, QFU_REF_WRITTEN, QFU_CHIP_HOLDS_OLD, FALSE, FALSE,
     "holds the old firmware again"},
    {"tampered with", QFU_FLASH_NEW, QFU_REF_WRITTEN, QFU_CHIP_HOLDS_OTHER, FALSE, FALSE,
     "neither the old nor the new"},
    {"other slot", QFU_FLASH_NEW, QFU_REF_WRITTEN, QFU_CHIP_HOLDS_NEW, TRUE, FALSE,
     "another version has started"},
};

static QfuFlashEntry *
make_entry (QfuFlashState state)
{
  QfuFlashEntry *entry = fixture_entry ();

  entry->state = state;
  g_free (entry->reason);
  entry->reason = g_strdup ("why");
  return entry;
}

static QfuRefRecord *
make_record (QfuRefState state)
{
  QfuRefRecord *record = fixture_record ("new");

  record->id = 3;
  record->state = state;
  g_free (record->reason);
  record->reason = g_strdup ("because");
  return record;
}

static void
test_judge (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (QfuFlashEntry) entry = c->entry == NO_STATE ? NULL : make_entry (c->entry);
  g_autoptr (QfuRefRecord) record = c->record == NO_STATE ? NULL : make_record (c->record);
  QfuAftermath aftermath = {.entry = entry, .record = record};
  g_autofree char *text = NULL;

  g_assert_cmpint (qfu_aftermath_judge (&aftermath, c->holds, c->other_version, &text), ==,
                   c->good);
  if (strstr (text, c->word) == NULL)
    g_error ("'%s' is not in: %s", c->word, text);
}

static gboolean
needs_look (QfuFlashState entry_state, QfuRefState record_state)
{
  g_autoptr (QfuFlashEntry) entry = entry_state == NO_STATE ? NULL : make_entry (entry_state);
  g_autoptr (QfuRefRecord) record = record_state == NO_STATE ? NULL : make_record (record_state);
  QfuAftermath aftermath = {.entry = entry, .record = record};

  return qfu_aftermath_needs_look (&aftermath);
}

static void
test_needs_look (void)
{
  g_assert_true (needs_look (QFU_FLASH_NEW, QFU_REF_WRITTEN));
  g_assert_true (needs_look (QFU_FLASH_NEW, QFU_REF_CONSUMED));
  g_assert_true (needs_look (QFU_FLASH_NEW, NO_STATE));
  g_assert_false (needs_look (QFU_FLASH_NEW, QFU_REF_CURRENT));
  g_assert_false (needs_look (QFU_FLASH_NEW, QFU_REF_FAILED));
  g_assert_false (needs_look (QFU_FLASH_OLD, QFU_REF_WRITTEN));
  g_assert_false (needs_look (QFU_FLASH_INTENT, QFU_REF_CONSUMED));
  g_assert_false (needs_look (NO_STATE, NO_STATE));
}

static void
begin (const QfuConfig *config, const char *device_id, guint record, QfuFlashState state)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autoptr (GError) error = NULL;

  g_free (entry->device_id);
  entry->device_id = g_strdup (device_id);
  entry->record = record;
  g_assert_true (qfu_flashjournal_begin (config, entry, &error));
  g_assert_no_error (error);
  if (state != QFU_FLASH_INTENT)
    g_assert_true (qfu_flashjournal_move (config, entry, state, "x", &error));
  g_assert_no_error (error);
}

static QfuAftermath *
load (const QfuConfig *config)
{
  g_autoptr (GError) error = NULL;
  QfuAftermath *aftermath = qfu_aftermath_load (config, FIXTURE_DEVICE, &error);

  g_assert_no_error (error);
  return aftermath;
}

static void
test_load (void)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, "nobody");
  g_autoptr (QfuAftermath) none = load (config);
  g_autoptr (QfuAftermath) one = NULL;
  g_autofree char *obstacle = NULL;
  g_autofree char *nothing = qfu_aftermath_obstacle (config);
  guint record;

  g_assert_null (none->entry);
  g_assert_null (none->record);
  g_assert_null (nothing);
  fixture_boot (config, directory, FIXTURE_BOOT);
  {
    g_autoptr (QfuRefStore) store = fixture_open (config, TRUE);

    record = fixture_stage (store, "new");
  }
  begin (config, FIXTURE_DEVICE, record + 1, QFU_FLASH_OLD);
  begin (config, FIXTURE_DEVICE, record, QFU_FLASH_NEW);
  begin (config, "fedcba9876543210fedcba9876543210fedcba98", record + 2, QFU_FLASH_INTENT);
  one = load (config);
  g_assert_cmpuint (one->entry->id, ==, 2);
  g_assert_cmpuint (one->record->id, ==, record);
  obstacle = qfu_aftermath_obstacle (config);
  g_assert_nonnull (strstr (obstacle, "write 3 of the flash chip is unfinished"));
  g_assert_nonnull (strstr (obstacle, "`qubes-fwupdmgr recover`"));
  test_directory_remove (directory);
}

static void
test_damaged (void)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, "nobody");
  g_autofree char *obstacle = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  fixture_boot (config, directory, FIXTURE_BOOT);
  begin (config, FIXTURE_DEVICE, 1, QFU_FLASH_NEW);
  path = qfu_flashjournal_path (config, 1);
  g_file_set_contents (path, "{", -1, &error);
  g_assert_no_error (error);
  obstacle = qfu_aftermath_obstacle (config);
  g_assert_nonnull (strstr (obstacle, "cannot be told: "));
  g_assert_null (qfu_aftermath_load (config, FIXTURE_DEVICE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/aftermath/judge/", cases[i].what, NULL);

    g_test_add_data_func (path, &cases[i], test_judge);
  }
  g_test_add_func ("/aftermath/needs-look", test_needs_look);
  g_test_add_func ("/aftermath/load", test_load);
  g_test_add_func ("/aftermath/damaged", test_damaged);
  return g_test_run ();
}
