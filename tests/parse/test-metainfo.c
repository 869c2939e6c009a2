/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "qfu-error.h"

#include <string.h>

#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define HEAD "<component type=\"firmware\"><id>org.example.a</id>"
#define TAIL "</component>"

static QfuCollected *
parse (const char *xml)
{
  return qfu_collect ("metainfo", NULL, xml, strlen (xml));
}

static void
assert_text (const char *xml, const char *expected)
{
  g_autoptr (QfuCollected) collected = parse (xml);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==, expected);
}

static void
assert_error (const char *xml, QfuError code)
{
  g_autoptr (QfuCollected) collected = parse (xml);

  g_assert_error (collected->error, QFU_ERROR, (int)code);
}

static void
test_complete (void)
{
  assert_text (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- who -->\n"
      "<component type=\"firmware\">\n <id>org.example.a</id>\n"
      " <name>A &amp; B</name><name xml:lang=\"de\">A und B</name><summary>S</summary>"
      "<developer_name>V</developer_name><branch>b</branch>"
      "<description><p>not this</p></description>"
      "<provides><firmware type=\"flashed\">B585990A-003E-5270-89D5-3705A17F9A43</firmware>"
      "<firmware type=\"runtime\">11111111-003e-5270-89d5-3705a17f9a43</firmware></provides>"
      "<custom><value key=\"LVFS::VersionFormat\">triplet</value>"
      "<value key=\"LVFS::UpdateProtocol\">com.acme</value><value key=\"x\">y</value></custom>"
      "<releases><release version=\"1.2.4\" date=\"2024-01-21\" urgency=\"high\" "
      "install_duration=\"90\">"
      "<location>https://example.org/a.cab</location>"
      "<checksum type=\"sha256\" target=\"container\">" SHA256 "</checksum>"
      "<checksum type=\"sha1\" filename=\"a.bin\" target=\"content\">0</checksum>"
      "<checksum type=\"sha256\" filename=\"a.bin\" target=\"content\">" SHA256 "</checksum>"
      "<checksum type=\"sha256\" filename=\"b.bin\" target=\"content\">00</checksum>"
      "<checksum type=\"sha256\" target=\"device\">" SHA256 "</checksum>"
      "<size type=\"download\">10</size><size type=\"installed\">5</size>"
      "<issues><issue type=\"cve\">CVE-2024-1</issue><issue type=\"x\">y</issue></issues>"
      "<description><p>Fixes\n  a <em>bug</em>.</p><ul><li>one</li><li>t\xc2\xb2wo \xe2\x80\x9cq"
      "\xe2\x80\x9d</li></ul></description></release></releases>"
      "<requires><id compare=\"ge\" version=\"1.9.0\">org.freedesktop.fwupd</id></requires>"
      "</component>\n",
      "COMPONENT NAME=\"A & B\" ID=\"org.example.a\" "
      "GUID=\"b585990a-003e-5270-89d5-3705a17f9a43\" VERSION_FORMAT=\"triplet\" SUMMARY=\"S\" "
      "VENDOR=\"V\" BRANCH=\"b\" UPDATE_PROTOCOL=\"com.acme\"\n"
      "REQUIREMENT KIND=2 VALUE=\"org.freedesktop.fwupd\" VERSION=\"1.9.0\" COMPARE=\"ge\"\n"
      "RELEASE SIZE=10 SHA256=" SHA256 " TIME=1705795200 VERSION=\"1.2.4\" "
      "DESCRIPTION=\"Fixes a bug.\\n* one\\n* t?wo \"q\"\\n\" URGENCY=\"high\" CVE=\"CVE-2024-1\" "
      "LOCATION=\"https://example.org/a.cab\" CONTENT_SHA256=" SHA256 " CONTENT_NAME=\"a.bin\" "
      "DEVICE_CHECKSUM=\"sha256:" SHA256 "\" INSTALLED_SIZE=5 DURATION=90\n");
}

