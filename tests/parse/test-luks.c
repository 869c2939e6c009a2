/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "limit.h"

#include <string.h>

/* A header with these tokens and keyslots 0 to 3, of which 3 is tied to no segment. */
#define HEADER(tokens)                                                                             \
  "{\"keyslots\":{\"0\":{\"type\":\"luks2\"},\"1\":{\"type\":\"luks2\"},\"2\":{\"type\":"          \
  "\"luks2\"},\"3\":{\"type\":\"luks2\"},\"4\":{\"type\":\"reencrypt\"}},\"tokens\":{" tokens      \
  "},\"segments\":{\"0\":{}},\"digests\":{\"0\":{\"keyslots\":[\"0\",\"1\",\"2\",\"4\"],"          \
  "\"segments\":[\"0\"]},\"1\":{\"keyslots\":[\"3\"],\"segments\":[]}}}\n"
#define SYSTEMD(slot, more)                                                                        \
  "{\"type\":\"systemd-tpm2\",\"keyslots\":[\"" slot "\"],\"tpm2-blob\":\"AAAA\"," more "}"

static const struct {
  const char *name;
  const char *text;
  const char *frames;
} good[] = {
    {"no tokens", HEADER (""), "LUKS KEYSLOTS=3 OTHERS=3\n"},
    {"literal",
     HEADER ("\"0\":" SYSTEMD ("1",
                               "\"tpm2-pcrs\":[0,2,7],\"tpm2-pcr-bank\":\"sha256\","
                               "\"tpm2-primary-alg\":\"ecc\",\"tpm2-pin\":false")),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=0 FLAGS=0 SELECTION=47244640389\n"},
    {"PIN, no PCRs", HEADER ("\"5\":" SYSTEMD ("1", "\"tpm2-pcrs\":[],\"tpm2-pin\":true")),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=5 FLAGS=1\n"},
    {"no bank", HEADER ("\"0\":" SYSTEMD ("1", "\"tpm2-pcrs\":[7]")),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=0 FLAGS=0 SELECTION=128\n"},
    {"signed",
     HEADER ("\"0\":" SYSTEMD ("1",
                               "\"tpm2-pcrs\":[7],\"tpm2-pcr-bank\":\"sha1\","
                               "\"tpm2_pubkey_pcrs\":[2,11],\"tpm2_pubkey\":\"AAAA\"")),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=0 FLAGS=0 SELECTION=17179869312 "
     "SIGNED=17179871236\n"},
    {"pcrlock", HEADER ("\"0\":" SYSTEMD ("1", "\"tpm2-pcrs\":[],\"tpm2_pcrlock\":true")),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=0 FLAGS=2\n"},
    {"policies of later versions",
     HEADER ("\"0\":" SYSTEMD ("1",
                               "\"tpm2-pcrs\":[7],\"tpm2-pcr-bank\":\"sha256\","
                               "\"tpm2-policy-hash\":[\"00\",\"01\"],\"tpm2_srk\":\"AA\"")),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=0 FLAGS=0 SELECTION=47244640384\n"},
    {"dangling, tied to no segment, no key",
     HEADER (
         "\"0\":{\"type\":\"systemd-tpm2\",\"keyslots\":[],\"tpm2-pcrs\":[7]},"
         "\"1\":" SYSTEMD ("3", "\"tpm2-pcrs\":[7]") ",\"2\":" SYSTEMD ("4", "\"tpm2-pcrs\":[7]")),
     "LUKS KEYSLOTS=3 OTHERS=3\n"},
    {"tokens of other kinds",
     HEADER ("\"0\":{\"type\":\"systemd-recovery\",\"keyslots\":[\"1\"]},"
             "\"1\":{\"type\":\"vendor-TPM\\u001b[2J\",\"keyslots\":[\"2\"]},\"2\":{},\"3\":7"),
     "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=4 NAME=\"vendor-TPM?[2J\" INDEX=1 FLAGS=4\n"},
    /* {"clevis":{"pin":"tpm2","tpm2":{"pcr_bank":"sha256","pcr_ids":"7"}}}, then pin tang, then
       nothing that can be read */
    {"Clevis",
     HEADER ("\"0\":{\"type\":\"clevis\",\"keyslots\":[\"0\"],\"jwe\":{\"protected\":"
             "\"eyJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsicGNyX2JhbmsiOiJzaGEyNTYiLCJwY3JfaWRz"
             "IjoiNyJ9fX0\"}},"
             "\"1\":{\"type\":\"clevis\",\"keyslots\":[\"1\"],\"jwe\":{\"protected\":"
             "\"eyJjbGV2aXMiOnsicGluIjoidGFuZyJ9fQ\"}},"
             "\"2\":{\"type\":\"clevis\",\"keyslots\":[\"2\"],\"jwe\":\"a.b.c\"}"),
     "LUKS KEYSLOTS=3 OTHERS=0\nSECRET KIND=2 INDEX=0 FLAGS=0 SELECTION=47244640384\nSECRET "
     "KIND=2 INDEX=2 FLAGS=4\n"},
};

/* Policies that are not understood: what cannot be judged is said, not dropped. */
static const char *const odd[] = {
    "\"x\":1",
    "\"tpm2-pcrs\":7",
    "\"tpm2-pcrs\":[24]",
    "\"tpm2-pcrs\":[-1]",
    "\"tpm2-pcrs\":[4294967296]",
    "\"tpm2-pcrs\":[\"7\"]",
    "\"tpm2-pcrs\":[7.0]",
    "\"tpm2-pcrs\":[null]",
    "\"tpm2-pcrs\":[7],\"tpm2-pcr-bank\":\"sm3_256\"",
    "\"tpm2-pcrs\":[7],\"tpm2-pcr-bank\":11",
    "\"tpm2-pcrs\":[],\"tpm2_pubkey\":\"AAAA\"",
    "\"tpm2-pcrs\":[],\"tpm2_pubkey_pcrs\":[11]",
    "\"tpm2-pcrs\":[],\"tpm2_pubkey\":\"AAAA\",\"tpm2_pubkey_pcrs\":[]",
    "\"tpm2-pcrs\":[],\"tpm2_pubkey\":\"AAAA\",\"tpm2_pubkey_pcrs\":[99]",
};

static const char *const bad[] = {
    "",
    "LUKS\xba\xbe",
    "[]",
    "{}",
    "{\"keyslots\":{},\"tokens\":{}}",
    "{\"keyslots\":{},\"digests\":{}}",
    "{\"tokens\":{},\"digests\":{}}",
    "{\"keyslots\":[],\"tokens\":{},\"digests\":{}}",
    "{\"keyslots\":{},\"tokens\":{},\"digests\":{}} {}",
    "{\"keyslots\":{},\"tokens\":{},\"digests\":{}",
};

static void
test_good (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (QfuCollected) out = qfu_collect ("luks", NULL, good[i].text, strlen (good[i].text));

    g_test_message ("%s", good[i].name);
    g_assert_no_error (out->error);
    g_assert_cmpstr (out->text, ==, good[i].frames);
  }
}

static void
test_odd (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++) {
    g_autofree char *tail = g_strconcat (odd[i], "}", NULL);
    g_autofree char *text =
        g_strdup_printf (HEADER ("\"0\":{\"type\":\"systemd-tpm2\",\"keyslots\":[\"1\"],%s"), tail);
    g_autoptr (QfuCollected) out = qfu_collect ("luks", NULL, text, strlen (text));

    g_test_message ("%s", odd[i]);
    g_assert_no_error (out->error);
    g_assert_true (
        g_str_has_prefix (out->text, "LUKS KEYSLOTS=3 OTHERS=2\nSECRET KIND=1 INDEX=0 FLAGS=4"));
  }
}

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (QfuCollected) out = qfu_collect ("luks", NULL, bad[i], strlen (bad[i]));

    g_test_message ("%s", bad[i]);
    g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_cmpstr (out->text, ==, "");
  }
}

static GBytes *
take (char *text)
{
  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_size (guint64 n)
{
  return take (limit_repeat (HEADER (""), " ", "", n - strlen (HEADER ("")), ""));
}

#define EMPTY "\"keyslots\":{},\"tokens\":{},\"digests\":{}}"

static GBytes *
make_depth (guint64 n)
{
  g_autofree char *open = limit_repeat ("{\"x\":", "[", "", n - 1, "");

  return take (limit_repeat (open, "]", "", n - 1, "," EMPTY));
}

/* Values are counted by their commas. */
static GBytes *
make_values (guint64 n)
{
  return take (limit_repeat ("{\"x\":[0", ",0", "", n - 3, "]," EMPTY));
}

static GBytes *
make_tokens (guint64 n)
{
  g_autoptr (GString) text = g_string_new ("{\"keyslots\":{},\"digests\":{},\"tokens\":{");

  for (guint64 i = 0; i < n; i++)
    g_string_append_printf (text, "%s\"%" G_GUINT64_FORMAT "\":{}", i == 0 ? "" : ",", i);
  g_string_append (text, "}}");
  return take (g_strdup (text->str));
}

static const LimitCase limits[] = {
    {"/luks/limit/size", QFU_LUKS_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/luks/limit/depth", QFU_LUKS_DEPTH_MAX, make_depth, QFU_ERROR_LIMIT},
    {"/luks/limit/values", QFU_LUKS_VALUES_MAX, make_values, QFU_ERROR_LIMIT},
    {"/luks/limit/tokens", QFU_LUKS_NUMBERS_MAX, make_tokens, QFU_ERROR_LIMIT},
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("luks", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/luks/good", test_good);
  g_test_add_func ("/luks/odd", test_odd);
  g_test_add_func ("/luks/bad", test_bad);
  return g_test_run ();
}
