/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-xml.h"

#include <string.h>

static gboolean
on_start (
    gpointer user, const char *element, const char **names, const char **values, GError **error)
{
  g_string_append_printf (user, "<%s", element);
  for (gsize i = 0; names[i] != NULL; i++)
    g_string_append_printf (user, " %s=%s", names[i], values[i]);
  g_string_append_c (user, '>');
  return TRUE;
}

static gboolean
on_text (gpointer user, const char *text, gsize size, GError **error)
{
  g_string_append_len (user, text, (gssize)size);
  return TRUE;
}

static gboolean
on_end (gpointer user, const char *element, GError **error)
{
  g_string_append_printf (user, "</%s>", element);
  if (g_str_equal (element, "refuse")) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "no");
    return FALSE;
  }
  return TRUE;
}

static const QfuXmlHandler handler = {on_start, on_text, on_end};

/* Feeds @size bytes, @step at a time. */
static char *
parse (const char *text, gsize size, gsize step, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (QfuXml) xml = qfu_xml_new (&handler, out);

  for (gsize at = 0; at < size; at += step) {
    if (!qfu_xml_feed (xml, text + at, MIN (step, size - at), error))
      return NULL;
  }
  if (!qfu_xml_finish (xml, error))
    return NULL;
  return g_strdup (out->str);
}

static void
assert_error (const char *text, QfuError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = parse (text, strlen (text), 4096, &error);

  g_assert_null (out);
  g_assert_error (error, QFU_ERROR, (int)code);
}

static void
test_events (void)
{
  static const char text[] = "<?xml version=\"1.0\"?><!-- c --><a x=\"1\" y='2'>t&lt;&#65;"
                             "<b><![CDATA[<raw>]]></b><c/></a>";

  for (gsize step = 1; step < sizeof text; step++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *out = parse (text, strlen (text), step, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (out, ==, "<a x=1 y=2>t<A<b><raw></b><c></c></a>");
  }
}

static void
test_refused (void)
{
  assert_error ("<!DOCTYPE a><a/>", QFU_ERROR_UNSUPPORTED);
  assert_error ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", QFU_ERROR_UNSUPPORTED);
  assert_error ("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", QFU_ERROR_UNSUPPORTED);
  assert_error ("<?xml-stylesheet href=\"x\"?><a/>", QFU_ERROR_UNSUPPORTED);
  assert_error ("<a><?php x?></a>", QFU_ERROR_UNSUPPORTED);
  assert_error ("<a><?xml version=\"1.0\"?></a>", QFU_ERROR_UNSUPPORTED);
  assert_error ("<a>&x;</a>", QFU_ERROR_FORMAT);
  assert_error ("<a>&#0;</a>", QFU_ERROR_FORMAT);
  assert_error ("<a x=\"1\" x=\"2\"><b></a>", QFU_ERROR_FORMAT);
  assert_error ("", QFU_ERROR_FORMAT);
  assert_error ("<a>", QFU_ERROR_FORMAT);
  assert_error ("text", QFU_ERROR_FORMAT);
  assert_error ("<a>\xc3</a>", QFU_ERROR_FORMAT);
  assert_error ("<a><!-- \xc3 --></a>", QFU_ERROR_FORMAT);
  assert_error ("<refuse/>", QFU_ERROR_REFUSED);
}

/* The billion laughs, as far as a parser lets it. */
static void
test_entity_bomb (void)
{
  g_autoptr (GString) bomb = g_string_new ("<!DOCTYPE a [<!ENTITY e0 \"ha\">");

  for (guint i = 1; i < 30; i++)
    g_string_append_printf (bomb, "<!ENTITY e%u \"&e%u;&e%u;\">", i, i - 1, i - 1);
  g_string_append (bomb, "]><a>&e29;</a>");
  assert_error (bomb->str, QFU_ERROR_UNSUPPORTED);
}

/* (transfer full): @head, @n times @unit, @tail */
static char *
repeat (const char *head, const char *unit, guint n, const char *tail)
{
  GString *text = g_string_new (head);

  for (guint i = 0; i < n; i++)
    g_string_append (text, unit);
  g_string_append (text, tail);
  return g_string_free (text, FALSE);
}

static void
assert_limit (const char *head, const char *unit, guint most, const char *tail, const char *close)
{
  g_autofree char *ends = repeat (tail, close, most, "");
  g_autofree char *fits = repeat (head, unit, most, ends);
  g_autofree char *too_much = repeat (head, unit, most + 1, tail);
  g_autoptr (GError) error = NULL;
  g_autofree char *out = parse (fits, strlen (fits), 4096, &error);

  g_assert_no_error (error);
  g_assert_nonnull (out);
  assert_error (too_much, QFU_ERROR_LIMIT);
}

static void
test_limits (void)
{
  g_autofree char *attributes = repeat ("<a", "", 0, "");

  assert_limit ("", "<a>", 32, "", "</a>");
  assert_limit ("<a x=\"", "v", 4096, "\"/>", "");
  assert_limit ("<", "n", 128, "/>", "");
  for (guint i = 0; i < 33; i++) {
    g_autofree char *more = g_strdup_printf ("%s x%u=\"\"", attributes, i);

    g_free (attributes);
    attributes = g_steal_pointer (&more);
  }
  g_autofree char *many = g_strdup_printf ("%s/>", attributes);
  assert_error (many, QFU_ERROR_LIMIT);
}

/* GMarkup keeps a token until it ends: an endless one must not fill the memory. */
static void
test_endless_tokens (void)
{
  static const char *const heads[] = {"<a>", "<a x=\"", "<!-- ", "<a", "<![CDATA["};

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++) {
    g_autofree char *text = repeat (heads[i], "0123456789abcdef", 64 * 1024, "");

    assert_error (text, QFU_ERROR_LIMIT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xml/events", test_events);
  g_test_add_func ("/xml/refused", test_refused);
  g_test_add_func ("/xml/entity-bomb", test_entity_bomb);
  g_test_add_func ("/xml/limits", test_limits);
  g_test_add_func ("/xml/endless-tokens", test_endless_tokens);
  return g_test_run ();
}