static void
test_requirements (void)
{
  assert_text (
      HEAD
      "<requires><firmware compare=\"ge\" version=\"1.0\"/>"
      "<firmware compare=\"glob\" version=\"USB:*\">vendor-id</firmware>"
      "<firmware compare=\"ge\" version=\"1\">bootloader</firmware>"
      "<firmware compare=\"ge\" version=\"1\" depth=\"1\"/>"
      "<hardware>a|b</hardware><not_hardware>c</not_hardware><client>d</client>"
      "<phased_update>e</phased_update><id>x<y/></id><moon>full</moon></requires>"
      "<releases><release version=\"1\"><requires><id>z</id></requires></release></releases>" TAIL,
      "COMPONENT ID=\"org.example.a\"\n"
      "REQUIREMENT KIND=3 VALUE=\"\" VERSION=\"1.0\" COMPARE=\"ge\"\n"
      "REQUIREMENT KIND=4 VALUE=\"vendor-id\" VERSION=\"USB:*\" COMPARE=\"glob\"\n"
      "REQUIREMENT KIND=1 VALUE=\"firmware bootloader\" VERSION=\"1\" COMPARE=\"ge\"\n"
      "REQUIREMENT KIND=1 VALUE=\"firmware depth\" VERSION=\"1\" COMPARE=\"ge\"\n"
      "REQUIREMENT KIND=5 VALUE=\"a|b\"\n"
      "REQUIREMENT KIND=6 VALUE=\"c\"\n"
      "REQUIREMENT KIND=7 VALUE=\"d\"\n"
      "REQUIREMENT KIND=8 VALUE=\"e\"\n"
      "REQUIREMENT KIND=1 VALUE=\"id\"\n"
      "REQUIREMENT KIND=1 VALUE=\"moon full\"\n"
      "REQUIREMENT KIND=1 VALUE=\"id z\"\n"
      "RELEASE VERSION=\"1\"\n");
}

/* A language takes neither a condition nor the first release away. */
static void
test_language (void)
{
  assert_text (HEAD "<requires><hardware xml:lang=\"de\">a</hardware></requires>"
                    "<requires xml:lang=\"de\"><not_hardware>b</not_hardware></requires>"
                    "<releases xml:lang=\"de\"><release version=\"2\" xml:lang=\"de\">"
                    "<checksum xml:lang=\"de\" type=\"sha256\" target=\"content\">" SHA256
                    "</checksum></release><release version=\"1\"/></releases>" TAIL,
               "COMPONENT ID=\"org.example.a\"\n"
               "REQUIREMENT KIND=1 VALUE=\"hardware xml:lang a\"\n"
               "REQUIREMENT KIND=6 VALUE=\"b\"\n"
               "RELEASE VERSION=\"2\" CONTENT_SHA256=" SHA256 "\n"
               "RELEASE VERSION=\"1\"\n");
}

/* A list of hardware that does not fit into its field must not lose its tail. */
static void
test_long_requirement (void)
{
  g_autofree char *fits = g_strnfill (4096, 'a');
  g_autofree char *too_long = g_strnfill (4097, 'a');
  g_autofree char *good =
      g_strdup_printf (HEAD "<requires><not_hardware>%s</not_hardware></requires>" TAIL, fits);
  g_autofree char *bad =
      g_strdup_printf (HEAD "<requires><not_hardware>%s</not_hardware></requires>" TAIL, too_long);
  g_autoptr (QfuCollected) whole = parse (good);
  g_autoptr (QfuCollected) cut = parse (bad);

  g_assert_no_error (whole->error);
  g_assert_nonnull (strstr (whole->text, "REQUIREMENT KIND=6 "));
  g_assert_no_error (cut->error);
  g_assert_nonnull (strstr (cut->text, "REQUIREMENT KIND=1 "));
}

static void
assert_release_error (const char *attributes, const char *children)
{
  g_autofree char *xml = g_strdup_printf (HEAD "<releases><release %s>%s</release></releases>" TAIL,
                                          attributes, children);

  assert_error (xml, QFU_ERROR_FORMAT);
}

static void
test_bad_releases (void)
{
  g_autofree char *long_version = g_strnfill (65, '1');
  g_autofree char *attribute = g_strdup_printf ("version=\"%s\"", long_version);

  assert_release_error ("", "");
  assert_release_error ("version=\"\"", "");
  assert_release_error (attribute, "");
  assert_release_error ("version=\"1\" timestamp=\"x\"", "");
  assert_release_error ("version=\"1\" timestamp=\"-1\"", "");
  assert_release_error ("version=\"1\" timestamp=\"99999999999999999999\"", "");
  assert_release_error ("version=\"1\" date=\"yesterday\"", "");
  assert_release_error ("version=\"1\"", "<size type=\"download\">-1</size>");
  assert_release_error ("version=\"1\"", "<size type=\"download\">1e9</size>");
  assert_release_error ("version=\"1\"",
                        "<checksum type=\"sha256\" target=\"container\">00</checksum>");
  assert_release_error ("version=\"1\"",
                        "<checksum type=\"sha256\" target=\"container\">" SHA256 "0</checksum>");
  assert_release_error ("version=\"1\"",
                        "<checksum type=\"sha256\" target=\"content\">zz</checksum>");
  assert_release_error ("version=\"1\"", "<checksum type=\"sha1\" target=\"device\">00</checksum>");
  assert_release_error (
      "version=\"1\"",
      "<checksum type=\"sha256\" target=\"container\">" SHA256 "</checksum>"
      "<checksum type=\"sha256\" target=\"container\">"
      "0000000000000000000000000000000000000000000000000000000000000000</checksum>");
}

