/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of ops `catalog` and `metainfo` beyond those of XML, and metadata that misleads. */
#include "limit.h"
#include "pki.h"
#include "qfu-component-kind.h"

#include <string.h>

#define HEAD "<component type=\"firmware\"><id>a</id>"
#define TAIL "</component>"
#define RELEASES HEAD "<releases><release version=\"1\">"
#define RELEASES_END "</release></releases>" TAIL
#define HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static GBytes *
take (char *text)
{
  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_guids (guint64 n)
{
  return take (limit_repeat (HEAD "<provides>", "<firmware type=\"flashed\">g</firmware>", "", n,
                             "</provides>" TAIL));
}

static GBytes *
make_guid (guint64 n)
{
  return take (limit_repeat (HEAD "<provides><firmware type=\"flashed\">", "g", "", n,
                             "</firmware></provides>" TAIL));
}

static GBytes *
make_requirements (guint64 n)
{
  return take (limit_repeat (HEAD "<requires>", "<id>x</id>", "", n, "</requires>" TAIL));
}

static GBytes *
make_releases (guint64 n)
{
  return take (
      limit_repeat (HEAD "<releases>", "<release version=\"1\"/>", "", n, "</releases>" TAIL));
}

static GBytes *
make_checksums (guint64 n)
{
  return take (limit_repeat (RELEASES,
                             "<checksum target=\"device\" type=\"sha256\">" HEX "</checksum>", "",
                             n, RELEASES_END));
}

static GBytes *
make_version (guint64 n)
{
  return take (limit_repeat (HEAD "<releases><release version=\"", "1", "", n,
                             "\"></release></releases>" TAIL));
}

static GBytes *
make_location (guint64 n)
{
  return take (limit_repeat (RELEASES "<location>", "l", "", n, "</location>" RELEASES_END));
}

static GBytes *
make_content_name (guint64 n)
{
  return take (limit_repeat (RELEASES "<checksum target=\"content\" type=\"sha256\" filename=\"",
                             "f", "", n, "\">" HEX "</checksum>" RELEASES_END));
}

static GBytes *
make_id (guint64 n)
{
  return take (limit_repeat ("<component type=\"firmware\"><id>", "i", "", n, "</id>" TAIL));
}

static GBytes *
make_branch (guint64 n)
{
  return take (limit_repeat (HEAD "<branch>", "b", "", n, "</branch>" TAIL));
}

static const LimitCase metainfo[] = {
    {"/metainfo/limit/guids", QFU_COMPONENT_GUIDS_MAX, make_guids, QFU_ERROR_LIMIT},
    {"/metainfo/limit/guid", 36, make_guid, QFU_ERROR_LIMIT},
    {"/metainfo/limit/requirements", QFU_COMPONENT_REQUIREMENTS_MAX, make_requirements,
     QFU_ERROR_LIMIT},
    {"/metainfo/limit/releases", QFU_COMPONENT_RELEASES_MAX, make_releases, QFU_ERROR_LIMIT},
    {"/metainfo/limit/checksums", QFU_RELEASE_CHECKSUMS_MAX, make_checksums, QFU_ERROR_LIMIT},
    {"/metainfo/limit/version", 64, make_version, QFU_ERROR_FORMAT},
    {"/metainfo/limit/location", 2048, make_location, QFU_ERROR_FORMAT},
    {"/metainfo/limit/content-name", 256, make_content_name, QFU_ERROR_FORMAT},
    {"/metainfo/limit/id", 256, make_id, QFU_ERROR_LIMIT},
    {"/metainfo/limit/branch", 128, make_branch, QFU_ERROR_LIMIT},
};

static GBytes *
make_components (guint64 n)
{
  g_autofree char *xml = limit_repeat ("<components>", HEAD TAIL, "", n, "</components>");

  return pki_gzip (xml, strlen (xml));
}

static GBytes *
make_xml (guint64 n)
{
  static const char unit[] = "<!-- nothing to see, and much of it: 64 bytes of a comment   -->";
  guint8 *xml = limit_sparse (n, "<components>", 12, "</components>", 13);
  gsize at = 12;
  GBytes *bytes;

  for (; at + sizeof unit - 1 + 13 <= n; at += sizeof unit - 1)
    memcpy (xml + at, unit, sizeof unit - 1);
  memset (xml + at, ' ', n - 13 - at);
  bytes = pki_gzip ((const char *)xml, n);
  limit_sparse_free (xml, n);
  return bytes;
}

/* gzip has room for a comment of any length in its header. */
static GBytes *
make_size (guint64 n)
{
  g_autoptr (GBytes) plain = pki_gzip ("<components/>", 13);
  gsize size = g_bytes_get_size (plain);
  const guint8 *data = g_bytes_get_data (plain, NULL);
  guint8 *padded = g_malloc (n);

  memcpy (padded, data, 10);
  padded[3] = 16;
  memset (padded + 10, 'c', n - size - 1);
  padded[n - size + 9] = 0;
  memcpy (padded + n - size + 10, data + 10, size - 10);
  return g_bytes_new_take (padded, n);
}

static const LimitCase catalog[] = {
    {"/catalog/limit/size", QFU_METADATA_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/catalog/limit/xml", QFU_CATALOG_XML_MAX, make_xml, QFU_ERROR_LIMIT},
    {"/catalog/limit/components", QFU_CATALOG_COMPONENTS_MAX, make_components, QFU_ERROR_LIMIT},
};

static guint
count (const char *text, const char *what)
{
  guint n = 0;

  for (const char *p = strstr (text, what); p != NULL; p = strstr (p + 1, what))
    n++;
  return n;
}

static QfuCollected *
parse (const char *xml)
{
  return qfu_collect ("metainfo", NULL, xml, strlen (xml));
}

/* Vulnerabilities are for people to read: what is beyond the limit is left out. */
static void
test_cves (void)
{
  for (guint n = QFU_RELEASE_CVES_MAX; n <= QFU_RELEASE_CVES_MAX + 1; n++) {
    g_autofree char *xml = limit_repeat (RELEASES "<issues>", "<issue type=\"cve\">CVE</issue>", "",
                                         n, "</issues>" RELEASES_END);
    g_autoptr (QfuCollected) out = parse (xml);

    g_assert_no_error (out->error);
    g_assert_cmpuint (count (out->text, " CVE=\"CVE\""), ==, QFU_RELEASE_CVES_MAX);
  }
}

/* What nobody decides by is cut: a name, a summary, a vendor, an urgency, a description. */
static void
test_cut (void)
{
  static const struct {
    const char *head;
    const char *tail;
    const char *field;
    guint max;
  } cases[] = {
      {HEAD "<name>", "</name>" TAIL, " NAME=\"", 256},
      {HEAD "<summary>", "</summary>" TAIL, " SUMMARY=\"", 512},
      {HEAD "<developer_name>", "</developer_name>" TAIL, " VENDOR=\"", 256},
      {HEAD "<releases><release version=\"1\" urgency=\"", "\"></release></releases>" TAIL,
       " URGENCY=\"", 32},
      {RELEASES "<issues><issue type=\"cve\">", "</issue></issues>" RELEASES_END, " CVE=\"", 64},
  };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (cases); i++) {
    guint max = cases[i / 2].max;
    g_autofree char *xml =
        limit_repeat (cases[i / 2].head, "x", "", max + i % 2 * 1000, cases[i / 2].tail);
    g_autofree char *kept = limit_repeat (cases[i / 2].field, "x", "", max, "\"");
    g_autoptr (QfuCollected) out = parse (xml);

    g_assert_no_error (out->error);
    g_assert_nonnull (strstr (out->text, kept));
  }
}

static void
test_description (void)
{
  const gsize max = qfu_wire_field_spec (QFU_FIELD_DESCRIPTION)->max;

  for (gsize n = max - 2; n <= 2 * max; n += max + 2) {
    g_autofree char *xml =
        limit_repeat (RELEASES "<description><p>", "x", "", n, "</p></description>" RELEASES_END);
    g_autoptr (QfuCollected) out = parse (xml);

    g_assert_no_error (out->error);
    g_assert_cmpuint (count (out->text, "x"), >=, MIN (n, max - 2));
    g_assert_cmpuint (count (out->text, "x"), <=, max);
  }
}

/* Components of one id and of one GUID are all sent, in their order: none hides another. */
static void
test_duplicates (void)
{
  static const char xml[] =
      "<components>" HEAD "<name>1</name>" TAIL HEAD "<name>2</name>" TAIL "</components>";
  g_autoptr (GBytes) gzip = pki_gzip (xml, strlen (xml));
  g_autoptr (QfuCollected) out =
      qfu_collect ("catalog", NULL, g_bytes_get_data (gzip, NULL), g_bytes_get_size (gzip));

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==, "COMPONENT NAME=\"1\" ID=\"a\"\nCOMPONENT NAME=\"2\" ID=\"a\"\n");
}

