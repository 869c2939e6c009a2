/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flashjournal.h"

#include "flashjournal-fixture.h"
#include "qfu-error.h"
#include "qfu-images.h"
#include "qfu-limits.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *directory;
  QfuConfig *config;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->directory = test_directory ();
  f->config = test_config (f->directory, "nobody");
  fixture_boot (f->config, f->directory, FIXTURE_BOOT);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static QfuFlashEntry *
begin (const Fixture *f)
{
  QfuFlashEntry *entry = fixture_entry ();
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_no_error (error);
  return entry;
}

static void
move (const Fixture *f, QfuFlashEntry *entry, QfuFlashState state)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_flashjournal_move (f->config, entry, state, "x", &error));
  g_assert_no_error (error);
}

/* The id of the unfinished entry on the disk; 0: none. */
static guint
unfinished (const Fixture *f)
{
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_flashjournal_unfinished (f->config, &entry, &error));
  g_assert_no_error (error);
  return entry == NULL ? 0 : entry->id;
}

static void
test_life (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  const QfuFlashEntry *loaded;

  g_assert_cmpuint (unfinished (f), ==, 0);
  entry = begin (f);
  g_assert_cmpuint (entry->id, ==, 1);
  g_assert_cmpuint (unfinished (f), ==, 1);
  fixture_boot (f->config, f->directory, FIXTURE_LATER_BOOT);
  move (f, entry, QFU_FLASH_NEITHER);
  g_assert_cmpuint (unfinished (f), ==, 1);
  entry->bytes_written = 12288;
  g_assert_true (qfu_flashjournal_move (f->config, entry, QFU_FLASH_NEW, "caf\xc3\xa9", NULL));
  g_assert_cmpuint (unfinished (f), ==, 0);
  entries = qfu_flashjournal_load (f->config, NULL);
  g_assert_cmpuint (entries->len, ==, 1);
  loaded = g_ptr_array_index (entries, 0);
  g_assert_cmpuint (loaded->state, ==, QFU_FLASH_NEW);
  g_assert_cmpuint (loaded->bytes_written, ==, 12288);
  g_assert_cmpstr (loaded->boot_id, ==, FIXTURE_BOOT);
  g_assert_cmpstr (loaded->state_boot_id, ==, FIXTURE_LATER_BOOT);
  g_assert_cmpstr (loaded->reason, ==, "caf??");
}

/* Every pair of states. */
static void
test_moves (Fixture *f, gconstpointer unused)
{
  for (guint from = QFU_FLASH_INTENT; from <= QFU_FLASH_NEITHER; from++) {
    for (guint to = QFU_FLASH_INTENT; to <= QFU_FLASH_NEITHER; to++) {
      g_autoptr (QfuFlashEntry) entry = begin (f);
      gboolean allowed =
          (from == QFU_FLASH_INTENT || from == QFU_FLASH_NEITHER) && to != QFU_FLASH_INTENT;
      g_autoptr (GError) error = NULL;

      if (from != QFU_FLASH_INTENT)
        move (f, entry, (QfuFlashState)from);
      g_assert_cmpint (qfu_flashjournal_move (f->config, entry, (QfuFlashState)to, "x", &error), ==,
                       allowed);
      g_assert_true (allowed || g_error_matches (error, QFU_ERROR, QFU_ERROR_STALE));
      g_assert_cmpuint (entry->state, ==, allowed ? to : from);
    }
  }
}

/* The newest that is unfinished. */
static void
test_several (Fixture *f, gconstpointer unused)
{
  G_GNUC_UNUSED g_autoptr (QfuFlashEntry) first = begin (f);
  g_autoptr (QfuFlashEntry) second = begin (f);

  g_assert_cmpuint (second->id, ==, 2);
  g_assert_cmpuint (unfinished (f), ==, 2);
  move (f, second, QFU_FLASH_OLD);
  g_assert_cmpuint (unfinished (f), ==, 1);
}

