/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <string.h>

static void
test_fits (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autoptr (GError) error = NULL;
  guint staged = fixture_stage (store, "a");
  QfuRefBinding binding = fixture_binding ("a");
  guint id = 0;

  binding.now = qfu_refstore_latest (store, QFU_REF_PENDING)->time + QFU_PENDING_SECONDS;
  g_assert_true (qfu_refstore_consume (store, &binding, &id, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (id, ==, staged);
  g_assert_nonnull (qfu_refstore_latest (store, QFU_REF_CONSUMED));
  /* once only */
  g_assert_false (qfu_refstore_consume (store, &binding, &id, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

static void
test_nothing_pending (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  QfuRefBinding binding = fixture_binding ("a");
  g_autoptr (GError) error = NULL;
  guint id = 0;

  g_assert_false (qfu_refstore_consume (store, &binding, &id, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "qubes-fwupdmgr update"));
}

/* Expects that @binding is refused with a text that holds @word, and that nothing was written. */
static void
assert_conflict (const Fixture *fixture,
                 QfuRefStore *store,
                 const QfuRefBinding *binding,
                 const char *word)
{
  g_autoptr (GError) error = NULL;
  guint before = fixture_entries (fixture);
  guint id = 0;

  g_assert_false (qfu_refstore_consume (store, binding, &id, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_STALE);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_nonnull (strstr (error->message, "Nothing was written"));
  g_assert_cmpuint (fixture_entries (fixture), ==, before);
}

static void
test_conflicts (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  guint id = fixture_stage (store, "a");
  gint64 staged = qfu_refstore_latest (store, QFU_REF_PENDING)->time;
  const QfuRefBinding fit = fixture_binding ("a");
  QfuRefBinding binding = fit;
  QfuDigest other;

  qfu_digest_compute (QFU_HASH_SHA256, "other", 5, &other);
  binding.boot_id = "11111111-2222-3333-4444-555555555556";
  assert_conflict (fixture, store, &binding, "another boot");
  binding = fit;
  binding.now = staged + QFU_PENDING_SECONDS + 1;
  assert_conflict (fixture, store, &binding, "too old");
  binding = fit;
  binding.now = staged - 1;
  assert_conflict (fixture, store, &binding, "the clock");
  binding = fit;
  binding.device_id = "0123456789abcdef0123456789abcdef01234568";
  assert_conflict (fixture, store, &binding, "another device");
  binding = fit;
  binding.old_chip = &other;
  assert_conflict (fixture, store, &binding, "something else");
  binding = fit;
  binding.image = &other;
  assert_conflict (fixture, store, &binding, "another image");
  g_assert_true (qfu_refstore_consume (store, &fit, &id, NULL));
}

/* The record that took another's place counts, the older one does not. */
static void
test_latest_counts (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  QfuRefBinding binding;
  guint staged, id = 0;

  fixture_stage (store, "a");
  staged = fixture_stage (store, "b");
  binding = fixture_binding ("a");
  assert_conflict (fixture, store, &binding, "another image");
  binding = fixture_binding ("b");
  g_assert_true (qfu_refstore_consume (store, &binding, &id, NULL));
  g_assert_cmpuint (id, ==, staged);
}

/* Where a record of each state comes to when its chip holds the new or the old contents. */
static void
test_tell (void)
{
  static const QfuRefState way[] = {QFU_REF_CONSUMED, QFU_REF_WRITTEN, QFU_REF_FAILED};
  static const QfuRefState expected[][2] = {
      {QFU_REF_ABANDONED, QFU_REF_WRITTEN}, /* pending */
      {QFU_REF_FAILED, QFU_REF_WRITTEN},    /* consumed */
      {QFU_REF_FAILED, QFU_REF_WRITTEN},    /* written */
      {QFU_REF_FAILED, QFU_REF_WRITTEN},    /* failed */
  };

  for (gsize steps = 0; steps < G_N_ELEMENTS (expected); steps++) {
    for (gsize is_new = 0; is_new < 2; is_new++) {
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
      g_autoptr (GError) error = NULL;
      guint id = fixture_stage (store, "image");

      for (gsize i = 0; i < steps; i++)
        g_assert_true (qfu_refstore_move (store, id, way[i], "x", &error));
      g_assert_true (qfu_refstore_tell (store, id, is_new, "later", &error));
      g_assert_no_error (error);
      g_assert_cmpuint (qfu_refstore_record (store, id)->state, ==, expected[steps][is_new]);
      g_clear_pointer (&store, qfu_refstore_close);
      /* and it is on the disk; what did not change is of its own boot */
      store = fixture_open (fixture, FALSE);
      g_assert_cmpuint (qfu_refstore_record (store, id)->state, ==, expected[steps][is_new]);
      g_assert_cmpstr (qfu_refstore_record (store, id)->boot_id, ==, FIXTURE_BOOT);
      g_assert_cmpstr (qfu_refstore_record (store, id)->state_boot_id, ==,
                       (steps == 2 && is_new) || (steps == 3 && !is_new) ? FIXTURE_BOOT : "later");
    }
  }
}

/* What a boot was attested against stays, and a record that is gone is no matter. */
static void
test_tell_nothing (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autoptr (GError) error = NULL;
  guint id = fixture_stage (store, "image");

  g_assert_true (qfu_refstore_move (store, id, QFU_REF_CONSUMED, "x", &error));
  g_assert_true (qfu_refstore_move (store, id, QFU_REF_CURRENT, "x", &error));
  g_assert_true (qfu_refstore_tell (store, id, FALSE, "later", &error));
  g_assert_true (qfu_refstore_tell (store, id + 100, FALSE, "later", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_refstore_record (store, id)->state, ==, QFU_REF_CURRENT);
}

/* To look at a record does not use it up. */
static void
test_look (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  QfuRefBinding binding = fixture_binding ("image");
  g_autoptr (GError) error = NULL;
  guint id = 0;

  binding.now = g_get_real_time () / G_USEC_PER_SEC;
  g_assert_false (qfu_refstore_fits (store, &binding, &id, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  fixture_stage (store, "image");
  g_assert_true (qfu_refstore_fits (store, &binding, &id, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_refstore_record (store, id)->state, ==, QFU_REF_PENDING);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/refbinding/fits", test_fits);
  g_test_add_func ("/refbinding/nothing-pending", test_nothing_pending);
  g_test_add_func ("/refbinding/conflicts", test_conflicts);
  g_test_add_func ("/refbinding/latest-counts", test_latest_counts);
  g_test_add_func ("/refbinding/tell", test_tell);
  g_test_add_func ("/refbinding/tell-nothing", test_tell_nothing);
  g_test_add_func ("/refbinding/look", test_look);
  return g_test_run ();
}
