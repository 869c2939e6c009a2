/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refresh-state.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

#define NOW 1800000000
#define DAY (24 * 60 * 60)

typedef struct {
  char *directory;
  QfuConfig *config;
} Fixture;

static const QfuRefreshUpdate webcam = {
    .device_id = (char *)"0123",
    .device_name = (char *)"Webcam \"x\"",
    .to = (char *)"1.2.4",
    .remote = (char *)"lab",
    .urgency = (char *)"high",
};
static const QfuRefreshUpdate chip = {
    .device_id = (char *)"4567",
    .device_name = (char *)"Chip",
    .from = (char *)"1.0",
    .to = (char *)"1.1",
    .remote = (char *)"lab",
};

static void
set_up (Fixture *f, gconstpointer unused)
{
  (void)unused;
  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->config->maximum_age_days = 30;
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  (void)unused;
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static QfuRefreshState *
some_state (void)
{
  QfuRefreshState *state = qfu_refresh_state_new ();

  state->time = NOW;
  state->unattended = TRUE;
  state->result = QFU_REFRESH_FAILED;
  state->reason = g_strdup ("unreachable");
  state->message = g_strdup ("no\nway \"out\"");
  state->first_time = NOW - 100 * DAY;
  state->last_success = NOW - DAY;
  state->failures = 2;
  state->staleness = QFU_STALENESS_STALE;
  state->updates_time = NOW - 5;
  qfu_refresh_state_add_remote (state, "lab", NOW - 31 * DAY);
  qfu_refresh_state_add_remote (state, "other", 0);
  qfu_refresh_state_add_update (state, &webcam);
  qfu_refresh_state_add_update (state, &chip);
  return state;
}

static void
test_round_trip (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuRefreshState) state = some_state ();
  g_autoptr (QfuRefreshState) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const QfuRefreshRemote *remote;

  (void)unused;
  g_assert_null (qfu_refresh_state_load (f->config, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (qfu_refresh_state_save (f->config, state, &error));
  loaded = qfu_refresh_state_load (f->config, &error);
  g_assert_no_error (error);
  g_assert_cmpint (loaded->time, ==, NOW);
  g_assert_true (loaded->unattended);
  g_assert_cmpint (loaded->result, ==, QFU_REFRESH_FAILED);
  g_assert_cmpstr (loaded->reason, ==, "unreachable");
  g_assert_cmpstr (loaded->message, ==, state->message);
  g_assert_cmpint (loaded->first_time, ==, NOW - 100 * DAY);
  g_assert_cmpint (loaded->last_success, ==, NOW - DAY);
  g_assert_cmpuint (loaded->failures, ==, 2);
  g_assert_cmpint (loaded->staleness, ==, QFU_STALENESS_STALE);
  g_assert_cmpint (loaded->updates_time, ==, NOW - 5);
  g_assert_cmpuint (loaded->remotes->len, ==, 2);
  remote = g_ptr_array_index (loaded->remotes, 1);
  g_assert_cmpstr (remote->id, ==, "other");
  g_assert_cmpint (remote->signed_at, ==, 0);
  text = qfu_refresh_state_updates_text (loaded);
  g_assert_cmpstr (text, ==, "Webcam \"x\": unknown -> 1.2.4; Chip: 1.0 -> 1.1");
}

/* A file that is no state says so, and what it lacks is missing and nothing else. */
static void
test_damaged (Fixture *f, gconstpointer unused)
{
  static const char *const texts[] = {
      "",
      "{}",
      "[]",
      "{\"schema\": \"qubes-fwupd-refresh-1\"}",
      "{\"schema\": \"qubes-fwupd-refresh-2\", \"time\": 1, \"result\": \"failed\", \"staleness\": "
      "\"fresh\", \"remotes\": [], \"updates\": []}",
      "{\"schema\": \"qubes-fwupd-refresh-1\", \"time\": 1, \"result\": \"done\", \"staleness\": "
      "\"fresh\", \"remotes\": [], \"updates\": []}",
      "{\"schema\": \"qubes-fwupd-refresh-1\", \"time\": -1, \"result\": \"failed\", "
      "\"staleness\": "
      "\"fresh\", \"remotes\": [], \"updates\": []}",
      "{\"schema\": \"qubes-fwupd-refresh-1\", \"time\": 1, \"result\": \"failed\", \"staleness\": "
      "\"fresh\", \"remotes\": {}, \"updates\": []}",
  };
  static const char odd[] =
      "{\"schema\": \"qubes-fwupd-refresh-1\", \"time\": 1, \"result\": \"failed\", \"staleness\": "
      "\"fresh\", \"failures\": \"x\", \"lastSuccess\": null, \"remotes\": [1, {}, {\"remote\": "
      "\"a\", \"signed\": []}], \"updates\": [null, {\"deviceId\": \"a\"}]}";
  g_autofree char *path = g_build_filename (f->config->state, "refresh.json", NULL);
  g_autoptr (QfuRefreshState) state = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_cmpint (g_mkdir_with_parents (f->config->state, 0755), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    g_assert_null (qfu_refresh_state_load (f->config, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "qubes-fwupdmgr refresh"));
    g_clear_error (&error);
  }
  g_assert_true (g_file_set_contents (path, odd, -1, NULL));
  state = qfu_refresh_state_load (f->config, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (state->failures, ==, 0);
  g_assert_cmpint (state->last_success, ==, 0);
  g_assert_cmpuint (state->remotes->len, ==, 1);
  g_assert_cmpuint (state->updates->len, ==, 0);
}

/* By the second, and by the oldest remote. */
static void
test_staleness (Fixture *f, gconstpointer unused)
{
  static const struct {
    gint64 age;
    guint maximum;
    QfuStaleness expected;
  } cases[] = {
      {0, 30, QFU_STALENESS_FRESH},         {-DAY, 30, QFU_STALENESS_FRESH},
      {30 * DAY, 30, QFU_STALENESS_FRESH},  {30 * DAY + 1, 30, QFU_STALENESS_STALE},
      {60 * DAY, 30, QFU_STALENESS_STALE},  {60 * DAY + 1, 30, QFU_STALENESS_TOO_STALE},
      {1000 * DAY, 0, QFU_STALENESS_FRESH},
  };

  (void)unused;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    for (guint never = 0; never < 2; never++) {
      g_autoptr (QfuRefreshState) state = qfu_refresh_state_new ();

      f->config->maximum_age_days = cases[i].maximum;
      state->first_time = NOW - cases[i].age;
      qfu_refresh_state_add_remote (state, "new", NOW);
      qfu_refresh_state_add_remote (state, "old", never ? 0 : NOW - cases[i].age);
      g_assert_cmpint (qfu_refresh_state_judge (f->config, state, NOW), ==, cases[i].expected);
    }
  }
}

static void
test_news (void)
{
  g_autoptr (QfuRefreshState) none = qfu_refresh_state_new ();
  g_autoptr (QfuRefreshState) both = some_state ();
  g_autoptr (QfuRefreshState) one = qfu_refresh_state_new ();
  g_autoptr (QfuRefreshState) other = qfu_refresh_state_new ();
  QfuRefreshUpdate newer = webcam;

  qfu_refresh_state_add_update (one, &webcam);
  newer.to = (char *)"1.2.5";
  qfu_refresh_state_add_update (other, &newer);
  g_assert_false (qfu_refresh_state_has_news (none, NULL));
  g_assert_false (qfu_refresh_state_has_news (none, both));
  g_assert_true (qfu_refresh_state_has_news (one, NULL));
  g_assert_false (qfu_refresh_state_has_news (one, both));
  g_assert_true (qfu_refresh_state_has_news (both, one));
  g_assert_true (qfu_refresh_state_has_news (other, one));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/refresh-state/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/refresh-state/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/refresh-state/staleness", Fixture, NULL, set_up, test_staleness, tear_down);
  g_test_add_func ("/refresh-state/news", test_news);
  return g_test_run ();
}
