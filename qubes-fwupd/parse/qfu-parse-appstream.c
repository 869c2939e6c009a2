/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-appstream.h"

#include "qfu-component-kind.h"
#include "qfu-error.h"
#include "qfu-parse-component.h"
#include "qfu-parse-release.h"
#include "qfu-parse-requirement.h"
#include "qfu-parse-xml.h"

#include <string.h>

#define RELEASE "releases/release"

static char *no_attributes[] = {NULL};

struct _QfuComponentReader {
  QfuXml *xml;
  const char *root;
  gsize root_size;
  gsize prose_max; /* bytes of a description */
  const QfuParseSink *sink;
  GHashTable *wanted; /* GUIDs; %NULL: everything */
  guint seen;
  guint emitted;
  QfuParsedComponent *component;
  QfuParsedRelease *release;
  gsize skip; /* length of the path of an element that is passed over with all below it */
  /* the innermost element that has begun, until another begins or one ends */
  GString *text;
  gboolean leaf;
  char **names;
  char **values;
};

/* @path below the component, "" for the component itself, %NULL when elsewhere. */
static const char *
relative (const QfuComponentReader *reader, const char *path)
{
  gsize size = reader->root_size;

  if (strncmp (path, reader->root, size) != 0 || (path[size] != '\0' && path[size] != '/'))
    return NULL;
  return path[size] == '/' ? path + size + 1 : path + size;
}

/* The last name of a path that lies in a release's description, %NULL when it does not. */
static const char *
prose_element (const QfuComponentReader *reader, const char *path)
{
  static const char prefix[] = RELEASE "/description";

  if (reader->release == NULL || !g_str_has_prefix (path, prefix) ||
      (path[sizeof prefix - 1] != '/' && path[sizeof prefix - 1] != '\0'))
    return NULL;
  return strrchr (path, '/') + 1;
}

static void
clear_leaf (QfuComponentReader *reader)
{
  reader->leaf = FALSE;
  if (reader->names == no_attributes)
    return;
  g_strfreev (reader->names);
  g_strfreev (reader->values);
  reader->names = no_attributes;
  reader->values = no_attributes;
}

static void
set_leaf (QfuComponentReader *reader, const char **names, const char **values)
{
  gboolean any = names[0] != NULL;

  clear_leaf (reader);
  g_string_truncate (reader->text, 0);
  reader->leaf = TRUE;
  reader->names = any ? g_strdupv ((char **)names) : no_attributes;
  reader->values = any ? g_strdupv ((char **)values) : no_attributes;
}

static void
start_inside (QfuComponentReader *reader, const char *path, const char **names, const char **values)
{
  const char *element = prose_element (reader, path);

  if (element != NULL) {
    qfu_prose_start (&reader->release->prose, element);
    return;
  }
  set_leaf (reader, names, values);
  if (strcmp (path, RELEASE) == 0 && reader->release == NULL)
    reader->release = qfu_parsed_release_new (names, values);
}

static gboolean
is_root (const QfuComponentReader *reader, const char *name)
{
  gsize size = strcspn (reader->root, "/");

  return strlen (name) == size && strncmp (name, reader->root, size) == 0;
}

static gboolean
on_start (gpointer user, const char *path, const char **names, const char **values, GError **error)
{
  QfuComponentReader *reader = user;
  const char *inside = relative (reader, path);

  if (strchr (path, '/') == NULL && !is_root (reader, path)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "XML: the root is not that of %s",
                 reader->root);
    return FALSE;
  }
  if (inside == NULL || reader->skip > 0)
    return TRUE;
  if (qfu_xml_attribute (names, values, "xml:lang") != NULL) /* a translation */
    reader->skip = strlen (path);
  else if (*inside == '\0')
    reader->component = qfu_parsed_component_new (names, values);
  else
    start_inside (reader, inside, names, values);
  return TRUE;
}

static gboolean
on_text (gpointer user, const char *path, const char *text, gsize size, GError **error)
{
  QfuComponentReader *reader = user;
  const char *inside = relative (reader, path);

  if (inside == NULL || reader->skip > 0)
    return TRUE;
  if (prose_element (reader, inside) != NULL) {
    qfu_prose_text (&reader->release->prose, text, size, reader->prose_max);
    return TRUE;
  }
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

  reader->seen++;
  if (!qfu_parsed_component_wanted (component, reader->wanted))
    return TRUE;
  if (++reader->emitted > QFU_CATALOG_COMPONENTS_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "more than %d components",
                 QFU_CATALOG_COMPONENTS_MAX);
    return FALSE;
  }
  return qfu_parsed_component_emit (component, reader->sink, error);
}

