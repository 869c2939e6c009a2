/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab-check-fixture.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static QfuCabReport *
check_files (CheckFixture *fixture,
             const SignedFile *files,
             gsize n_files,
             const SignedFile *in_jcat)
{
  g_autoptr (QfuUntrustedBlob) blob = signed_cab (files, n_files, in_jcat);

  return check_blob (fixture, blob);
}

static void
assert_rejected (const QfuCabReport *report, const char *reason)
{
  g_autofree char *all = g_strjoinv ("; ", report->reasons);

  g_assert_nonnull (report->reasons[0]);
  g_test_message ("%s", all);
  g_assert_nonnull (strstr (all, reason));
}

static void
test_good (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);
  const QfuCabItem *item = g_ptr_array_index (report->items, 0);
  const QfuCabItem *jcat = g_ptr_array_index (report->items, 2);

  g_assert_cmpstr (report->reasons[0], ==, NULL);
  g_assert_cmpuint (report->items->len, ==, 3);
  g_assert_cmpstr (item->name, ==, "rom.bin");
  g_assert_cmpuint (qfu_untrusted_blob_size (item->blob), ==, 3);
  g_assert_nonnull (item->signature);
  g_assert_nonnull (strstr (qfu_signature_subject (item->signature), "Leaf"));
  g_assert_null (item->reason);
  g_assert_null (jcat->signature);
  g_assert_null (jcat->reason);
  g_assert_cmpstr (report->component->id, ==, "org.example.a");
  g_assert_cmpint (item->role, ==, QFU_CAB_ROLE_PAYLOAD);
  g_assert_cmpint (jcat->role, ==, QFU_CAB_ROLE_JCAT);
  g_assert_nonnull (report->content);
  g_assert_true (qfu_cab_content_payload (report->content) == item);
  g_assert_true (qfu_cab_content_metainfo (report->content) ==
                 g_ptr_array_index (report->items, 1));
  g_assert_true (qfu_cab_content_component (report->content) == report->component);
  g_assert_cmpstr (qfu_cab_content_release (report->content)->version, ==, "1");
}

static void
test_other_payload (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) other = signed_text ("other rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", other, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "is not the file that the metainfo was made for");
  g_assert_null (report->content);
  g_assert_cmpstr (report->component->id, ==, "org.example.a"); /* shown, with the reason */
}

static void
test_changed_payload (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) changed = signed_text ("r0m");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", changed, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  const SignedFile in_jcat[] = {{"rom.bin", rom, fixture->leaf},
                                {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, in_jcat);
  const QfuCabItem *item = g_ptr_array_index (report->items, 0);

  assert_rejected (report, "rom.bin");
  g_assert_null (report->content);
  g_assert_null (item->signature);
  g_assert_nonnull (item->reason);
}

