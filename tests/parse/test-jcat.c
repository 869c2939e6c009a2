/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "pki.h"
#include "qfu-error.h"

#define FAKEDEVICE "/usr/share/installed-tests/fwupd/fakedevice124.jcat"
#define HEAD "{\"JcatVersionMajor\":0,\"JcatVersionMinor\":1,\"Items\":["
#define TAIL "]}"

static QfuCollected *
parse_bytes (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return qfu_collect ("jcat", NULL, data, size);
}

static QfuCollected *
parse (const char *json)
{
  g_autoptr (GBytes) bytes = pki_gzip (json, strlen (json));

  return parse_bytes (bytes);
}

/* @times times @text, for limits. */
static char *
repeat (const char *before, const char *text, guint times, const char *after)
{
  GString *all = g_string_new (before);

  for (guint i = 0; i < times; i++) {
    g_string_append (all, text);
    if (i + 1 < times && text[0] == '{')
      g_string_append_c (all, ',');
  }
  g_string_append (all, after);
  return g_string_free (all, FALSE);
}

static void
test_good (void)
{
  g_autoptr (QfuCollected) out =
      parse (HEAD "{\"Id\":\"a-1.xml\",\"AliasIds\":[\"a.xml\"],\"Blobs\":["
                  "{\"Kind\":1,\"Flags\":1,\"Timestamp\":5,\"Data\":\"ab\"},"
                  "{\"Kind\":3,\"Flags\":0,\"Data\":\"AAEC\"},"
                  "{\"Kind\":3,\"Flags\":1,\"Data\":\"zz\"},"
                  "{\"Kind\":77,\"Flags\":1,\"Data\":\"[[[\\\"]]\"}]},{\"Id\":\"b\"}" TAIL);

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==,
                   "JCAT_ITEM ID=\"a-1.xml\" ALIAS=\"a.xml\"\n"
                   "JCAT_BLOB KIND=1 FLAGS=1 TIME=5 BLOB=6162\n"
                   "JCAT_BLOB KIND=3 FLAGS=0 BLOB=000102\n"
                   "JCAT_BLOB KIND=3 FLAGS=1 BLOB=7a7a\n"
                   "JCAT_BLOB KIND=77 FLAGS=1 BLOB=5b5b5b225d5d\n"
                   "JCAT_ITEM ID=\"b\"\n");
}

static void
test_no_items (void)
{
  g_autoptr (QfuCollected) out = parse (HEAD TAIL);

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==, "");
}

/* The LVFS appends eight bytes behind the gzip data. */
static void
test_real (void)
{
  g_autofree char *data = NULL;
  gsize size;
  g_autoptr (QfuCollected) out = NULL;

  if (!g_file_get_contents (FAKEDEVICE, &data, &size, NULL)) {
    g_test_skip ("no " FAKEDEVICE);
    return;
  }
  out = qfu_collect ("jcat", NULL, data, size);
  g_assert_no_error (out->error);
  g_assert_true (g_str_has_prefix (out->text, "JCAT_ITEM ID=\"fakedevice124.bin\"\n"));
  g_assert_nonnull (strstr (out->text, "JCAT_ITEM ID=\"fakedevice124.metainfo.xml\"\n"));
}

static void
test_format (void)
{
  static const char *const broken[] = {
      "",
      "[]",
      "{",
      "{}}",
      "{\"Items\":[]}{}",
      "{}{\"Items\":[]}",
      "1,{\"Items\":[]}",
      "{\"Items\":3}",
      "{\"Items\":[3]}",
      "{\"Items\":[{}]}",
      "{\"Items\":[{\"Id\":3}]}",
      "{\"Items\":[{\"Id\":\"a\",\"AliasIds\":[3]}]}",
      "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[3]}]}",
      "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[{}]}]}",
      "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[{\"Kind\":\"1\",\"Flags\":1,\"Data\":\"a\"}]}]}",
      "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[{\"Kind\":-1,\"Flags\":1,\"Data\":\"a\"}]}]}",
      "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[{\"Kind\":256,\"Flags\":1,\"Data\":\"a\"}]}]}",
      "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[{\"Kind\":1,\"Flags\":1,\"Data\":3}]}]}",
      "{\"Items\":[]} /* \" */",
      "{\"Items\":[]} // \"",
      "{'Items':[]}",
      "{\"Items\":[{\"Id\":\"a\nb\"}]}",
      "{\"Items\":[\"]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (QfuCollected) out = parse (broken[i]);

    g_test_message ("%s", broken[i]);
    g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* What hides brackets from the depth scan would reach json-glib: a comment with a quote in it. */
static void
test_hidden_depth (void)
{
  g_autofree char *text = repeat ("/*\"*/", "[", 200000, "/*\"*/");
  g_autoptr (QfuCollected) out = parse (text);

  g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static void
test_cut (void)
{
  const char *json =
      HEAD "{\"Id\":\"a\",\"Blobs\":[{\"Kind\":1,\"Flags\":1,\"Data\":\"ab\"}]}" TAIL;
  g_autoptr (GBytes) gzip = pki_gzip (json, strlen (json));

  for (gsize size = 0; size < g_bytes_get_size (gzip); size++) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (gzip, 0, size);
    g_autoptr (QfuCollected) out = parse_bytes (cut);

    g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jcat/good", test_good);
  g_test_add_func ("/jcat/no-items", test_no_items);
  g_test_add_func ("/jcat/real", test_real);
  g_test_add_func ("/jcat/format", test_format);
  g_test_add_func ("/jcat/hidden-depth", test_hidden_depth);
  g_test_add_func ("/jcat/cut", test_cut);
  return g_test_run ();
}
