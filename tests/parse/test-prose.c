/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-prose.h"

#include <string.h>

static void
test_markup (void)
{
  QfuProse prose = {g_string_new (NULL), FALSE};

  qfu_prose_start (&prose, "p");
  qfu_prose_text (&prose, "  One\n\ttwo ", 11, 1000);
  qfu_prose_start (&prose, "em");
  qfu_prose_text (&prose, "three", 5, 1000);
  qfu_prose_end (&prose, "em");
  qfu_prose_text (&prose, ".", 1, 1000);
  qfu_prose_end (&prose, "p");
  qfu_prose_text (&prose, "\n  ", 3, 1000);
  qfu_prose_start (&prose, "ul");
  qfu_prose_start (&prose, "li");
  qfu_prose_text (&prose, " item ", 6, 1000);
  qfu_prose_end (&prose, "li");
  qfu_prose_start (&prose, "li");
  qfu_prose_text (&prose, "last", 4, 1000);
  qfu_prose_end (&prose, "li");
  qfu_prose_end (&prose, "ul");
  g_assert_cmpstr (prose.text->str, ==, "One two three.\n* item\n* last\n");
  g_string_free (prose.text, TRUE);
}

static void
test_maximum (void)
{
  QfuProse prose = {g_string_new (NULL), FALSE};

  for (guint i = 0; i < 100; i++)
    qfu_prose_text (&prose, "word ", 5, 64);
  g_assert_cmpuint (prose.text->len, <=, 64);
  g_assert_cmpuint (prose.text->len, >, 56);
  g_string_free (prose.text, TRUE);
}

/* However a text comes, in words or as a whole, it is cut at the same place. */
static void
test_pieces (void)
{
  static const char text[] = "One two  three\n four, five \t six seven eight";

  for (gsize max = 0; max < sizeof text + 4; max++) {
    QfuProse whole = {g_string_new (NULL), FALSE};
    QfuProse pieces = {g_string_new (NULL), FALSE};

    qfu_prose_text (&whole, text, sizeof text - 1, max);
    for (gsize i = 0, n; i < sizeof text - 1; i += n) {
      n = strcspn (text + i, " \n\t") + strspn (text + i + strcspn (text + i, " \n\t"), " \n\t");
      qfu_prose_text (&pieces, text + i, n, max);
      if (pieces.text->len + 1 >= max) /* a shorter word behind it might fit again */
        break;
    }
    g_assert_cmpstr (whole.text->str, ==, pieces.text->str);
    g_assert_cmpuint (whole.text->len, <=, max);
    g_string_free (whole.text, TRUE);
    g_string_free (pieces.text, TRUE);
  }
}

static void
test_plain (void)
{
  static const char *const rows[][2] = {
      {"", ""},
      {" \n ", ""},
      {"  a b  ", "a b"},
      {"a\nb\tc", "a b c"},
      {"caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d", "cafe \"x\""},
      {"\xe6\xbc\xa2", "?"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *plain = qfu_prose_plain (rows[i][0]);
    g_autoptr (GString) text = g_string_new (rows[i][0]);

    g_assert_cmpstr (plain, ==, rows[i][1]);
    g_assert_cmpstr (qfu_prose_plain_in_place (text), ==, rows[i][1]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prose/markup", test_markup);
  g_test_add_func ("/prose/maximum", test_maximum);
  g_test_add_func ("/prose/pieces", test_pieces);
  g_test_add_func ("/prose/plain", test_plain);
  return g_test_run ();
}
