/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-appstream.h"

#include "qfu-component-kind.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-parse-attributes.h"
#include "qfu-parse-component.h"
#include "qfu-parse-release.h"
#include "qfu-parse-requirement.h"
#include "qfu-parse-xml.h"

#include <string.h>

/* What an element is, by the elements that it lies in. */
typedef enum {
  PLACE_PASSED_OVER, /* with everything below it */
  PLACE_COMPONENTS,
  PLACE_COMPONENT,
  PLACE_DEVELOPER,
  PLACE_PROVIDES,
  PLACE_CUSTOM,
  PLACE_REQUIRES,
  PLACE_RELEASES,
  PLACE_RELEASE,
  PLACE_ISSUES,
  PLACE_RELEASE_REQUIRES,
  PLACE_PROSE,
  /* those whose attributes and text are kept until they end */
  PLACE_COMPONENT_CHILD,
  PLACE_RELEASE_CHILD,
  PLACE_REQUIREMENT,
  PLACE_RELEASE_REQUIREMENT,
  PLACE_LAST = PLACE_RELEASE_REQUIREMENT,
} Place;

/* Every element that is not passed over; those of a parent stand together. */
static const struct {
  Place parent;
  const char *element; /* %NULL: any */
  Place place;
  const char *path; /* what component or release call it */
} rows[] = {
    {PLACE_COMPONENTS, "component", PLACE_COMPONENT, NULL},
    {PLACE_COMPONENT, "id", PLACE_COMPONENT_CHILD, "id"},
    {PLACE_COMPONENT, "name", PLACE_COMPONENT_CHILD, "name"},
    {PLACE_COMPONENT, "summary", PLACE_COMPONENT_CHILD, "summary"},
    {PLACE_COMPONENT, "developer_name", PLACE_COMPONENT_CHILD, "developer_name"},
    {PLACE_COMPONENT, "branch", PLACE_COMPONENT_CHILD, "branch"},
    {PLACE_COMPONENT, "developer", PLACE_DEVELOPER, NULL},
    {PLACE_COMPONENT, "provides", PLACE_PROVIDES, NULL},
    {PLACE_COMPONENT, "custom", PLACE_CUSTOM, NULL},
    {PLACE_COMPONENT, "requires", PLACE_REQUIRES, NULL},
    {PLACE_COMPONENT, "releases", PLACE_RELEASES, NULL},
    {PLACE_DEVELOPER, "name", PLACE_COMPONENT_CHILD, "developer/name"},
    {PLACE_PROVIDES, "firmware", PLACE_COMPONENT_CHILD, "provides/firmware"},
    {PLACE_CUSTOM, "value", PLACE_COMPONENT_CHILD, "custom/value"},
    {PLACE_REQUIRES, NULL, PLACE_REQUIREMENT, NULL},
    {PLACE_RELEASES, "release", PLACE_RELEASE, NULL},
    {PLACE_RELEASE, "checksum", PLACE_RELEASE_CHILD, "checksum"},
    {PLACE_RELEASE, "size", PLACE_RELEASE_CHILD, "size"},
    {PLACE_RELEASE, "location", PLACE_RELEASE_CHILD, "location"},
    {PLACE_RELEASE, "issues", PLACE_ISSUES, NULL},
    {PLACE_RELEASE, "description", PLACE_PROSE, NULL},
    {PLACE_RELEASE, "requires", PLACE_RELEASE_REQUIRES, NULL},
    {PLACE_ISSUES, "issue", PLACE_RELEASE_CHILD, "issues/issue"},
    {PLACE_RELEASE_REQUIRES, NULL, PLACE_RELEASE_REQUIREMENT, NULL},
    {PLACE_PROSE, NULL, PLACE_PROSE, NULL},
};

