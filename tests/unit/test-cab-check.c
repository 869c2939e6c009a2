/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab.h"
#include "qfu-cab-check.h"
#include "qfu-error.h"
#include "signed.h"
#include "testconfig.h"

#include <signal.h>
#include <string.h>

#define FAKEDEVICE "/usr/share/installed-tests/fwupd/fakedevice124.cab"
#define LVFS_KEYS "/etc/pki/fwupd"

typedef struct {
  char *directory;
  char *keys;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  g_autofree char *worker_user = g_strdup_printf ("%d", TEST_WORKER_UID);

  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, worker_user);
  fixture->keys = g_build_filename (fixture->directory, "firmware-keys", NULL);
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  signed_keys (fixture->keys, fixture->authority);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->keys);
}

/* (transfer full): metainfo of @payload. */
static GBytes *
metainfo (const char *name, GBytes *payload)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, payload);
  g_autofree char *xml = g_strdup_printf (
      "<component type=\"firmware\"><id>org.example.%s</id><releases><release version=\"1\">"
      "<checksum type=\"sha256\" target=\"content\" filename=\"rom.bin\">%s</checksum>"
      "</release></releases></component>",
      name, hex);

  return signed_text (xml);
}

static QfuCabReport *
check_files (Fixture *fixture, const SignedFile *files, gsize n_files, const SignedFile *in_jcat)
{
  g_autoptr (GBytes) jcat = signed_jcat (in_jcat != NULL ? in_jcat : files, n_files);
  g_autofree CabFile *members = g_new0 (CabFile, n_files + 1);
  g_autoptr (GByteArray) cab = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (GError) error = NULL;
  QfuCabReport *report;

  for (gsize i = 0; i < n_files; i++)
    members[i] = (CabFile){files[i].name, g_bytes_get_data (files[i].data, NULL),
                           g_bytes_get_size (files[i].data), 0};
  members[n_files] =
      (CabFile){"firmware.jcat", g_bytes_get_data (jcat, NULL), g_bytes_get_size (jcat), 0};
  cab = cab_build (members, n_files + 1, NULL);
  blob = test_blob (cab->data, cab->len);
  report = qfu_cab_check (fixture->config, blob, fixture->keys, &error);
  g_assert_no_error (error);
  return report;
}

static void
assert_rejected (const QfuCabReport *report, const char *reason)
{
  g_autofree char *all = g_strjoinv ("; ", report->reasons);

  g_assert_false (report->accepted);
  g_test_message ("%s", all);
  g_assert_nonnull (strstr (all, reason));
}

static void
test_good (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);
  const QfuCabItem *item = g_ptr_array_index (report->items, 0);
  const QfuCabItem *jcat = g_ptr_array_index (report->items, 2);

  g_assert_cmpstr (report->reasons[0], ==, NULL);
  g_assert_true (report->accepted);
  g_assert_cmpuint (report->items->len, ==, 3);
  g_assert_cmpstr (item->name, ==, "rom.bin");
  g_assert_cmpuint (item->size, ==, 3);
  g_assert_nonnull (item->signature);
  g_assert_nonnull (strstr (qfu_signature_subject (item->signature), "Leaf"));
  g_assert_null (item->reason);
  g_assert_null (jcat->signature);
  g_assert_null (jcat->reason);
  g_assert_cmpstr (report->component->id, ==, "org.example.a");
}

static void
test_other_payload (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) other = signed_text ("other rom");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", other, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "is not the file that the metainfo was made for");
}

static void
test_changed_payload (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) changed = signed_text ("r0m");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", changed, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  const SignedFile in_jcat[] = {{"rom.bin", rom, fixture->leaf},
                                {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, in_jcat);
  const QfuCabItem *item = g_ptr_array_index (report->items, 0);

  assert_rejected (report, "rom.bin");
  g_assert_null (item->signature);
  g_assert_nonnull (item->reason);
}

static void
test_extra_member (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  g_autoptr (GBytes) extra = signed_text ("#!/bin/sh");
  const SignedFile files[] = {{"rom.bin", rom, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf},
                              {"install.sh", extra, fixture->leaf}};
  const SignedFile in_jcat[] = {{"rom.bin", rom, fixture->leaf},
                                {"firmware.metainfo.xml", info, fixture->leaf},
                                {"other.sh", extra, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 3, in_jcat);

  assert_rejected (report, "install.sh");
}

static void
test_two_signers (Fixture *fixture, gconstpointer user)
{
  g_autoptr (Pki) second = pki_new ("Second", fixture->authority, &pki_leaf);
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, second},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "different certificates");
}

static void
test_wrong_authority (Fixture *fixture, gconstpointer user)
{
  g_autoptr (Pki) stranger = pki_new ("Stranger", NULL, &pki_authority);
  g_autoptr (Pki) leaf = pki_new ("Leaf", stranger, &pki_leaf);
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, leaf}, {"firmware.metainfo.xml", info, leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "rom.bin");
  g_assert_null (report->component); /* never parsed */
}

