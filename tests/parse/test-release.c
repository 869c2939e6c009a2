/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-release.h"

#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const char *const none[] = {NULL};

static QfuParsedRelease *
release_new (const char *name, const char *value)
{
  const char *names[] = {"version", name, NULL};
  const char *values[] = {"1.0", value, NULL};

  return qfu_parsed_release_new (names, values);
}

static void
add_issue (QfuParsedRelease *release, guint n)
{
  const char *names[] = {"type", NULL};
  const char *values[] = {"cve", NULL};
  g_autofree char *cve = g_strdup_printf ("CVE-2024-%u", n);

  qfu_parsed_release_child (release, "issues/issue", names, values, cve);
}

static void
test_times (void)
{
  static const struct {
    const char *name;
    const char *value;
    guint64 time; /* 0: refused */
  } rows[] = {
      {"timestamp", "1742689078", 1742689078},
      {"date", "2024-01-21", 1705795200},
      {"date", "2024-01-21T10:00:00Z", 1705795200},
      {"date", "2024-13-01", 0},
      {"date", "1969-12-31", 0},
      {"timestamp", "", 0},
      {"timestamp", "+1", 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuParsedRelease) release = release_new (rows[i].name, rows[i].value);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuMessage) message = qfu_parsed_release_message (release, &error);

    if (rows[i].time == 0) {
      g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_TIME, 0, G_MAXINT64, 0), ==,
                      rows[i].time);
  }
}

/* Lists are cut where nothing depends on their length. */
static void
test_many_issues (void)
{
  g_autoptr (QfuParsedRelease) release = release_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = NULL;

  for (guint i = 0; i < 65; i++)
    add_issue (release, i);
  message = qfu_parsed_release_message (release, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_message_count (message, QFU_FIELD_CVE), ==, 64);
}

static void
test_checksum (void)
{
  static const char *const names[] = {"type", "target", NULL};
  static const char *const values[] = {"sha256", "container", NULL};
  g_autoptr (QfuParsedRelease) good = release_new (NULL, NULL);
  g_autoptr (QfuParsedRelease) bad = release_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (QfuMessage) no_message = NULL;
  gsize size;

  qfu_parsed_release_child (good, "checksum", (const char **)names, (const char **)values, SHA256);
  qfu_parsed_release_child (good, "checksum", (const char **)none, (const char **)none, "junk");
  message = qfu_parsed_release_message (good, &error);
  g_assert_no_error (error);
  g_assert_nonnull (qfu_message_bytes (message, QFU_FIELD_SHA256, 0, &size));
  g_assert_cmpuint (size, ==, 32);
  qfu_parsed_release_child (bad, "checksum", (const char **)names, (const char **)values, "2cf2");
  no_message = qfu_parsed_release_message (bad, &error);
  g_assert_null (no_message);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/release/times", test_times);
  g_test_add_func ("/release/many-issues", test_many_issues);
  g_test_add_func ("/release/checksum", test_checksum);
  return g_test_run ();
}
