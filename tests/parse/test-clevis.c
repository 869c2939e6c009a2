/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-digest.h"
#include "qfu-limits.h"
#include "qfu-parse-clevis.h"

#include <string.h>

static const QfuJsonForm form = {"test", 16, 1000};

/* What is made of a token with this protected header. */
static QfuClevisToken
read_protected (const char *text)
{
  g_autofree char *token = g_strdup_printf ("{\"jwe\":{\"protected\":\"%s\"}}", text);
  g_autoptr (JsonParser) parser =
      qfu_json_read (&form, (const guint8 *)token, strlen (token), NULL);
  QfuClevisToken out;

  g_assert_nonnull (parser);
  qfu_clevis_read (qfu_json_object (json_parser_get_root (parser)), &out);
  return out;
}

static QfuClevisToken
read_header (const char *header)
{
  g_autofree char *text = g_base64_encode ((const guint8 *)header, strlen (header));

  g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_');
  text[strcspn (text, "=")] = '\0';
  return read_protected (text);
}

/* As clevis-encrypt-tpm2 writes it. */
static void
test_tpm2 (void)
{
  QfuClevisToken bank =
      read_header ("{\"alg\":\"dir\",\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"hash\":\"sha256\","
                   "\"jwk_priv\":\"AA~?>\",\"key\":\"ecc\",\"pcr_bank\":\"sha1\",\"pcr_ids\":"
                   "\"0,7\"}},\"enc\":\"A256GCM\"}");
  QfuClevisToken array = read_header (
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":[\"1\",3],\"pcr_bank\":\"sha256\"}}}");
  QfuClevisToken none = read_header ("{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{}}}");

  g_assert_true (bank.tpm && !bank.odd);
  g_assert_cmpuint (bank.selection.bank, ==, QFU_HASH_SHA1);
  g_assert_cmphex (bank.selection.pcrs, ==, 0x81);
  g_assert_true (array.tpm && !array.odd);
  g_assert_cmphex (array.selection.pcrs, ==, 0xa);
  g_assert_true (none.tpm && !none.odd);
  g_assert_cmphex (none.selection.pcrs, ==, 0);
}

static void
test_other_pins (void)
{
  QfuClevisToken tang = read_header ("{\"clevis\":{\"pin\":\"tang\",\"tang\":{}}}");
  QfuClevisToken shares = read_header ("{\"clevis\":{\"pin\":\"sss\",\"sss\":{}}}");

  g_assert_false (tang.tpm || tang.odd);
  g_assert_true (shares.tpm && shares.odd);
}

/* Whatever cannot be read may be bound to anything. */
static void
test_odd (void)
{
  static const char *const headers[] = {
      "",
      "{}",
      "[]",
      "{\"clevis\":{}}",
      "{\"clevis\":{\"pin\":7}}",
      "{\"clevis\":{\"pin\":\"tpm2\"}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":[]}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_bank\":\"md5\",\"pcr_ids\":\"7\"}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_bank\":7,\"pcr_ids\":\"7\"}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":7}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":\"24\"}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":[24]}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":[-1]}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":[{}]}}}",
      "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":\"7\",\"policy_pubkey_path\":\"/a\"}}}",
  };
  QfuClevisToken cut = read_protected ("AAAAA");

  g_assert_true (cut.tpm && cut.odd);
  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++) {
    QfuClevisToken token = read_header (headers[i]);

    g_test_message ("%s", headers[i]);
    g_assert_true (token.tpm && token.odd);
  }
}

/* One that is longer than any real one is odd, too. */
static void
test_size (void)
{
  const char *header = "{\"clevis\":{\"pin\":\"tpm2\",\"tpm2\":{\"pcr_ids\":\"7\"}}}";
  g_autofree char *padding = g_strnfill (QFU_CLEVIS_HEADER_MAX - strlen (header), ' ');
  g_autofree char *at = g_strconcat (header, padding, NULL);
  g_autofree char *past = g_strconcat (at, " ", NULL);

  g_assert_false (read_header (at).odd);
  g_assert_true (read_header (past).odd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clevis/tpm2", test_tpm2);
  g_test_add_func ("/clevis/other-pins", test_other_pins);
  g_test_add_func ("/clevis/odd", test_odd);
  g_test_add_func ("/clevis/limit/header", test_size);
  return g_test_run ();
}
