/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-xml.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

#define FEED_SIZE (16 * 1024)

struct _QfuXml {
  GMarkupParseContext *context;
  const QfuXmlHandler *handler;
  gpointer user;
  guint depth;
  gsize quiet; /* bytes since the last event */
  gboolean any_element;
};

static gboolean
limit (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "XML: %s", what);
  return FALSE;
}

static gboolean
check_element (const char *element, const char **names, const char **values, GError **error)
{
  gsize n;

  if (strlen (element) > QFU_XML_NAME_MAX)
    return limit (error, "an element's name is too long");
  for (n = 0; names[n] != NULL; n++) {
    if (n >= QFU_XML_ATTRIBUTES_MAX)
      return limit (error, "an element has too many attributes");
    if (strlen (names[n]) > QFU_XML_NAME_MAX || strlen (values[n]) > QFU_XML_VALUE_MAX)
      return limit (error, "an attribute is too long");
  }
  return TRUE;
}

static void
on_start (GMarkupParseContext *context,
          const char *element,
          const char **names,
          const char **values,
          gpointer data,
          GError **error)
{
  QfuXml *xml = data;

  xml->quiet = 0;
  xml->any_element = TRUE;
  if (xml->depth >= QFU_XML_DEPTH_MAX) {
    limit (error, "elements are nested too deeply");
    return;
  }
  if (!check_element (element, names, values, error))
    return;
  xml->depth++;
  (void)xml->handler->start (xml->user, element, names, values, error);
}

static void
on_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  QfuXml *xml = data;

  xml->quiet = 0;
  xml->depth--;
  (void)xml->handler->end (xml->user, element, error);
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize size, gpointer data, GError **error)
{
  QfuXml *xml = data;

  xml->quiet = 0;
  (void)xml->handler->text (xml->user, text, size, error);
}

/* Comments, the declaration, and everything that GMarkup does not understand. */
static void
on_rest (GMarkupParseContext *context, const char *text, gsize size, gpointer data, GError **error)
{
  QfuXml *xml = data;

  xml->quiet = 0;
  if (g_str_has_prefix (text, "<!--"))
    return;
  if (g_str_has_prefix (text, "<?xml") && g_ascii_isspace (text[5]) && !xml->any_element)
    return;
  g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
               "XML: a document type, an entity or a processing instruction is not allowed");
}

static const GMarkupParser markup = {on_start, on_end, on_text, on_rest, NULL};

QfuXml *
qfu_xml_new (const QfuXmlHandler *handler, gpointer user)
{
  QfuXml *xml = g_new0 (QfuXml, 1);

  xml->context = g_markup_parse_context_new (&markup, G_MARKUP_TREAT_CDATA_AS_TEXT, xml, NULL);
  xml->handler = handler;
  xml->user = user;
  return xml;
}

void
qfu_xml_free (QfuXml *xml)
{
  if (xml == NULL)
    return;
  g_markup_parse_context_free (xml->context);
  g_free (xml);
}

/* GMarkup's own errors become ours; its text quotes the document, so only line and column stay. */
static gboolean
translate (QfuXml *xml, GError *problem, GError **error)
{
  int line;
  int column;

  if (problem->domain == QFU_ERROR) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  g_markup_parse_context_get_position (xml->context, &line, &column);
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "XML: not well-formed near line %d, column %d",
               line, column);
  g_error_free (problem);
  return FALSE;
}

gboolean
qfu_xml_feed (QfuXml *xml, const void *data, gsize size, GError **error)
{
  const char *here = data;

  /* GMarkup takes it for a character, and whoever reads the text for its end */
  if (size > 0 && memchr (data, '\0', size) != NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "XML: a NUL");
    return FALSE;
  }
  while (size > 0) {
    gsize n = MIN (size, FEED_SIZE);
    GError *problem = NULL;

    xml->quiet += n;
    /* of a comment that is no UTF-8, GMarkup 2.74 sets an error and yet returns TRUE */
    if (!g_markup_parse_context_parse (xml->context, here, (gssize)n, &problem) || problem != NULL)
      return translate (xml, problem, error);
    if (xml->quiet > QFU_XML_TOKEN_MAX)
      return limit (error, "a text, comment or tag is too long");
    here += n;
    size -= n;
  }
  return TRUE;
}

gboolean
qfu_xml_finish (QfuXml *xml, GError **error)
{
  GError *problem = NULL;

  if (!g_markup_parse_context_end_parse (xml->context, &problem))
    return translate (xml, problem, error);
  return TRUE;
}

const char *
qfu_xml_attribute (const char **names, const char **values, const char *name)
{
  for (gsize i = 0; names[i] != NULL; i++) {
    if (names[i][0] == name[0] && strcmp (names[i], name) == 0) /* mostly a call less */
      return values[i];
  }
  return NULL;
}
