/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-jsonread.h"
#include "testconfig.h"

/* Each kind of value is a text, a number, or neither. */
static void
test_values (void)
{
  static const struct {
    const char *json;
    const char *text;
    gint64 number;
  } cases[] = {
      {"{\"x\": \"word\"}", "word", -1}, {"{\"x\": \"\"}", "", -1},   {"{\"x\": 7}", NULL, 7},
      {"{\"x\": 0}", NULL, 0},           {"{\"x\": -5}", NULL, -1},   {"{\"x\": 1.5}", NULL, -1},
      {"{\"x\": true}", NULL, -1},       {"{\"x\": null}", NULL, -1}, {"{\"x\": [7]}", NULL, -1},
      {"{\"x\": {\"x\": 7}}", NULL, -1}, {"{\"y\": 7}", NULL, -1},    {"{}", NULL, -1},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (JsonNode) root = json_from_string (cases[i].json, NULL);
    JsonObject *object = json_node_get_object (root);

    g_test_message ("%s", cases[i].json);
    g_assert_cmpstr (qfu_json_member_text (object, "x"), ==, cases[i].text);
    g_assert_cmpint (qfu_json_member_number (object, "x"), ==, cases[i].number);
  }
  g_assert_null (qfu_json_node_text (NULL));
  g_assert_cmpint (qfu_json_node_number (NULL), ==, -1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/jsonread/values", test_values);
  return g_test_run ();
}
