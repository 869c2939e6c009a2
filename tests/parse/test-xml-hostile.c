/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What XML is known to do to its readers, through op `metainfo`; and the limits of XML of any kind.
 * Which of the ways to say no is taken is the reader's affair, but it says no. */
#include "limit.h"

#include <string.h>

#define HEAD "<component type=\"firmware\"><id>a</id>"
#define TAIL "</component>"

static GBytes *
take (char *text)
{
  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_depth (guint64 n)
{
  g_autofree char *tail = limit_repeat ("", "</x>", "", n - 1, TAIL);

  return take (limit_repeat (HEAD, "<x>", "", n - 1, tail));
}

static GBytes *
make_attributes (guint64 n)
{
  GString *text = g_string_new (HEAD "<x");

  for (guint64 i = 0; i < n; i++)
    g_string_append_printf (text, " a%" G_GUINT64_FORMAT "=\"\"", i);
  g_string_append (text, "/>" TAIL);
  return take (g_string_free (text, FALSE));
}

static GBytes *
make_element_name (guint64 n)
{
  return take (limit_repeat (HEAD "<", "n", "", n, "/>" TAIL));
}

static GBytes *
make_attribute_name (guint64 n)
{
  return take (limit_repeat (HEAD "<x ", "n", "", n, "=\"\"/>" TAIL));
}

static GBytes *
make_attribute_value (guint64 n)
{
  return take (limit_repeat (HEAD "<x a=\"", "v", "", n, "\"/>" TAIL));
}

static GBytes *
make_text (guint64 n)
{
  return take (limit_repeat (HEAD "<name>", "t", "", n, "</name>" TAIL));
}

static GBytes *
make_size (guint64 n)
{
  static const char unit[] = "<!-- -->";
  guint64 room = n - strlen (HEAD TAIL);
  g_autofree char *spaces = g_strnfill (room % strlen (unit), ' ');
  g_autofree char *tail = g_strconcat (spaces, TAIL, NULL);

  return take (limit_repeat (HEAD, unit, "", room / strlen (unit), tail));
}

static const LimitCase limits[] = {
    {"/xml/limit/depth", QFU_XML_DEPTH_MAX, make_depth, QFU_ERROR_LIMIT},
    {"/xml/limit/attributes", QFU_XML_ATTRIBUTES_MAX, make_attributes, QFU_ERROR_LIMIT},
    {"/xml/limit/element-name", QFU_XML_NAME_MAX, make_element_name, QFU_ERROR_LIMIT},
    {"/xml/limit/attribute-name", QFU_XML_NAME_MAX, make_attribute_name, QFU_ERROR_LIMIT},
    {"/xml/limit/attribute-value", QFU_XML_VALUE_MAX, make_attribute_value, QFU_ERROR_LIMIT},
    {"/xml/limit/text", QFU_XML_TEXT_MAX, make_text, QFU_ERROR_LIMIT},
    {"/metainfo/limit/size", QFU_METAINFO_XML_MAX, make_size, QFU_ERROR_LIMIT},
};

static LimitOutcome
run (const void *data, gsize size)
{
  const QfuParseInput input = {data, size};

  return limit_run ("metainfo", 0, &input, 1);
}

/* What has come since the last event is counted behind each piece of input: a comment of the limit
 * always fits, one of three pieces more never. */
static void
test_token (void)
{
  const gsize piece = 16 * 1024;
  const gsize sizes[] = {QFU_XML_TOKEN_MAX, QFU_XML_TOKEN_MAX + 3 * piece};

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *text =
        limit_repeat (HEAD "<!--", "c", "", sizes[i] - strlen ("<!---->"), "-->" TAIL);
    g_auto (LimitOutcome) outcome = run (text, strlen (text));

    if (i == 0)
      g_assert_no_error (outcome.error);
    else
      g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_LIMIT);
  }
}

static void
assert_refused (const void *data, gsize size)
{
  g_auto (LimitOutcome) outcome = run (data, size);

  g_assert_nonnull (outcome.error);
  g_assert_true (g_error_matches (outcome.error, QFU_ERROR, QFU_ERROR_FORMAT) ||
                 g_error_matches (outcome.error, QFU_ERROR, QFU_ERROR_LIMIT) ||
                 g_error_matches (outcome.error, QFU_ERROR, QFU_ERROR_UNSUPPORTED));
}

static void
assert_all_refused (const char *const *texts, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    g_test_message ("%s", texts[i]);
    assert_refused (texts[i], strlen (texts[i]));
  }
}