struct _QfuComponentReader {
  QfuXml *xml;
  QfuDocument document;
  gsize prose_max; /* bytes of a description */
  const QfuParseSink *sink;
  guint seen;
  guint emitted;
  QfuParsedComponent *component;
  QfuParsedRelease *release;
  gsize first[PLACE_LAST + 1];     /* row of each parent, or behind the last */
  Place places[QFU_XML_DEPTH_MAX]; /* of the elements that are open */
  guint depth;
  /* of the innermost element that is kept */
  const char *path;
  QfuAttributes *attributes;
  GString *text;
  gboolean leaf; /* no other element has begun in it */
};

static gboolean
is_kept (Place place)
{
  return place >= PLACE_COMPONENT_CHILD;
}

/* What is no text has no translation: a requirement or release in some language is one all the
 * same.
 */
static gboolean
has_translations (Place place)
{
  return place == PLACE_COMPONENT || place == PLACE_COMPONENT_CHILD || place == PLACE_DEVELOPER ||
         place == PLACE_PROSE;
}

static gboolean
place_root (const QfuComponentReader *reader, const char *element, Place *place, GError **error)
{
  gboolean catalog = reader->document == QFU_DOCUMENT_CATALOG;
  const char *root = catalog ? "components" : "component";

  *place = catalog ? PLACE_COMPONENTS : PLACE_COMPONENT;
  if (strcmp (element, root) == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "XML: the root is not `%s`", root);
  return FALSE;
}

static Place
place_inside (QfuComponentReader *reader, const char *element)
{
  Place parent = reader->places[reader->depth - 1];

  for (gsize i = reader->first[parent]; i < G_N_ELEMENTS (rows) && rows[i].parent == parent; i++) {
    if (rows[i].element == NULL || (rows[i].element[0] == element[0] && /* a call less */
                                    strcmp (rows[i].element, element) == 0)) {
      reader->path = rows[i].path;
      return rows[i].place;
    }
  }
  return PLACE_PASSED_OVER;
}

static void
begin (QfuComponentReader *reader,
       Place place,
       const char *element,
       const char **names,
       const char **values)
{
  if (place == PLACE_COMPONENT)
    reader->component = qfu_parsed_component_new (names, values);
  else if (place == PLACE_RELEASE)
    reader->release = qfu_parsed_release_new (names, values);
  else if (place == PLACE_PROSE)
    qfu_prose_start (&reader->release->prose, element);
  g_string_truncate (reader->text, 0);
  reader->leaf = is_kept (place);
  if (reader->leaf)
    qfu_attributes_set (reader->attributes, names, values);
}

static gboolean
on_start (
    gpointer user, const char *element, const char **names, const char **values, GError **error)
{
  QfuComponentReader *reader = user;
  Place place;

  g_assert (reader->depth < QFU_XML_DEPTH_MAX);
  if (reader->depth > 0)
    place = place_inside (reader, element);
  else if (!place_root (reader, element, &place, error))
    return FALSE;
  if (has_translations (place) && qfu_xml_attribute (names, values, "xml:lang") != NULL)
    place = PLACE_PASSED_OVER;
  begin (reader, place, element, names, values);
  reader->places[reader->depth++] = place;
  return TRUE;
}

static gboolean
on_text (gpointer user, const char *text, gsize size, GError **error)
{
  QfuComponentReader *reader = user;
  Place place = reader->depth == 0 ? PLACE_PASSED_OVER : reader->places[reader->depth - 1];

  if (place == PLACE_PROSE)
    qfu_prose_text (&reader->release->prose, text, size, reader->prose_max);
  if (!is_kept (place))
    return TRUE;
  if (size > QFU_XML_TEXT_MAX - reader->text->len) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "XML: an element holds too much text");
    return FALSE;
  }
  g_string_append_len (reader->text, text, (gssize)size);
  return TRUE;
}

