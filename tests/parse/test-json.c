/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-json.h"

#include <string.h>

static const QfuJsonForm form = {"list", 3, 4};

static JsonParser *
read_text (const char *text, GError **error)
{
  g_autofree guint8 *exact = g_memdup2 (text, strlen (text)); /* no byte behind it */

  return qfu_json_read (&form, exact, strlen (text), error);
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser =
      read_text ("{\"n\": 7, \"s\": \"a\\\"]\", \"a\": [{}], \"o\": {\"x\": \"y\"}} \n", &error);
  JsonObject *root;

  g_assert_no_error (error);
  root = qfu_json_object (json_parser_get_root (parser));
  g_assert_nonnull (root);
  g_assert_cmpint (qfu_json_member_int (root, "n", 7), ==, 7);
  g_assert_cmpint (qfu_json_member_int (root, "n", 6), ==, -1);
  g_assert_cmpint (qfu_json_member_int (root, "s", 7), ==, -1);
  g_assert_cmpint (qfu_json_member_int (root, "absent", 7), ==, -1);
  g_assert_cmpstr (qfu_json_member_string (root, "s"), ==, "a\"]");
  g_assert_null (qfu_json_member_string (root, "n"));
  g_assert_null (qfu_json_member_string (NULL, "n"));
  g_assert_cmpuint (json_array_get_length (qfu_json_member_array (root, "a")), ==, 1);
  g_assert_null (qfu_json_member_array (root, "o"));
  g_assert_cmpstr (qfu_json_member_string (qfu_json_member_object (root, "o"), "x"), ==, "y");
  g_assert_null (qfu_json_member_object (root, "a"));
}

static void
test_bad (void)
{
  static const struct {
    const char *text;
    int code;
    const char *says;
  } cases[] = {
      {"", QFU_ERROR_FORMAT, "not a list: it is cut"},
      {"7", QFU_ERROR_FORMAT, "*begins with something else*"},
      {"{} {}", QFU_ERROR_FORMAT, "*follows its end"},
      {"{}x", QFU_ERROR_FORMAT, "*follows its end"},
      {"{\"a\":", QFU_ERROR_FORMAT, "*it is cut"},
      {"[\"a", QFU_ERROR_FORMAT, "*it is cut"},
      {"[\"\\u0000\"]", QFU_ERROR_FORMAT, "*a text with a NUL"},
      {"[/* */]", QFU_ERROR_FORMAT, "*a byte that JSON does not have"},
      {"[\"a\nb\"]", QFU_ERROR_FORMAT, "*a byte that JSON does not have"},
      {"[1}", QFU_ERROR_FORMAT, "*its JSON is broken"},
      {"[\"\xff\"]", QFU_ERROR_FORMAT, "*its JSON is broken"},
      {"[[[[]]]]", QFU_ERROR_LIMIT, "nested arrays in the list: more than 3"},
      {"[1,2,3,4,5,6]", QFU_ERROR_LIMIT, "values in the list: more than 4"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonParser) parser = read_text (cases[i].text, &error);

    g_test_message ("%s", cases[i].text);
    g_assert_null (parser);
    g_assert_error (error, QFU_ERROR, cases[i].code);
    g_assert_true (g_pattern_match_simple (cases[i].says, error->message));
  }
}

static void
test_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) deep = read_text ("[[[1,2,3,4,5]]]", &error);

  g_assert_no_error (error);
  g_assert_nonnull (deep);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/good", test_good);
  g_test_add_func ("/json/bad", test_bad);
  g_test_add_func ("/json/limits", test_limits);
  return g_test_run ();
}