/* It keeps no release away, whatever it is. */
static void
assert_duration (const char *text, const char *expected)
{
  g_autofree char *xml = g_strdup_printf (
      HEAD "<releases><release version=\"1\" install_duration=\"%s\"/></releases>" TAIL, text);
  g_autoptr (QfuCollected) collected = parse (xml);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (strstr (collected->text, "RELEASE"), ==, expected);
}

static void
test_duration (void)
{
  g_autofree char *most = g_strdup_printf ("%d", QFU_RELEASE_DURATION_MAX);
  g_autofree char *past = g_strdup_printf ("%d", QFU_RELEASE_DURATION_MAX + 1);

  assert_duration (most, "RELEASE VERSION=\"1\" DURATION=86400\n");
  assert_duration (past, "RELEASE VERSION=\"1\"\n");
  assert_duration ("0", "RELEASE VERSION=\"1\"\n");
  assert_duration ("-5", "RELEASE VERSION=\"1\"\n");
  assert_duration ("long", "RELEASE VERSION=\"1\"\n");
}

static void
test_structure (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) many = g_string_new (HEAD "<provides>");
  g_autofree char *long_id = g_strnfill (257, 'i');
  g_autofree char *with_long_id =
      g_strdup_printf ("<component type=\"firmware\"><id>%s</id></component>", long_id);

  assert_error ("", QFU_ERROR_FORMAT);
  assert_error ("<components/>", QFU_ERROR_FORMAT);
  assert_error ("<component type=\"firmware\"/>", QFU_ERROR_FORMAT);
  assert_error (HEAD, QFU_ERROR_FORMAT);
  assert_error (HEAD "</components>", QFU_ERROR_FORMAT);
  assert_error (HEAD "&nbsp;" TAIL, QFU_ERROR_FORMAT);
  assert_error (HEAD "\xff\xfe" TAIL, QFU_ERROR_FORMAT);
  assert_error (with_long_id, QFU_ERROR_LIMIT);
  for (guint i = 0; i < 200000; i++)
    g_string_append (deep, "<component>");
  assert_error (deep->str, QFU_ERROR_LIMIT);
  for (guint i = 0; i < 257; i++)
    g_string_append (many, "<firmware type=\"flashed\">g</firmware>");
  g_string_append (many, "</provides>" TAIL);
  assert_error (many->str, QFU_ERROR_LIMIT);
}

static void
test_fixtures (void)
{
  g_autofree char *path = qfu_fixture ("metainfo");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *relative = g_build_filename ("metainfo", name, NULL);
    g_autoptr (GBytes) bytes = qfu_fixture_bytes (relative);
    const char *data = g_bytes_get_data (bytes, NULL);
    gsize size = g_bytes_get_size (bytes);
    g_autoptr (QfuCollected) collected = qfu_collect ("metainfo", NULL, data, size);

    g_test_message ("%s", name);
    g_assert_no_error (collected->error);
    g_assert_true (g_str_has_prefix (collected->text, "COMPONENT "));
    g_assert_nonnull (strstr (collected->text, "\nRELEASE "));
    g_assert_nonnull (strstr (collected->text, "\nREQUIREMENT KIND=2 "));
    g_assert_null (strstr (collected->text, "\nREQUIREMENT KIND=1 "));
    /* cut before the root ends it is never accepted */
    for (gsize cut = 0; cut + 64 < size; cut += 97) {
      g_autoptr (QfuCollected) part = qfu_collect ("metainfo", NULL, data, cut);

      g_assert_nonnull (part->error);
    }
    n++;
  }
  g_assert_cmpuint (n, >=, 13);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metainfo/complete", test_complete);
  g_test_add_func ("/metainfo/requirements", test_requirements);
  g_test_add_func ("/metainfo/language", test_language);
  g_test_add_func ("/metainfo/long-requirement", test_long_requirement);
  g_test_add_func ("/metainfo/bad-releases", test_bad_releases);
  g_test_add_func ("/metainfo/limit/duration", test_duration);
  g_test_add_func ("/metainfo/structure", test_structure);
  g_test_add_func ("/metainfo/fixtures", test_fixtures);
  return g_test_run ();
}
