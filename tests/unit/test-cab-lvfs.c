/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qfu_cab_check() on a cab that the real LVFS signed. */
#include "qfu-cab-check.h"
#include "testconfig.h"

#include <string.h>

#define FAKEDEVICE "/usr/share/installed-tests/fwupd/fakedevice124.cab"
#define LVFS_KEYS "/etc/pki/fwupd"
#define STEP 61 /* bytes; flip-bytes tries each */

typedef struct {
  TestHome home;
  char *contents; /* %NULL: it is not there */
  gsize size;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  test_home_set_up (&fixture->home, user);
  if (!g_file_get_contents (FAKEDEVICE, &fixture->contents, &fixture->size, NULL))
    g_test_skip ("no " FAKEDEVICE);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  test_home_tear_down (&fixture->home, user);
  g_free (fixture->contents);
}

static QfuCabReport *
check (const Fixture *fixture, const void *data)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (data, fixture->size);
  g_autoptr (GError) error = NULL;
  QfuCabReport *report = qfu_cab_check (fixture->home.config, blob, LVFS_KEYS,
                                        g_get_real_time () / G_USEC_PER_SEC, &error);

  g_assert_no_error (error);
  return report;
}

static void
test_good (Fixture *fixture, gconstpointer user)
{
  g_autoptr (QfuCabReport) report = NULL;

  if (fixture->contents == NULL)
    return;
  report = check (fixture, fixture->contents);
  g_assert_cmpstr (report->reasons[0], ==, NULL);
  g_assert_cmpstr (report->component->id, ==, "org.fwupd.fakedevice.firmware");
  g_assert_cmpstr (report->release->version, ==, "1.2.4");
  g_assert_nonnull (report->content);
}

/* No flipped bit is let pass; the writer of this cab gives no dates and no attributes. */
static void
test_flipped (Fixture *fixture, gconstpointer user)
{
  for (gsize at = 0; fixture->contents != NULL && at < fixture->size; at += STEP) {
    g_autofree char *changed = g_memdup2 (fixture->contents, fixture->size);
    g_autoptr (QfuCabReport) report = NULL;

    changed[at] ^= 0x01;
    g_test_message ("byte %zu", at);
    report = check (fixture, changed);
    g_assert_nonnull (report->reasons[0]);
  }
}

/* Every byte of payload and metainfo counts; the cab is stored, so they stand in it literally. */
static void
test_contents (Fixture *fixture, gconstpointer user)
{
  static const char *const marks[] = {"<component ", "1.2.4", "77f3e17b", "</component>"};

  for (gsize i = 0; fixture->contents != NULL && i < G_N_ELEMENTS (marks); i++) {
    g_autofree char *changed = g_memdup2 (fixture->contents, fixture->size);
    char *at = memmem (changed, fixture->size, marks[i], strlen (marks[i]));
    g_autoptr (QfuCabReport) report = NULL;

    g_assert_nonnull (at);
    at[1] ^= 0x01;
    report = check (fixture, changed);
    g_assert_nonnull (report->reasons[0]);
  }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cab-lvfs/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("good", test_good);
  ADD ("flipped", test_flipped);
  ADD ("contents", test_contents);
  return g_test_run ();
}
