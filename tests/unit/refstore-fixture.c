/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "refstore-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

Fixture *
fixture_new (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->state = g_dir_make_tmp ("qfu-refstore-XXXXXX", NULL);
  g_assert_nonnull (fixture->state);
  g_assert_cmpint (g_chmod (fixture->state, 0755), ==, 0);
  return fixture;
}

void
fixture_free (Fixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->state, "refvals", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  if (dir != NULL)
    g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->state), ==, 0);
  g_free (fixture->state);
  g_free (fixture);
}

static void
set_string (char **member, const char *text)
{
  g_free (*member);
  *member = g_strdup (text);
}

static void
set_digest (QfuDigest *digest, const char *text)
{
  qfu_digest_compute (QFU_HASH_SHA256, text, strlen (text), digest);
}

QfuRefRecord *
fixture_record (const char *image)
{
  QfuRefRecord *record = qfu_ref_record_new ();
  QfuDigest value;

  set_string (&record->boot_id, FIXTURE_BOOT);
  set_string (&record->device_id, FIXTURE_DEVICE);
  set_string (&record->device_name, "ACME \"X1\"");
  set_string (&record->version_from, "1.0.0");
  set_string (&record->version_to, "1.1.0");
  set_digest (&record->old_chip, "old chip");
  set_digest (&record->image, image);
  set_digest (&record->payload, "payload");
  set_digest (&record->cab, "cab");
  set_digest (&record->manifest, "manifest");
  set_digest (&value, "value of a PCR");
  qfu_forecasts_add (record->forecasts, 2, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &value, NULL);
  qfu_forecasts_add (record->forecasts, 3, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &value, "no event");
  qfu_forecasts_add (record->forecasts, 4, QFU_HASH_SHA256, QFU_PCR_NOT_PREDICTABLE, NULL,
                     "of the payload");
  return record;
}

QfuRefBinding
fixture_binding (const char *image)
{
  static QfuDigest old_chip;
  static QfuDigest digest;
  QfuRefBinding binding = {FIXTURE_BOOT, FIXTURE_DEVICE, &old_chip, &digest,
                           g_get_real_time () / G_USEC_PER_SEC};

  set_digest (&old_chip, "old chip");
  set_digest (&digest, image);
  return binding;
}

QfuRefStore *
fixture_open (const Fixture *fixture, gboolean writable)
{
  g_autoptr (GError) error = NULL;
  QfuRefStore *store = qfu_refstore_open (fixture, writable, &error);

  g_assert_no_error (error);
  g_assert_nonnull (store);
  return store;
}

guint
fixture_stage (QfuRefStore *store, const char *image)
{
  g_autoptr (GError) error = NULL;
  guint id = 0;

  g_assert_true (qfu_refstore_stage (store, fixture_record (image), &id, &error));
  g_assert_no_error (error);
  return id;
}

char *
fixture_states (const QfuRefStore *store)
{
  const GPtrArray *records = qfu_refstore_records (store);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++) {
    const QfuRefRecord *record = g_ptr_array_index (records, i);

    g_string_append_printf (text, "%s%u %s", i == 0 ? "" : ", ", record->id,
                            qfu_ref_state_name (record->state));
  }
  return g_string_free (text, FALSE);
}

char *
fixture_path (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->state, "refvals", name, NULL);
}

guint
fixture_entries (const Fixture *fixture)
{
  g_autofree char *folder = fixture_path (fixture, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += name[0] != '.';
  return n;
}