static gboolean
end_component (QfuComponentReader *reader, GError **error)
{
  g_autoptr (QfuParsedComponent) component = g_steal_pointer (&reader->component);
  g_autoptr (GError) problem = NULL;

  reader->seen++;
  if (!qfu_parsed_component_is_firmware (component))
    return TRUE;
  if (++reader->emitted > QFU_CATALOG_COMPONENTS_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "more than %d components",
                 QFU_CATALOG_COMPONENTS_MAX);
    return FALSE;
  }
  if (qfu_parsed_component_check (component, &problem))
    return qfu_parsed_component_emit (component, reader->sink, error);
  if (reader->document == QFU_DOCUMENT_CATALOG)
    return qfu_parsed_component_emit_broken (component, problem, reader->sink, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static void
end_release (QfuComponentReader *reader)
{
  g_autoptr (QfuParsedRelease) release = g_steal_pointer (&reader->release);
  GError *problem = NULL;
  QfuMessage *message = qfu_parsed_release_message (release, &problem);

  qfu_parsed_component_add_release (reader->component, message, problem);
}

static void
end_requirement (QfuComponentReader *reader, const char *element, gboolean understood)
{
  const char **values;
  const char **names = qfu_attributes_get (reader->attributes, reader->leaf, &values);
  const char *text = qfu_prose_plain_in_place (reader->text);

  qfu_parsed_component_add_requirement (
      reader->component,
      qfu_parsed_requirement_message (element, names, values, text, understood && reader->leaf));
}

/* An element with others inside is not one of those that are known, whatever its name. */
static void
end_child (QfuComponentReader *reader, Place place)
{
  const char **values;
  const char **names = qfu_attributes_get (reader->attributes, TRUE, &values);
  const char *text;

  if (!reader->leaf)
    return;
  text = qfu_prose_plain_in_place (reader->text);
  if (place == PLACE_RELEASE_CHILD)
    qfu_parsed_release_child (reader->release, reader->path, names, values, text);
  else
    qfu_parsed_component_child (reader->component, reader->path, names, values, text);
}

static gboolean
on_end (gpointer user, const char *element, GError **error)
{
  QfuComponentReader *reader = user;
  Place place = reader->places[--reader->depth];

  if (place == PLACE_COMPONENT)
    return end_component (reader, error);
  if (place == PLACE_RELEASE)
    end_release (reader);
  else if (place == PLACE_PROSE)
    qfu_prose_end (&reader->release->prose, element);
  else if (place == PLACE_REQUIREMENT || place == PLACE_RELEASE_REQUIREMENT)
    end_requirement (reader, element, place == PLACE_REQUIREMENT);
  else if (is_kept (place))
    end_child (reader, place);
  g_string_truncate (reader->text, 0);
  reader->leaf = FALSE;
  return TRUE;
}

static const QfuXmlHandler handler = {on_start, on_text, on_end};

QfuComponentReader *
qfu_component_reader_new (QfuDocument document, const QfuParseSink *sink)
{
  QfuComponentReader *reader = g_new0 (QfuComponentReader, 1);

  for (gsize i = 0; i <= PLACE_LAST; i++)
    reader->first[i] = G_N_ELEMENTS (rows);
  for (gsize i = G_N_ELEMENTS (rows); i > 0; i--)
    reader->first[rows[i - 1].parent] = i - 1;
  reader->xml = qfu_xml_new (&handler, reader);
  reader->document = document;
  reader->prose_max = qfu_wire_field_spec (QFU_FIELD_DESCRIPTION)->max;
  reader->sink = sink;
  reader->attributes = qfu_attributes_new ();
  reader->text = g_string_new (NULL);
  return reader;
}

void
qfu_component_reader_free (QfuComponentReader *reader)
{
  if (reader == NULL)
    return;
  qfu_xml_free (reader->xml);
  g_clear_pointer (&reader->component, qfu_parsed_component_free);
  g_clear_pointer (&reader->release, qfu_parsed_release_free);
  qfu_attributes_free (reader->attributes);
  (void)g_string_free (reader->text, TRUE);
  g_free (reader);
}

gboolean
qfu_component_reader_feed (QfuComponentReader *reader, const void *data, gsize size, GError **error)
{
  return qfu_xml_feed (reader->xml, data, size, error);
}

gboolean
qfu_component_reader_finish (QfuComponentReader *reader, guint *seen, GError **error)
{
  *seen = reader->seen;
  return qfu_xml_finish (reader->xml, error);
}