/* Numbers that leave 64 bits, signs, spaces, and other ways to write one. */
static void
test_numbers (void)
{
  static const char *const numbers[] = {
      "-1", "+1", " 1 2", "0x10", "1e3", "1.0", "", "18446744073709551616", "9223372036854775808"};

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autofree char *size =
        g_strdup_printf (RELEASES "<size type=\"download\">%s</size>" RELEASES_END, numbers[i]);
    g_autofree char *time = g_strdup_printf (
        HEAD "<releases><release version=\"1\" timestamp=\"%s\"/></releases>" TAIL, numbers[i]);
    g_autoptr (QfuCollected) of_size = parse (size);
    g_autoptr (QfuCollected) of_time = parse (time);

    g_test_message ("%s", numbers[i]);
    g_assert_error (of_size->error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_error (of_time->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("metainfo", 0, metainfo, G_N_ELEMENTS (metainfo));
  limit_add ("catalog", 0, catalog, G_N_ELEMENTS (catalog));
  g_test_add_func ("/metainfo/limit/cves", test_cves);
  g_test_add_func ("/metainfo/limit/cut", test_cut);
  g_test_add_func ("/metainfo/limit/description", test_description);
  g_test_add_func ("/catalog/killer/duplicates", test_duplicates);
  g_test_add_func ("/catalog/killer/numbers", test_numbers);
  return g_test_run ();
}
