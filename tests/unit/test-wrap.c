/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-wrap.h"
#include "testconfig.h"

#include <string.h>

static void
test_wrap (void)
{
  static const struct {
    const char *text;
    const char *first;
    const char *rest;
    guint width;
    const char *expected;
  } rows[] = {
      {"one line", "", "  ", 80, "one line"},
      {"one line", "", "  ", 0, "one line"},
      {"as long as it is, where there is no terminal", "> ", "  ", 0,
       "> as long as it is, where there is no terminal"},
      {"exactly twenty chars", "", "  ", 20, "exactly twenty chars"},
      {"exactly twenty charsX", "", "  ", 20, "exactly twenty\n  charsX"},
      {"words that go on and on and on", "* ", "  ", 16, "* words that go\n  on and on and\n  on"},
      {"", "  | ", "  | ", 40, "  | "},
      {"  indented text stays", "", "    ", 20, "  indented text\n    stays"},
      {"columns   stay    apart", "", "", 80, "columns   stay    apart"},
      {"blanks at the         break", "", "", 18, "blanks at the\nbreak"},
      {"0123456789abcdef0123456789abcdef", "id ", "   ", 19,
       "id 0123456789abcdef\n   0123456789abcdef"},
      {"what somebody pads                              accepted", "", "  ", 48,
       "what somebody pads\n  accepted"},
      {"a terminal of one column", "", "", 1, "a terminal\nof one\ncolumn"},
      {"there is more in front than room", "|  |  |  |  ", "|  |  |  |  ", 10,
       "|  |  |  |  there is\n|  |  |  |  more in\n|  |  |  |  front than\n|  |  |  |  room"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = qfu_wrap (rows[i].text, rows[i].first, rows[i].rest, rows[i].width);

    g_assert_cmpstr (text, ==, rows[i].expected);
  }
}

/* Whatever the text and the width: nothing of it begins a row, nothing is lost but blanks. */
static void
test_every_width (void)
{
  const char *text = "  words of   somebody else 0123456789012345678901234567890123456789 end";
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  g_autofree char *letters = g_strjoinv ("", words);

  for (guint width = 1; width < 100; width++) {
    g_autofree char *wrapped = qfu_wrap (text, "> ", "> ", width);
    g_auto (GStrv) rows = g_strsplit (wrapped, "\n", -1);
    g_autoptr (GString) joined = g_string_new (NULL);

    for (gsize i = 0; rows[i] != NULL; i++) {
      g_assert_true (g_str_has_prefix (rows[i], "> "));
      g_assert_cmpuint (strlen (rows[i]), <=, MAX (width, 2 + 12));
      g_string_append (joined, rows[i] + 2);
    }
    g_string_replace (joined, " ", "", 0);
    g_assert_cmpstr (joined->str, ==, letters);
  }
}

static void
test_duration (void)
{
  static const struct {
    guint64 seconds;
    const char *expected;
  } rows[] = {{0, "0 s"},        {99, "99 s"},  {100, "2 min"},  {149, "2 min"},   {150, "3 min"},
              {5999, "100 min"}, {6000, "2 h"}, {86400, "24 h"}, {7 * 3600, "7 h"}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = qfu_duration_text (rows[i].seconds);

    g_assert_cmpstr (text, ==, rows[i].expected);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/wrap/rows", test_wrap);
  g_test_add_func ("/wrap/every-width", test_every_width);
  g_test_add_func ("/wrap/duration", test_duration);
  return g_test_run ();
}