/* Entities of entities, and one long entity that is used often. */
static void
test_entity_bombs (void)
{
  g_autoptr (GString) laughs = g_string_new ("<!DOCTYPE component [<!ENTITY e0 \"ha\">");
  g_autofree char *entity =
      limit_repeat ("<!DOCTYPE component [<!ENTITY e \"", "x", "", 100000, "\">]>" HEAD "<name>");
  g_autofree char *quadratic = limit_repeat (entity, "&e;", "", 100000, "</name>" TAIL);

  for (guint i = 1; i < 40; i++)
    g_string_append_printf (laughs, "<!ENTITY e%u \"&e%u;&e%u;\">", i, i - 1, i - 1);
  g_string_append (laughs, "]>" HEAD "<name>&e39;</name>" TAIL);
  assert_refused (laughs->str, laughs->len);
  assert_refused (quadratic, strlen (quadratic));
}

static void
test_entities (void)
{
  static const char *const texts[] = {
      "<!DOCTYPE component>" HEAD TAIL,
      "<!DOCTYPE component []>" HEAD TAIL,
      "<!DOCTYPE component SYSTEM \"file:///etc/passwd\">" HEAD TAIL,
      "<!DOCTYPE component PUBLIC \"x\" \"http://127.0.0.1/\">" HEAD TAIL,
      "<!DOCTYPE component [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" HEAD
      "<name>&x;</name>" TAIL,
      "<!DOCTYPE component [<!ENTITY % p SYSTEM \"file:///dev/zero\"> %p;]>" HEAD TAIL,
      "<!DOCTYPE component [<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">]>" HEAD "<name>&a;</name>" TAIL,
      "<!DOCTYPE component [<!ATTLIST component type CDATA \"firmware\">]><component>" TAIL,
      "<!DOCTYPE component [<!ELEMENT component ANY>]>" HEAD TAIL,
      HEAD "<name>&undefined;</name>" TAIL,
      HEAD "<name a=\"&undefined;\"/>" TAIL,
      HEAD "<name>&#0;</name>" TAIL,
      HEAD "<name>&#x110000;</name>" TAIL,
      HEAD "<name>&#xd800;</name>" TAIL,
      HEAD "<name>&#xfffffffff1;</name>" TAIL,
      HEAD "<name>&</name>" TAIL,
  };

  assert_all_refused (texts, G_N_ELEMENTS (texts));
}

static void
test_instructions (void)
{
  static const char *const texts[] = {
      "<?xml-stylesheet href=\"file:///etc/passwd\"?>" HEAD TAIL,
      HEAD "<?php system('id') ?>" TAIL,
      HEAD TAIL "<?x?>",
      HEAD "<?xml version=\"1.0\"?>" TAIL,
  };

  assert_all_refused (texts, G_N_ELEMENTS (texts));
}

static void
test_structure (void)
{
  static const char *const texts[] = {
      "",
      " ",
      "<",
      "<component",
      HEAD,
      HEAD "<name>",
      HEAD "<name a=\"",
      HEAD "<!-- ",
      HEAD "<![CDATA[",
      HEAD "<![CDATA[x]]" TAIL,
      HEAD TAIL TAIL,
      HEAD TAIL HEAD TAIL,
      HEAD TAIL "text",
      "text" HEAD TAIL,
      HEAD "<a></b>" TAIL,
      HEAD "<a><b></a></b>" TAIL,
      HEAD "</component></component>",
      HEAD "<a b=c/>" TAIL,
      HEAD "<a b/>" TAIL,
      HEAD "<1/>" TAIL,
      HEAD "< a/>" TAIL,
      "<components>" HEAD TAIL "</components>",
      "<other>" HEAD TAIL "</other>",
  };

  assert_all_refused (texts, G_N_ELEMENTS (texts));
}

#define UTF16_TAIL "<\0i\0d\0>\0a\0<\0/\0i\0d\0>\0"

