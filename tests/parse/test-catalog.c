/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "pki.h"
#include "qfu-component-kind.h"
#include "qfu-error.h"

#include <string.h>

#define GUID "8387e0e4-647a-6c08-2f0d-b088af323c2d" /* of the first component of the fixture */
#define A "11111111-1111-1111-1111-111111111111"
#define B "22222222-2222-2222-2222-222222222222"

static QfuMessage *
arguments_new (const char *guid, guint64 flags)
{
  QfuMessage *arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);

  qfu_message_add_text (arguments, QFU_FIELD_GUID, guid);
  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  return arguments;
}

static QfuCollected *
parse (const char *guid, guint64 flags, GBytes *compressed)
{
  g_autoptr (QfuMessage) arguments = arguments_new (guid, flags);

  return qfu_collect ("catalog", arguments, g_bytes_get_data (compressed, NULL),
                      g_bytes_get_size (compressed));
}

static QfuCollected *
parse_xml (const char *guid, guint64 flags, const char *xml)
{
  g_autoptr (GBytes) compressed = pki_gzip (xml, strlen (xml));

  return parse (guid, flags, compressed);
}

static guint
count (const char *text, const char *line)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = 0;

  for (gsize i = 0; lines[i] != NULL; i++)
    n += g_str_has_prefix (lines[i], line);
  return n;
}

#define COMPONENT(id, guid)                                                                        \
  "<component type=\"firmware\"><id>" id "</id><provides><firmware type=\"flashed\">" guid         \
  "</firmware></provides><releases><release version=\"1\"/></releases></component>"

static void
test_choice (void)
{
  static const char xml[] =
      "<components origin=\"lvfs\" version=\"0.9\">" COMPONENT ("a", A) COMPONENT ("b", B)
          COMPONENT ("a", A) "<component type=\"desktop\"><id>c</id></component></components>";
  g_autoptr (QfuCollected) one = parse_xml (A, 0, xml);
  g_autoptr (QfuCollected) none = parse_xml (NULL, 0, xml);
  g_autoptr (QfuCollected) all = parse_xml (NULL, QFU_CATALOG_ALL, xml);

  g_assert_no_error (one->error);
  g_assert_cmpstr (one->text, ==,
                   "COMPONENT ID=\"a\" GUID=\"" A "\"\nRELEASE VERSION=\"1\"\n"
                   "COMPONENT ID=\"a\" GUID=\"" A "\"\nRELEASE VERSION=\"1\"\n");
  g_assert_no_error (none->error);
  g_assert_cmpstr (none->text, ==, "");
  g_assert_no_error (all->error);
  g_assert_cmpuint (count (all->text, "COMPONENT"), ==, 3);
}

/* A component that nobody asks for harms nobody. */
static void
test_bad_neighbour (void)
{
  static const char xml[] = "<components>" COMPONENT (
      "a", A) "<component type=\"firmware\"><id>b</id><provides><firmware type=\"flashed\">" B
              "</firmware></provides><releases><release/></releases></component></components>";
  g_autoptr (QfuCollected) good = parse_xml (A, 0, xml);
  g_autoptr (QfuCollected) bad = parse_xml (B, 0, xml);

  g_assert_no_error (good->error);
  g_assert_cmpuint (count (good->text, "COMPONENT"), ==, 1);
  g_assert_error (bad->error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static void
test_compression (void)
{
  static const char xml[] = "<components>" COMPONENT ("a", A) "</components>";
  g_autoptr (GBytes) once = pki_gzip (xml, strlen (xml));
  g_autoptr (GBytes) twice = pki_gzip (g_bytes_get_data (once, NULL), g_bytes_get_size (once));
  g_autoptr (GBytes) plain = g_bytes_new_static (xml, strlen (xml));
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (once, 0, g_bytes_get_size (once) / 2);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  GBytes *bad[] = {twice, plain, cut, empty};

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (QfuCollected) collected = parse (A, 0, bad[i]);

    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* A small file that unpacks to more than is allowed, made of small elements. */
static void
test_bomb (void)
{
  enum { SIZE = 129 * 1024 * 1024 };
  g_autofree char *xml = g_malloc (SIZE);
  static const char head[] = "<components>";
  static const char id[] = "<id>a</id>";
  g_autoptr (GBytes) compressed = NULL;
  g_autoptr (QfuCollected) collected = NULL;

  memset (xml, ' ', SIZE);
  for (gsize i = 1000; i + 1000 < SIZE; i += 1000)
    memcpy (xml + i, id, sizeof id - 1);
  memcpy (xml, head, sizeof head - 1);
  compressed = pki_gzip (xml, SIZE);
  g_clear_pointer (&xml, g_free);
  g_assert_cmpuint (g_bytes_get_size (compressed), <, 2 * 1024 * 1024);
  collected = parse (A, 0, compressed);
  g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_releases_limit (void)
{
  g_autoptr (GString) xml =
      g_string_new ("<components><component type=\"firmware\"><id>a</id>"
                    "<provides><firmware type=\"flashed\">" A "</firmware></provides><releases>");
  gsize head;
  g_autoptr (QfuCollected) most = NULL;
  g_autoptr (QfuCollected) more = NULL;

  for (guint i = 0; i < QFU_COMPONENT_RELEASES_MAX; i++)
    g_string_append (xml, "<release version=\"1\"/>");
  head = xml->len;
  g_string_append (xml, "</releases></component></components>");
  most = parse_xml (A, 0, xml->str);
  g_assert_no_error (most->error);
  g_assert_cmpuint (count (most->text, "RELEASE"), ==, QFU_COMPONENT_RELEASES_MAX);
  g_string_insert (xml, (gssize)head, "<release version=\"1\"/>");
  more = parse_xml (A, 0, xml->str);
  g_assert_error (more->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_fixture (void)
{
  g_autoptr (GBytes) bytes = qfu_fixture_bytes ("lvfs-1x.xml.zst");
  g_autoptr (QfuCollected) one = parse (GUID, 0, bytes);
  g_autoptr (QfuCollected) all = parse (NULL, QFU_CATALOG_ALL, bytes);

  g_assert_no_error (one->error);
  g_assert_cmpuint (count (one->text, "COMPONENT"), ==, 1);
  g_assert_cmpuint (count (one->text, "REQUIREMENT"), ==, 3);
  g_assert_cmpuint (count (one->text, "RELEASE"), ==, 3);
  g_assert_nonnull (strstr (one->text, " VERSION=\"27.70.0\" "));
  g_assert_no_error (all->error);
  g_assert_cmpuint (count (all->text, "COMPONENT"), ==, 1130);
  g_assert_cmpuint (count (all->text, "RELEASE"), ==, 3124);
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND=1 "), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalog/choice", test_choice);
  g_test_add_func ("/catalog/bad-neighbour", test_bad_neighbour);
  g_test_add_func ("/catalog/compression", test_compression);
  g_test_add_func ("/catalog/bomb", test_bomb);
  g_test_add_func ("/catalog/releases-limit", test_releases_limit);
  g_test_add_func ("/catalog/fixture", test_fixture);
  return g_test_run ();
}