static void
test_extra_member (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  g_autoptr (GBytes) extra = signed_text ("#!/bin/sh");
  const SignedFile files[] = {{"rom.bin", rom, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf},
                              {"install.sh", extra, fixture->leaf}};
  const SignedFile in_jcat[] = {{"rom.bin", rom, fixture->leaf},
                                {"firmware.metainfo.xml", info, fixture->leaf},
                                {"other.sh", extra, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 3, in_jcat);

  assert_rejected (report, "install.sh: the jcat file does not list it");
  assert_rejected (report, "install.sh is no part of the firmware");
  g_assert_nonnull (report->content); /* which it is no part of */
}

/* Signed, too: somebody has made a product of more files than we understand. */
static void
test_signed_extra_member (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  g_autoptr (GBytes) extra = signed_text ("read me");
  const SignedFile files[] = {{"rom.bin", rom, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf},
                              {"README", extra, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 3, NULL);

  assert_rejected (report, "README is no part of the firmware");
  g_assert_cmpuint (g_strv_length (report->reasons), ==, 1);
}

/* The metainfo of one product with the payload of another, both as their makers signed them. */
static void
test_mixed (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom_a = signed_text ("rom of a");
  g_autoptr (GBytes) rom_b = signed_text ("rom of b");
  g_autoptr (GBytes) info_a = signed_metainfo ("a", rom_a);
  const SignedFile files[] = {{"firmware.metainfo.xml", info_a, fixture->leaf},
                              {"rom.bin", rom_b, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "rom.bin is not the file that the metainfo was made for");
  g_assert_null (report->content);
  for (guint i = 0; i < 2; i++)
    g_assert_nonnull (((QfuCabItem *)g_ptr_array_index (report->items, i))->signature);
}

static void
test_two_jcats (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, fixture->leaf},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (GBytes) second = signed_jcat (files, 2);
  const SignedFile all[] = {files[0], files[1], {"second.jcat", second, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, all, 3, NULL);

  assert_rejected (report, "several files *.jcat");
  g_assert_null (report->content);
  g_assert_null (report->component);
}

/* Several releases: fwupd takes the first, so the payload has to be that one's, and no other's. */
static void
test_releases (CheckFixture *fixture, gconstpointer user)
{
  static const char format[] =
      "<component type=\"firmware\"><id>a</id><releases>"
      "<release version=\"2\"><checksum type=\"sha256\" target=\"content\">%s</checksum></release>"
      "<release version=\"1\"><checksum type=\"sha256\" target=\"content\">%s</checksum></release>"
      "</releases></component>";
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, rom);
  g_autofree char *other = g_strnfill (64, 'a');
  const struct {
    const char *first, *second, *reason;
  } rows[] = {{hex, other, NULL},
              {other, hex, "is not the file that the metainfo was made for"},
              {hex, hex, "both 2 and 1"}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *xml = g_strdup_printf (format, rows[i].first, rows[i].second);
    g_autoptr (GBytes) info = signed_text (xml);
    const SignedFile files[] = {{"firmware.bin", rom, fixture->leaf},
                                {"firmware.metainfo.xml", info, fixture->leaf}};
    g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

    g_assert_cmpint (report->content != NULL, ==, rows[i].reason == NULL);
    if (rows[i].reason != NULL)
      assert_rejected (report, rows[i].reason);
    else
      g_assert_cmpstr (report->release->version, ==, "2");
  }
}

static void
test_two_signers (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (Pki) second = pki_new ("Second", fixture->authority, &pki_leaf);
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, second},
                              {"firmware.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "different certificates");
  g_assert_null (report->content);
}

static void
test_wrong_authority (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (Pki) stranger = pki_new ("Stranger", NULL, &pki_authority);
  g_autoptr (Pki) leaf = pki_new ("Leaf", stranger, &pki_leaf);
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const SignedFile files[] = {{"rom.bin", rom, leaf}, {"firmware.metainfo.xml", info, leaf}};
  g_autoptr (QfuCabReport) report = check_files (fixture, files, 2, NULL);

  assert_rejected (report, "rom.bin");
  g_assert_null (report->component); /* never parsed */
}

static void
test_incomplete (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
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
test_no_cab (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("no cab", 6);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuCabReport) report = qfu_cab_check (fixture->config, blob, fixture->keys,
                                                   g_get_real_time () / G_USEC_PER_SEC, &error);
  g_autoptr (QfuCabReport) no_report = NULL;

  g_assert_no_error (error);
  assert_rejected (report, "cannot be unpacked");
  g_assert_cmpuint (report->items->len, ==, 0);
  no_report = qfu_cab_check (fixture->config, blob, "/nonexistent",
                             g_get_real_time () / G_USEC_PER_SEC, &error);
  g_assert_null (no_report);
  g_assert_nonnull (error);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cab-check/" name, CheckFixture, NULL, check_set_up, function, check_tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("good", test_good);
  ADD ("other-payload", test_other_payload);
  ADD ("changed-payload", test_changed_payload);
  ADD ("extra-member", test_extra_member);
  ADD ("signed-extra-member", test_signed_extra_member);
  ADD ("mixed", test_mixed);
  ADD ("two-jcats", test_two_jcats);
  ADD ("releases", test_releases);
  ADD ("two-signers", test_two_signers);
  ADD ("wrong-authority", test_wrong_authority);
  ADD ("incomplete", test_incomplete);
  ADD ("no-cab", test_no_cab);
  return g_test_run ();
}
