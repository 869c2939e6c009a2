/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-outcome.h"
#include "testconfig.h"

#include <glib/gstdio.h>

#define GOOD                                                                                       \
  "{\"schema\":\"qubes-fwupd-attestation-1\",\"result\":\"passed\",\"bootId\":\"x\","              \
  "\"log\":\"y\",\"time\":1}"

typedef struct {
  char *directory;
  QfuConfig config;
} Fixture;

static void
fixture_init (Fixture *fixture)
{
  fixture->directory = test_directory ();
  fixture->config = (QfuConfig){.state = fixture->directory};
}

static void
fixture_clear (Fixture *fixture)
{
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
}

static void
write_text (const Fixture *fixture, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->directory, "attestation.json", NULL);

  g_assert_true (
      g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL));
}

static void
test_round_trip (void)
{
  Fixture fixture;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) before = json_from_string (GOOD, NULL);
  g_autoptr (JsonNode) after = NULL;

  fixture_init (&fixture);
  json_object_set_string_member (json_node_get_object (before), "why", "\xc3\xa4 \x1b[1m");
  g_assert_true (qfu_outcome_save (&fixture.config, before, &error));
  g_assert_no_error (error);
  after = qfu_outcome_load (&fixture.config, &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (before, after));
  fixture_clear (&fixture);
}

static void
test_none (void)
{
  Fixture fixture;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  g_assert_null (qfu_outcome_load (&fixture.config, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  fixture_clear (&fixture);
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
      "",
      "[]",
      "7",
      "{",
      "{}",
      "{\"schema\":\"qubes-fwupd-attestation-2\",\"result\":\"passed\",\"bootId\":\"x\",\"log\":"
      "\"y\","
      "\"time\":1}",
      "{\"schema\":\"qubes-fwupd-attestation-1\",\"bootId\":\"x\",\"log\":\"y\",\"time\":1}",
      "{\"schema\":\"qubes-fwupd-attestation-1\",\"result\":1,\"bootId\":\"x\",\"log\":\"y\","
      "\"time\":1}",
      "{\"schema\":\"qubes-fwupd-attestation-1\",\"result\":\"passed\",\"bootId\":\"x\",\"log\":"
      "\"y\","
      "\"time\":\"1\"}",
      "{\"schema\":[],\"result\":\"passed\",\"bootId\":\"x\",\"log\":\"y\",\"time\":1}",
  };
  Fixture fixture;
  g_autoptr (GError) good_error = NULL;

  fixture_init (&fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    write_text (&fixture, texts[i]);
    g_assert_null (qfu_outcome_load (&fixture.config, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
  write_text (&fixture, GOOD);
  g_autoptr (JsonNode) good = qfu_outcome_load (&fixture.config, &good_error);

  g_assert_no_error (good_error);
  g_assert_nonnull (good);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/outcome/round-trip", test_round_trip);
  g_test_add_func ("/outcome/none", test_none);
  g_test_add_func ("/outcome/damaged", test_damaged);
  return g_test_run ();
}
