/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Op `refvals`: exported reference values, of this program and of strangers. */
#include "collect.h"
#include "limit.h"
#include "qfu-error.h"

#include <string.h>

#define VALUE                                                                                      \
  "{\"pcr\":2,\"bank\":\"sha1\",\"status\":\"predicted\","                                         \
  "\"value\":\"0123456789abcdef0123456789abcdef01234567\",\"source\":\"forecast\"}"
#define RECORD(state)                                                                              \
  "{\"record\":1,\"state\":\"" state "\",\"versionTo\":\"1.2\",\"pcrs\":[" VALUE "]}"

static QfuCollected *
run (const char *text)
{
  return qfu_collect ("refvals", NULL, text, strlen (text));
}

static void
test_good (void)
{
  g_autoptr (QfuCollected) got = run ("{\"records\":[" RECORD ("superseded") "," RECORD (
      "current") "," RECORD ("pending") "," RECORD ("written") "," RECORD ("failed") "]}");

  g_assert_no_error (got->error);
  g_assert_cmpstr (got->text, ==,
                   "REFERENCE STATUS=4 INDEX=1 VERSION=\"1.2\"\n"
                   "REFERENCE KIND=1 STATUS=4 INDEX=1 FLAGS=1 PCR=2 "
                   "DIGEST=04000123456789abcdef0123456789abcdef01234567\n"
                   "REFERENCE STATUS=3 INDEX=1 VERSION=\"1.2\"\n"
                   "REFERENCE KIND=1 STATUS=3 INDEX=1 FLAGS=1 PCR=2 "
                   "DIGEST=04000123456789abcdef0123456789abcdef01234567\n");
}

/* A value that is not known says nothing; members that are not known do not disturb. */
static void
test_left_out (void)
{
  g_autoptr (QfuCollected) got =
      run ("{\"schema\":1,\"records\":[{\"record\":7,\"state\":\"current\",\"x\":[1,2],\"pcrs\":["
           "{\"pcr\":3,\"bank\":\"sha1\",\"status\":\"not-predictable\",\"value\":null},"
           "{\"pcr\":4,\"bank\":\"sha1\",\"status\":\"not-predictable\",\"value\":\"\"},"
           "{\"pcr\":5,\"bank\":\"sha1\",\"status\":\"not-predictable\"}]}]}");

  g_assert_no_error (got->error);
  g_assert_cmpstr (got->text, ==, "REFERENCE STATUS=4 INDEX=7\n");
}

static void
test_hostile (void)
{
  static const char *const texts[] = {
      "",
      "[]",
      "{}",
      "1",
      "{\"records\":{}}",
      "{\"records\":[1]}",
      "{\"records\":[null]}",
      "{\"records\":[{\"state\":\"current\",\"pcrs\":[]}]}",
      "{\"records\":[{\"record\":0,\"state\":\"current\",\"pcrs\":[]}]}",
      "{\"records\":[{\"record\":-1,\"state\":\"current\",\"pcrs\":[]}]}",
      "{\"records\":[{\"record\":4294967296,\"state\":\"current\",\"pcrs\":[]}]}",
      "{\"records\":[{\"record\":1,\"state\":\"current\"}]}",
      "{\"records\":[{\"record\":1,\"state\":\"current\",\"pcrs\":[{\"pcr\":24,\"bank\":\"sha1\","
      "\"status\":\"predicted\",\"value\":\"0123456789abcdef0123456789abcdef01234567\"}]}]}",
      "{\"records\":[{\"record\":1,\"state\":\"current\",\"pcrs\":[{\"pcr\":2,\"bank\":\"sha256\","
      "\"status\":\"predicted\",\"value\":\"0123456789abcdef0123456789abcdef01234567\"}]}]}",
      "{\"records\":[{\"record\":1,\"state\":\"current\",\"pcrs\":[{\"pcr\":2,\"bank\":\"md5\","
      "\"status\":\"predicted\",\"value\":\"0123456789abcdef0123456789abcdef\"}]}]}",
      "{\"records\":[{\"record\":1,\"state\":\"current\",\"pcrs\":[{\"pcr\":2,\"bank\":\"sha1\","
      "\"status\":\"sure\",\"value\":\"0123456789abcdef0123456789abcdef01234567\"}]}]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (QfuCollected) got = run (texts[i]);

    g_test_message ("%s", texts[i]);
    g_assert_error (got->error, QFU_ERROR, QFU_ERROR_FORMAT);
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
  static const char head[] = "{\"records\":[]}";

  return take (limit_repeat (head, " ", "", n - strlen (head), ""));
}

static GBytes *
make_records (guint64 n)
{
  return take (
      limit_repeat ("{\"records\":[" RECORD ("failed") ",", RECORD ("current"), ",", n, "]}"));
}

static GBytes *
make_values (guint64 n)
{
  return take (limit_repeat ("{\"records\":[{\"record\":1,\"state\":\"current\",\"pcrs\":[", VALUE,
                             ",", n, "]}]}"));
}

static GBytes *
make_depth (guint64 n)
{
  g_autofree char *open = limit_repeat ("", "[", "", n - 1, "");
  g_autofree char *shut = limit_repeat ("", "]", "", n - 1, "");

  return take (g_strconcat ("{\"records\":[],\"x\":", open, shut, "}", NULL));
}

static GBytes *
make_nodes (guint64 n)
{
  return take (limit_repeat ("{\"records\":[],\"x\":[", "1", ",", n, "]}"));
}

int
main (int argc, char **argv)
{
  static const LimitCase cases[] = {
      {"/refvals/limit/size", QFU_REFVALS_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
      {"/refvals/limit/depth", QFU_REFVALS_DEPTH_MAX, make_depth, QFU_ERROR_LIMIT},
      {"/refvals/limit/nodes", QFU_REFVALS_NODES_MAX, make_nodes, QFU_ERROR_LIMIT},
      {"/refvals/limit/records", QFU_REFVALS_RECORDS_MAX, make_records, QFU_ERROR_LIMIT},
      {"/refvals/limit/values", QFU_REFVALS_VALUES_MAX, make_values, QFU_ERROR_LIMIT},
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refvals/good", test_good);
  g_test_add_func ("/refvals/left-out", test_left_out);
  g_test_add_func ("/refvals/hostile", test_hostile);
  limit_add ("refvals", 0, cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
