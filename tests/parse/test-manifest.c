/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "declared.h"
#include "qfu-error.h"
#include "qfu-manifest-write.h"

#include <string.h>

#define IMAGE "\"image\":{\"sha256\":\"" SHA256 "\"}"
#define SHA256 "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d"
#define SHA1 "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
#define HEAD "{\"format\":\"qubes-fwupd-manifest-1\"," IMAGE
#define OBJECT "{\"region\":\"A\",\"digests\":{\"sha1\":\"" SHA1 "\"}}"
#define OBJECTS ",\"objects\":[" OBJECT "]"
#define RECIPES(text) HEAD OBJECTS ",\"recipes\":[" text "]}"

static QfuCollected *
parse (const char *json)
{
  return qfu_collect ("manifest", NULL, json, strlen (json));
}

static void
test_good (void)
{
  g_autoptr (QfuCollected) out = parse (
      "{\"format\":\"qubes-fwupd-manifest-1\",\"version\":\"1.2\"," IMAGE ",\"objects\":[" OBJECT
      ",{\"region\":\"COREBOOT\",\"file\":\"a/b\",\"digests\":{\"sha256\":\"" SHA256
      "\",\"sha1\":\"" SHA1 "\"}}],\"recipes\":[{\"name\":\"normal\",\"condition\":\"as "
      "delivered\",\"steps\":[{\"pcr\":2,\"object\":1},{\"pcr\":3,\"object\":0}],\"pcrs\":["
      "{\"pcr\":2,\"bank\":\"sha1\",\"value\":\"" SHA1 "\"}]},{\"name\":\"rescue\"}]}\n");

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==,
                   "MANIFEST SHA256=" SHA256 " VERSION=\"1.2\"\n"
                   "MANIFEST_OBJECT NAME=\"A\" DIGEST=0400" SHA1 "\n"
                   "MANIFEST_OBJECT NAME=\"COREBOOT\" DIGEST=0b00" SHA256 " DIGEST=0400" SHA1
                   " FILE_NAME=\"a/b\"\n"
                   "RECIPE NAME=\"normal\" SUMMARY=\"as delivered\"\n"
                   "RECIPE_STEP INDEX=1 PCR=2\n"
                   "RECIPE_STEP INDEX=0 PCR=3\n"
                   "PCR PCR=2 DIGEST=0400" SHA1 "\n"
                   "RECIPE NAME=\"rescue\"\n");
}

/* What is written is read. */
static void
test_written (void)
{
  g_autoptr (QfuManifest) manifest = declared_small ();
  g_autoptr (GBytes) json = qfu_manifest_write (manifest, QFU_MANIFEST_IS_JSON);
  g_autoptr (GBytes) corim = qfu_manifest_write (manifest, QFU_MANIFEST_IS_CORIM);
  g_autoptr (QfuCollected) one =
      qfu_collect ("manifest", NULL, g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  g_autoptr (QfuCollected) other =
      qfu_collect ("corim", NULL, g_bytes_get_data (corim, NULL), g_bytes_get_size (corim));

  g_assert_no_error (one->error);
  g_assert_no_error (other->error);
  g_assert_nonnull (strstr (one->text, "SUMMARY=\"as delivered\""));
  g_assert_cmpstr (one->text, ==, other->text);
}

/* Not what the schema has: nothing may be read by one and passed over by another. */
static void
test_bad (void)
{
  static const char *const rows[] = {
      "",
      "{}",
      "[]",
      "null",
      "{\"format\":1}",
      HEAD,
      HEAD ",\"more\":1}",
      HEAD ",\"objects\":1}",
      HEAD ",\"objects\":[1]}",
      HEAD ",\"objects\":[{}]}",
      HEAD ",\"version\":2}",
      HEAD ",\"version\":\"\"}",
      HEAD ",\"version\":\"\\n\"}",
      HEAD ",\"version\":\"\xc3\xa9\"}",
      HEAD "," IMAGE "}",
      HEAD ",\"format\":\"qubes-fwupd-manifest-1\"}",
      "{\"format\":\"qubes-fwupd-manifest-1\"}",
      "{\"format\":\"qubes-fwupd-manifest-1\",\"image\":{\"sha256\":\"" SHA1 "\"}}",
      "{\"format\":\"qubes-fwupd-manifest-1\",\"image\":{\"sha256\":7}}",
      "{\"format\":\"qubes-fwupd-manifest-1\",\"image\":{\"sha256\":\"" SHA256 "\",\"size\":1}}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"digests\":{}}]}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"digests\":{\"md5\":\"" SHA1 "\"}}]}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"digests\":{\"sha1 \":\"" SHA1 "\"}}]}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"digests\":{\"sha256\":\"" SHA1 "\"}}]}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"digests\":{\"sha1\":\"" SHA1 "\",\"sha1\":\"" SHA1
           "\"}}]}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"file\":1,\"digests\":{\"sha1\":\"" SHA1 "\"}}]}",
      HEAD ",\"objects\":[{\"region\":1,\"digests\":{\"sha1\":\"" SHA1 "\"}}]}",
      HEAD ",\"objects\":[{\"region\":\"A\",\"kind\":1,\"digests\":{\"sha1\":\"" SHA1 "\"}}]}",
      RECIPES ("{}"),
      RECIPES ("{\"name\":\"\"}"),
      RECIPES ("{\"name\":\"a\",\"condition\":[]}"),
      RECIPES ("{\"name\":\"a\",\"steps\":{}}"),
      RECIPES ("{\"name\":\"a\",\"steps\":[{\"pcr\":2}]}"),
      RECIPES ("{\"name\":\"a\",\"steps\":[{\"pcr\":2,\"object\":1}]}"),
      RECIPES ("{\"name\":\"a\",\"steps\":[{\"pcr\":24,\"object\":0}]}"),
      RECIPES ("{\"name\":\"a\",\"steps\":[{\"pcr\":-1,\"object\":0}]}"),
      RECIPES ("{\"name\":\"a\",\"steps\":[{\"pcr\":2.0,\"object\":0}]}"),
      RECIPES ("{\"name\":\"a\",\"steps\":[{\"pcr\":18446744073709551618,\"object\":0}]}"),
      RECIPES ("{\"name\":\"a\",\"pcrs\":[{\"pcr\":2,\"bank\":\"sha1\"}]}"),
      RECIPES ("{\"name\":\"a\",\"pcrs\":[{\"pcr\":2,\"value\":\"" SHA1 "\"}]}"),
      RECIPES ("{\"name\":\"a\",\"pcrs\":[{\"bank\":\"sha1\",\"value\":\"" SHA1 "\"}]}"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuCollected) out = parse (rows[i]);

    g_test_message ("%s", rows[i]);
    g_assert_nonnull (out->error);
    g_assert_true (g_error_matches (out->error, QFU_ERROR, QFU_ERROR_FORMAT) ||
                   g_error_matches (out->error, QFU_ERROR, QFU_ERROR_UNSUPPORTED));
  }
}

static void
test_format (void)
{
  g_autoptr (QfuCollected) out =
      parse ("{\"format\":\"qubes-fwupd-manifest-2\"," IMAGE OBJECTS "}");

  g_assert_error (out->error, QFU_ERROR, QFU_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parse-manifest/good", test_good);
  g_test_add_func ("/parse-manifest/written", test_written);
  g_test_add_func ("/parse-manifest/bad", test_bad);
  g_test_add_func ("/parse-manifest/format", test_format);
  return g_test_run ();
}