static void
test_incomplete (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = metainfo ("a", rom);
  g_autoptr (GBytes) unsaid =
      signed_text ("<component type=\"firmware\"><id>a</id><releases><release version=\"1\"/>"
                   "</releases></component>");
  const SignedFile no_info[] = {{"rom.bin", rom, fixture->leaf}};
  const SignedFile no_rom[] = {{"firmware.metainfo.xml", info, fixture->leaf}};
  const SignedFile no_checksum[] = {{"firmware.bin", rom, fixture->leaf},
                                    {"firmware.metainfo.xml", unsaid, fixture->leaf}};
  const SignedFile two_infos[] = {{"rom.bin", rom, fixture->leaf},
                                  {"a.metainfo.xml", info, fixture->leaf},
                                  {"b.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) first = check_files (fixture, no_info, 1, NULL);
  g_autoptr (QfuCabReport) second = check_files (fixture, no_rom, 1, NULL);
  g_autoptr (QfuCabReport) third = check_files (fixture, no_checksum, 2, NULL);
  g_autoptr (QfuCabReport) fourth = check_files (fixture, two_infos, 3, NULL);

  assert_rejected (first, "no file *.metainfo.xml");
  assert_rejected (second, "is not in it");
  assert_rejected (third, "does not state the SHA-256");
  assert_rejected (fourth, "several files *.metainfo.xml");
}

static void
test_no_cab (Fixture *fixture, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("no cab", 6);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuCabReport) report = qfu_cab_check (fixture->config, blob, fixture->keys, &error);
  g_autoptr (QfuCabReport) no_report = NULL;

  g_assert_no_error (error);
  assert_rejected (report, "cannot be unpacked");
  g_assert_cmpuint (report->items->len, ==, 0);
  no_report = qfu_cab_check (fixture->config, blob, "/nonexistent", &error);
  g_assert_null (no_report);
  g_assert_nonnull (error);
}

static QfuCabReport *
check_fakedevice (Fixture *fixture, const guint8 *data, gsize size)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (data, size);
  g_autoptr (GError) error = NULL;
  QfuCabReport *report = qfu_cab_check (fixture->config, blob, LVFS_KEYS, &error);

  g_assert_no_error (error);
  return report;
}

/* Whether both reports are about the same files but for the jcat. */
static gboolean
same_files (const QfuCabReport *a, const QfuCabReport *b)
{
  for (guint i = 0; a->items->len == b->items->len && i < a->items->len; i++) {
    const QfuCabItem *x = g_ptr_array_index (a->items, i);
    const QfuCabItem *y = g_ptr_array_index (b->items, i);

    if (strcmp (x->name, y->name) != 0 ||
        (!g_str_has_suffix (x->name, ".jcat") && !qfu_digest_equal (&x->sha256, &y->sha256)))
      return FALSE;
  }
  return a->items->len == b->items->len;
}

static void
test_lvfs (Fixture *fixture, gconstpointer user)
{
  g_autofree char *contents = NULL;
  gsize size;
  g_autoptr (QfuCabReport) good = NULL;
  guint rejected = 0;
  guint tried = 0;

  if (!g_file_get_contents (FAKEDEVICE, &contents, &size, NULL)) {
    g_test_skip ("no " FAKEDEVICE);
    return;
  }
  good = check_fakedevice (fixture, (guint8 *)contents, size);
  g_assert_cmpstr (good->reasons[0], ==, NULL);
  g_assert_true (good->accepted);
  g_assert_cmpstr (good->component->id, ==, "org.fwupd.fakedevice.firmware");
  for (gsize at = 0; at < size; at += 61) {
    g_autofree guint8 *changed = g_memdup2 (contents, size);
    g_autoptr (QfuCabReport) report = NULL;

    changed[at] ^= 0x01;
    report = check_fakedevice (fixture, changed, size);
    tried++;
    rejected += !report->accepted;
    /* dates and attributes of files are not signed; nothing reads them */
    if (report->accepted)
      g_assert_true (same_files (good, report));
  }
  g_assert_cmpuint (rejected * 10, >, tried * 9);
}

/* Every byte of payload and metainfo counts; the cab is stored, so they stand in it literally. */
static void
test_lvfs_contents (Fixture *fixture, gconstpointer user)
{
  static const char *const marks[] = {"<component ", "1.2.4", "77f3e17b", "</component>"};
  g_autofree char *contents = NULL;
  gsize size;

  if (!g_file_get_contents (FAKEDEVICE, &contents, &size, NULL)) {
    g_test_skip ("no " FAKEDEVICE);
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++) {
    g_autofree char *changed = g_memdup2 (contents, size);
    char *at = memmem (changed, size, marks[i], strlen (marks[i]));
    g_autoptr (QfuCabReport) report = NULL;

    g_assert_nonnull (at);
    at[1] ^= 0x01;
    report = check_fakedevice (fixture, (guint8 *)changed, size);
    g_assert_false (report->accepted);
  }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cab-check/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  (void)signal (SIGPIPE, SIG_IGN); /* as in all programs that talk to workers */
  ADD ("good", test_good);
  ADD ("other-payload", test_other_payload);
  ADD ("changed-payload", test_changed_payload);
  ADD ("extra-member", test_extra_member);
  ADD ("two-signers", test_two_signers);
  ADD ("wrong-authority", test_wrong_authority);
  ADD ("incomplete", test_incomplete);
  ADD ("no-cab", test_no_cab);
  ADD ("lvfs", test_lvfs);
  ADD ("lvfs-contents", test_lvfs_contents);
  return g_test_run ();
}