static void
test_damaged (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuFlashEntry) entry = begin (f);
  g_autofree char *path = qfu_flashjournal_path (f->config, 1);
  g_autofree char *other = qfu_flashjournal_path (f->config, 2);
  g_autoptr (QfuFlashEntry) found = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (path, other), ==, 0);
  g_assert_false (qfu_flashjournal_unfinished (f->config, &found, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, other));
  g_clear_error (&error);
  g_file_set_contents (other, "{", -1, &error);
  g_assert_no_error (error);
  g_assert_false (qfu_flashjournal_unfinished (f->config, &found, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

/* What somebody else could have written decides nothing. */
static void
test_others_file (Fixture *f, gconstpointer unused)
{
  G_GNUC_UNUSED g_autoptr (QfuFlashEntry) entry = begin (f);
  g_autofree char *path = qfu_flashjournal_path (f->config, 1);
  g_autoptr (QfuFlashEntry) found = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (path, 0666), ==, 0);
  g_assert_false (qfu_flashjournal_unfinished (f->config, &found, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
}

static void
test_entry_limit (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autofree char *text = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  gsize room;

  g_assert_true (qfu_flashjournal_begin (f->config, entry, &error));
  text = qfu_flash_entry_to_text (entry);
  room = QFU_FLASHJOURNAL_ENTRY_MAX - strlen (text);
  name = g_strnfill (room + strlen (entry->device_id), 'x');
  g_free (entry->device_id);
  entry->device_id = g_strdup (name);
  g_assert_true (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (unfinished (f), ==, 2);
  g_free (entry->device_id);
  entry->device_id = g_strconcat (name, "x", NULL);
  g_assert_false (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_entries_limit (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuFlashEntry) entry = begin (f);
  g_autofree char *path = qfu_flashjournal_path (f->config, QFU_FLASHJOURNAL_ENTRIES_MAX - 1);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  entry->id = QFU_FLASHJOURNAL_ENTRIES_MAX - 1;
  text = qfu_flash_entry_to_text (entry);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_true (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (unfinished (f), ==, QFU_FLASHJOURNAL_ENTRIES_MAX);
  g_assert_false (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* Keeps an image of @text as one of @entry's. */
static void
keep (const Fixture *f, const char *text, QfuDigest *digest)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (text, strlen (text));
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_images_keep (f->config, blob, NULL, &error));
  g_assert_no_error (error);
  *digest = *qfu_untrusted_blob_sha256 (blob);
}

static gboolean
is_kept (const Fixture *f, const char *text)
{
  g_autofree char *path = NULL;
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA256, text, strlen (text), &digest);
  path = qfu_images_path (f->config, &digest);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
write_images (const Fixture *f, const char *old, const char *new, QfuFlashState state)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autoptr (GError) error = NULL;

  keep (f, old, &entry->old_image);
  keep (f, new, &entry->new_image);
  g_assert_true (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_no_error (error);
  if (state != QFU_FLASH_INTENT)
    move (f, entry, state);
}

static void
test_prune (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  write_images (f, "a", "b", QFU_FLASH_NEITHER);
  write_images (f, "c", "d", QFU_FLASH_NEW);
  write_images (f, "e", "f", QFU_FLASH_NEW);
  g_assert_true (qfu_flashjournal_prune (f->config, &error));
  g_assert_no_error (error);
  g_assert_true (is_kept (f, "a") && is_kept (f, "b"));
  g_assert_false (is_kept (f, "c") || is_kept (f, "d"));
  g_assert_true (is_kept (f, "e") && is_kept (f, "f"));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/flashjournal/life", test_life);
  ADD ("/flashjournal/moves", test_moves);
  ADD ("/flashjournal/several", test_several);
  ADD ("/flashjournal/damaged", test_damaged);
  ADD ("/flashjournal/others-file", test_others_file);
  ADD ("/flashjournal/entry-limit", test_entry_limit);
  ADD ("/flashjournal/entries-limit", test_entries_limit);
  ADD ("/flashjournal/prune", test_prune);
  return g_test_run ();
}
