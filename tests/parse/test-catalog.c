/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "pki.h"
#include "qfu-component-kind.h"
#include "qfu-error.h"

#include <string.h>

#define GUID "8387e0e4-647a-6c08-2f0d-b088af323c2d" /* of the first component of the fixture */
#define A "11111111-1111-1111-1111-111111111111"
#define B "22222222-2222-2222-2222-222222222222"

static QfuCollected *
parse (GBytes *compressed)
{
  return qfu_collect ("catalog", NULL, g_bytes_get_data (compressed, NULL),
                      g_bytes_get_size (compressed));
}

static QfuCollected *
parse_xml (const char *xml)
{
  g_autoptr (GBytes) compressed = pki_gzip (xml, strlen (xml));

  return parse (compressed);
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
test_all (void)
{
  static const char xml[] =
      "<components origin=\"lvfs\" version=\"0.9\">" COMPONENT ("a", A) COMPONENT ("b", B)
          COMPONENT ("a", A) "<component type=\"desktop\"><id>c</id></component></components>";
  g_autoptr (QfuCollected) all = parse_xml (xml);

  g_assert_no_error (all->error);
  g_assert_cmpstr (all->text, ==,
                   "COMPONENT ID=\"a\" GUID=\"" A "\"\nRELEASE VERSION=\"1\"\n"
                   "COMPONENT ID=\"b\" GUID=\"" B "\"\nRELEASE VERSION=\"1\"\n"
                   "COMPONENT ID=\"a\" GUID=\"" A "\"\nRELEASE VERSION=\"1\"\n");
}

/* A component that nobody asks for harms nobody: it is sent as what it is. */
static void
test_broken (void)
{
  static const char xml[] = "<components>" COMPONENT (
      "a", A) "<component type=\"firmware\"><id>b</id><provides><firmware type=\"flashed\">" B
              "</firmware></provides><requires><client>x</client></requires>"
              "<releases><release version=\"2\"/><release/></releases></component>"
              "<component type=\"firmware\"/></components>";
  g_autoptr (QfuCollected) collected = parse_xml (xml);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==,
                   "COMPONENT ID=\"a\" GUID=\"" A "\"\nRELEASE VERSION=\"1\"\n"
                   "COMPONENT ID=\"b\" FLAGS=1 GUID=\"" B
                   "\" SUMMARY=\"component b: release : it has no version\"\n"
                   "COMPONENT ID=\"?\" FLAGS=1 SUMMARY=\"a component has no id\"\n");
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
    g_autoptr (QfuCollected) collected = parse (bad[i]);

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
  collected = parse (compressed);
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
  most = parse_xml (xml->str);
  g_assert_no_error (most->error);
  g_assert_cmpuint (count (most->text, "RELEASE"), ==, QFU_COMPONENT_RELEASES_MAX);
  g_string_insert (xml, (gssize)head, "<release version=\"1\"/>");
  more = parse_xml (xml->str);
  g_assert_no_error (more->error);
  g_assert_cmpstr (more->text, ==,
                   "COMPONENT ID=\"a\" FLAGS=1 GUID=\"" A
                   "\" SUMMARY=\"component a: too many releases\"\n");
}

static void
test_components_limit (void)
{
  g_autoptr (GString) xml = g_string_new ("<components>");
  gsize head;
  g_autoptr (QfuCollected) most = NULL;
  g_autoptr (QfuCollected) more = NULL;

  for (guint i = 0; i < QFU_CATALOG_COMPONENTS_MAX; i++)
    g_string_append (xml, "<component type=\"firmware\"><id>a</id></component>");
  head = xml->len;
  g_string_append (xml, "</components>");
  most = parse_xml (xml->str);
  g_assert_no_error (most->error);
  g_assert_cmpuint (count (most->text, "COMPONENT"), ==, QFU_CATALOG_COMPONENTS_MAX);
  g_string_insert (xml, (gssize)head, "<component type=\"firmware\"/>");
  more = parse_xml (xml->str);
  g_assert_error (more->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_fixture (void)
{
  g_autoptr (GBytes) bytes = qfu_fixture_bytes ("lvfs-1x.xml.zst");
  g_autoptr (QfuCollected) all = parse (bytes);
  const char *one;

  g_assert_no_error (all->error);
  g_assert_cmpuint (count (all->text, "COMPONENT"), ==, 1130);
  g_assert_cmpuint (count (all->text, "RELEASE"), ==, 3124);
  /* the five forms of a requirement that occur, in the numbers that xmllint counts */
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND="), ==, 1130 + 234 + 103 + 459);
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND=1 "), ==, 0);
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND=2 VALUE=\"org.freedesktop.fwupd\""), ==,
                    1130);
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND=3 VALUE=\"\""), ==, 234);
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND=4 VALUE=\"vendor-id\""), ==, 103);
  g_assert_cmpuint (count (all->text, "REQUIREMENT KIND=5 "), ==, 459);
  g_assert_null (strstr (all->text, " FLAGS="));
  one = strstr (all->text, GUID);
  g_assert_nonnull (one);
  g_assert_nonnull (strstr (one, " VERSION=\"27.70.0\" "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalog/all", test_all);
  g_test_add_func ("/catalog/broken", test_broken);
  g_test_add_func ("/catalog/compression", test_compression);
  g_test_add_func ("/catalog/bomb", test_bomb);
  g_test_add_func ("/catalog/releases-limit", test_releases_limit);
  g_test_add_func ("/catalog/components-limit", test_components_limit);
  g_test_add_func ("/catalog/fixture", test_fixture);
  return g_test_run ();
}