static void
end_release (QfuComponentReader *reader)
{
  g_autoptr (QfuParsedRelease) release = g_steal_pointer (&reader->release);
  GError *problem = NULL;
  QfuMessage *message = qfu_parsed_release_message (release, &problem);

  qfu_parsed_component_add_release (reader->component, message, problem);
}

/* %TRUE when @path is a child of `requires`, whose name is then stored in @element. */
static gboolean
is_requirement (const char *path, const char **element)
{
  static const char *const parents[] = {"requires/", RELEASE "/requires/"};

  for (gsize i = 0; i < G_N_ELEMENTS (parents); i++) {
    if (!g_str_has_prefix (path, parents[i]))
      continue;
    *element = path + strlen (parents[i]);
    return strchr (*element, '/') == NULL;
  }
  return FALSE;
}

static void
end_element (QfuComponentReader *reader, const char *path, const char *text)
{
  const char **names = (const char **)reader->names;
  const char **values = (const char **)reader->values;
  const char *element;

  if (is_requirement (path, &element)) {
    gboolean understood = reader->leaf && g_str_has_prefix (path, "requires/");

    qfu_parsed_component_add_requirement (
        reader->component,
        qfu_parsed_requirement_message (element, names, values, text, understood));
  } else if (strcmp (path, RELEASE) == 0 && reader->release != NULL) {
    end_release (reader);
  } else if (reader->leaf && reader->release != NULL && g_str_has_prefix (path, RELEASE "/")) {
    qfu_parsed_release_child (reader->release, path + strlen (RELEASE "/"), names, values, text);
  } else if (reader->leaf) {
    qfu_parsed_component_child (reader->component, path, names, values, text);
  }
}

static void
end_inside (QfuComponentReader *reader, const char *path)
{
  const char *element = prose_element (reader, path);
  g_autofree char *text = NULL;

  if (element != NULL) {
    qfu_prose_end (&reader->release->prose, element);
    return;
  }
  text = qfu_prose_plain (reader->text->str, reader->text->len);
  end_element (reader, path, text);
  clear_leaf (reader);
  g_string_truncate (reader->text, 0);
}

static gboolean
on_end (gpointer user, const char *path, GError **error)
{
  QfuComponentReader *reader = user;
  const char *inside = relative (reader, path);

  if (inside == NULL)
    return TRUE;
  if (reader->skip > 0) {
    if (strlen (path) == reader->skip)
      reader->skip = 0;
    return TRUE;
  }
  if (*inside == '\0')
    return end_component (reader, error);
  end_inside (reader, inside);
  return TRUE;
}

static const QfuXmlHandler handler = {on_start, on_text, on_end};

QfuComponentReader *
qfu_component_reader_new (const char *root,
                          const QfuMessage *arguments,
                          gboolean all,
                          const QfuParseSink *sink)
{
  QfuComponentReader *reader = g_new0 (QfuComponentReader, 1);

  reader->xml = qfu_xml_new (&handler, reader);
  reader->root = root;
  reader->root_size = strlen (root);
  reader->prose_max = qfu_wire_field_spec (QFU_FIELD_DESCRIPTION)->max;
  reader->sink = sink;
  reader->text = g_string_new (NULL);
  reader->names = no_attributes;
  reader->values = no_attributes;
  if (all)
    return reader;
  reader->wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < qfu_message_count (arguments, QFU_FIELD_GUID); i++)
    g_hash_table_add (reader->wanted,
                      g_ascii_strdown (qfu_message_text (arguments, QFU_FIELD_GUID, i), -1));
  return reader;
}

void
qfu_component_reader_free (QfuComponentReader *reader)
{
  if (reader == NULL)
    return;
  qfu_xml_free (reader->xml);
  g_clear_pointer (&reader->wanted, g_hash_table_unref);
  g_clear_pointer (&reader->component, qfu_parsed_component_free);
  g_clear_pointer (&reader->release, qfu_parsed_release_free);
  (void)g_string_free (reader->text, TRUE);
  clear_leaf (reader);
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
