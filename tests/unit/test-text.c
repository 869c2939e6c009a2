/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-text.h"
#include "testconfig.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* What terminals act on: escape sequences, single controls, C1 controls as a byte and in UTF-8,
 * direction overrides, zero width, line separators, broken UTF-8. */
static const char *const hostile[] = {
    "\x1b[31mred",
    "\x1b]0;title\a",
    "a\bb",
    "a\rb",
    "a\nb",
    "a\tb",
    "\23331m", /* octal, as a digit behind it is not taken for one of its own */
    "\302\23331m",
    "\342\200\256gpj.bac",
    "\xe2\x81\xa6x",
    "\xe2\x80\x8b",
    "\xe2\x80\xa8next",
    "\x7f",
    "\xff\xfe",
    "\xc3",
    "\xf0\x9f\x94\x92",
};

static void
test_clean (void)
{
  g_autofree char *same = qfu_text_clean ("plain ~ text");
  g_autofree char *empty = qfu_text_clean ("");
  g_autofree char *size = qfu_text_clean ("3.4\xc2\xa0MB");

  g_assert_cmpstr (same, ==, "plain ~ text");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (size, ==, "3.4 MB");
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autofree char *clean = qfu_text_clean (hostile[i]);

    g_assert_cmpuint (strlen (clean), ==, strlen (hostile[i]));
    g_assert_nonnull (strchr (clean, '?'));
    for (const char *c = clean; *c != '\0'; c++)
      g_assert_true (g_ascii_isprint (*c));
  }
}

static void
test_quote (void)
{
  g_autofree char *one = qfu_text_quote ("one", "  | ");
  g_autofree char *forged = qfu_text_quote ("new\naccepted\n\nsure? [y/N] \x1b[8m", "  | ");

  g_assert_cmpstr (one, ==, "  | one");
  g_assert_cmpstr (forged, ==, "  | new\n  | accepted\n  | \n  | sure? [y/N] ?[8m");
}

/* A JSON document with the text comes out as ASCII and reads as before. */
static void
test_json (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autofree char *valid = g_utf8_make_valid (hostile[i], -1);
    g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), valid);
    g_autofree char *text = json_to_string (node, TRUE);
    g_autofree char *clean = qfu_text_json (text);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) again = json_from_string (clean, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (json_node_get_string (again), ==, valid);
    for (const char *c = clean; *c != '\0'; c++)
      g_assert_true (g_ascii_isprint (*c) || *c == '\n');
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/text/clean", test_clean);
  g_test_add_func ("/text/quote", test_quote);
  g_test_add_func ("/text/json", test_json);
  return g_test_run ();
}