/* Another encoding is another text to whoever believes in it. */
static void
test_encodings (void)
{
  static const struct {
    const char *text;
    gsize size;
  } cases[] = {
#define CASE(text) {(text), sizeof (text) - 1}
      CASE (HEAD "<name>\xff</name>" TAIL),
      CASE (HEAD "<name>\xc3</name>" TAIL),
      CASE (HEAD "<name>\xc0\xbc</name>" TAIL),
      CASE (HEAD "<name>\xed\xa0\x80</name>" TAIL),
      CASE (HEAD "<name>\xf4\x90\x80\x80</name>" TAIL),
      CASE (HEAD "<name a=\"\xff\"/>" TAIL),
      CASE (HEAD "<\xff/>" TAIL),
      CASE (HEAD "<!-- \xff -->" TAIL),
      CASE (HEAD "<name>a\0b</name>" TAIL),
      CASE (HEAD "<name a=\"\0\"/>" TAIL),
      CASE (HEAD "<na\0me/>" TAIL),
      CASE (HEAD "<!-- \0 -->" TAIL),
      CASE ("\0" HEAD TAIL),
      CASE (HEAD TAIL "\0"),
      CASE ("\xff\xfe<\0c\0/\0>\0" UTF16_TAIL),
      CASE ("\xfe\xff\0<\0c\0/\0>"),
      CASE ("<\0c\0/\0>\0"),
      CASE ("<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-component+AD4-+ADw-/component+AD4-"),
#undef CASE
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("case %zu", i);
    assert_refused (cases[i].text, cases[i].size);
  }
}

/* An endless token must not fill the memory, wherever it stands. */
static void
test_endless (void)
{
  static const char *const heads[] = {
      HEAD "<name a=\"", HEAD "<!-- ", HEAD "<", HEAD "<name ", HEAD "<![CDATA[",
      HEAD "<name>",     "<!DOCTYPE ", "<?",     HEAD "</",
  };
  const gsize size = 900 * 1024;

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++) {
    g_autofree char *open = limit_repeat (heads[i], "x", "", size, "");
    g_autofree char *closed = g_strconcat (open, "\"/>-->]]>", NULL);

    g_test_message ("%s", heads[i]);
    assert_refused (open, strlen (open));
    assert_refused (closed, strlen (closed));
  }
}

/* Thousands of attributes, and of elements below one another. */
static void
test_many (void)
{
  g_autoptr (GBytes) attributes = make_attributes (60000);
  g_autofree char *deep = limit_repeat (HEAD, "<x>", "", 300000, "");
  g_autofree char *component = limit_repeat ("", HEAD, "", 20000, "");

  assert_refused (g_bytes_get_data (attributes, NULL), g_bytes_get_size (attributes));
  assert_refused (deep, strlen (deep));
  assert_refused (component, strlen (component));
}

/* What is a name in one namespace, or twice there, must not stand for another element. */
static void
test_namespaces (void)
{
  static const char good[] =
      "<x:component xmlns:x=\"y\" type=\"firmware\"><x:id>a</x:id></x:component>";
  static const char hidden[] = HEAD "<x:name xmlns:x=\"y\">other</x:name><name>N</name>"
                                    "<x:releases xmlns:x=\"y\"><release version=\"9\"/>"
                                    "</x:releases>" TAIL;
  g_autoptr (QfuCollected) out = qfu_collect ("metainfo", NULL, hidden, strlen (hidden));

  assert_refused (good, strlen (good));
  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==, "COMPONENT NAME=\"N\" ID=\"a\"\n");
}

/* The first of two elements counts, as it does for fwupd; text that looks like markup is text. */
static void
test_twice (void)
{
  static const char xml[] = HEAD "<id>b</id><name>one</name><name>two</name>"
                                 "<summary><![CDATA[</summary><id>c</id>]]></summary>"
                                 "<branch>&lt;id&gt;d&lt;/id&gt;</branch>" TAIL;
  g_autoptr (QfuCollected) out = qfu_collect ("metainfo", NULL, xml, strlen (xml));

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==,
                   "COMPONENT NAME=\"one\" ID=\"a\" SUMMARY=\"</summary><id>c</id>\" "
                   "BRANCH=\"<id>d</id>\"\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("metainfo", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/xml/limit/token", test_token);
  g_test_add_func ("/xml/killer/entity-bombs", test_entity_bombs);
  g_test_add_func ("/xml/killer/entities", test_entities);
  g_test_add_func ("/xml/killer/instructions", test_instructions);
  g_test_add_func ("/xml/killer/structure", test_structure);
  g_test_add_func ("/xml/killer/encodings", test_encodings);
  g_test_add_func ("/xml/killer/endless", test_endless);
  g_test_add_func ("/xml/killer/many", test_many);
  g_test_add_func ("/xml/killer/namespaces", test_namespaces);
  g_test_add_func ("/xml/killer/twice", test_twice);
  return g_test_run ();
}
