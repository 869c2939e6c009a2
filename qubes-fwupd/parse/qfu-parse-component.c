/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-component.h"

#include "qfu-component-kind.h"
#include "qfu-error.h"
#include "qfu-parse-xml.h"

#include <string.h>

struct _QfuParsedComponent {
  gboolean firmware;
  char *id, *name, *summary, *vendor, *branch, *format, *protocol;
  GPtrArray *guids;
  GPtrArray *requirements; /* of QfuMessage */
  GPtrArray *releases;     /* of QfuMessage */
  GError *problem;         /* why it cannot be emitted */
};

QfuParsedComponent *
qfu_parsed_component_new (const char **names, const char **values)
{
  QfuParsedComponent *component = g_new0 (QfuParsedComponent, 1);

  component->firmware = g_strcmp0 (qfu_xml_attribute (names, values, "type"), "firmware") == 0;
  component->guids = g_ptr_array_new_with_free_func (g_free);
  component->requirements = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  component->releases = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  return component;
}

void
qfu_parsed_component_free (QfuParsedComponent *component)
{
  if (component == NULL)
    return;
  g_free (component->id);
  g_free (component->name);
  g_free (component->summary);
  g_free (component->vendor);
  g_free (component->branch);
  g_free (component->format);
  g_free (component->protocol);
  g_ptr_array_unref (component->guids);
  g_ptr_array_unref (component->requirements);
  g_ptr_array_unref (component->releases);
  g_clear_error (&component->problem);
  g_free (component);
}

static void
set_problem (QfuParsedComponent *component, QfuError code, const char *what)
{
  if (component->problem == NULL)
    component->problem = g_error_new (QFU_ERROR, (int)code, "%s", what);
}

void
qfu_parsed_component_add_requirement (QfuParsedComponent *component, QfuMessage *requirement)
{
  if (component->requirements->len >= QFU_COMPONENT_REQUIREMENTS_MAX) {
    set_problem (component, QFU_ERROR_LIMIT, "too many requirements");
    qfu_message_free (requirement);
    return;
  }
  g_ptr_array_add (component->requirements, requirement);
}

void
qfu_parsed_component_add_release (QfuParsedComponent *component,
                                  QfuMessage *release,
                                  GError *problem)
{
  if (problem != NULL)
    set_problem (component, (QfuError)problem->code, problem->message);
  g_clear_error (&problem);
  if (release == NULL)
    return;
  if (component->releases->len >= QFU_COMPONENT_RELEASES_MAX) {
    set_problem (component, QFU_ERROR_LIMIT, "too many releases");
    qfu_message_free (release);
    return;
  }
  g_ptr_array_add (component->releases, release);
}

static void
add_guid (QfuParsedComponent *component, const char *type, const char *text)
{
  if (g_strcmp0 (type, "flashed") != 0)
    return;
  if (component->guids->len >= QFU_COMPONENT_GUIDS_MAX)
    set_problem (component, QFU_ERROR_LIMIT, "too many GUIDs");
  else if (strlen (text) > qfu_wire_field_spec (QFU_FIELD_GUID)->max) /* cut, it were another */
    set_problem (component, QFU_ERROR_LIMIT, "a GUID is too long");
  else
    g_ptr_array_add (component->guids, g_ascii_strdown (text, -1));
}

static void
set_once (char **slot, const char *text)
{
  if (*slot == NULL)
    *slot = g_strdup (text);
}

static void
set_custom (QfuParsedComponent *component, const char *key, const char *text)
{
  if (g_strcmp0 (key, "LVFS::VersionFormat") == 0)
    set_once (&component->format, text);
  else if (g_strcmp0 (key, "LVFS::UpdateProtocol") == 0)
    set_once (&component->protocol, text);
}

void
qfu_parsed_component_child (QfuParsedComponent *component,
                            const char *path,
                            const char **names,
                            const char **values,
                            const char *text)
{
  const struct {
    const char *path;
    char **slot;
  } rows[] = {
      {"id", &component->id},
      {"name", &component->name},
      {"summary", &component->summary},
      {"developer_name", &component->vendor},
      {"developer/name", &component->vendor},
      {"branch", &component->branch},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (strcmp (path, rows[i].path) == 0)
      set_once (rows[i].slot, text);
  }
  if (strcmp (path, "provides/firmware") == 0)
    add_guid (component, qfu_xml_attribute (names, values, "type"), text);
  else if (strcmp (path, "custom/value") == 0)
    set_custom (component, qfu_xml_attribute (names, values, "key"), text);
}

gboolean
qfu_parsed_component_is_firmware (const QfuParsedComponent *component)
{
  return component->firmware;
}

/* Also what does not fit into its frame and means something else when cut. */
gboolean
qfu_parsed_component_check (const QfuParsedComponent *component, GError **error)
{
  const struct {
    const char *text;
    QfuField field;
  } rows[] = {
      {component->id, QFU_FIELD_ID},
      {component->branch, QFU_FIELD_BRANCH},
      {component->format, QFU_FIELD_VERSION_FORMAT},
      {component->protocol, QFU_FIELD_UPDATE_PROTOCOL},
  };

  if (component->id == NULL || *component->id == '\0') {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "a component has no id");
    return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const QfuFieldSpec *spec = qfu_wire_field_spec (rows[i].field);

    if (rows[i].text != NULL && strlen (rows[i].text) > spec->max) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "component %.64s: its %s is too long",
                   component->id, spec->name);
      return FALSE;
    }
  }
  if (component->problem != NULL) {
    g_set_error (error, QFU_ERROR, component->problem->code, "component %s: %s", component->id,
                 component->problem->message);
    return FALSE;
  }
  return TRUE;
}

static void
add_guids (QfuMessage *message, const QfuParsedComponent *component)
{
  for (guint i = 0; i < component->guids->len; i++)
    qfu_message_add_text (message, QFU_FIELD_GUID, g_ptr_array_index (component->guids, i));
}

static gboolean
emit_all (const QfuParseSink *sink, const GPtrArray *messages, GError **error)
{
  for (guint i = 0; i < messages->len; i++) {
    if (!qfu_parse_emit (sink, g_ptr_array_index (messages, i), error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_parsed_component_emit (const QfuParsedComponent *component,
                           const QfuParseSink *sink,
                           GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_COMPONENT);

  qfu_message_add_text (message, QFU_FIELD_ID, component->id);
  qfu_message_add_text (message, QFU_FIELD_NAME, component->name);
  qfu_message_add_text (message, QFU_FIELD_SUMMARY, component->summary);
  qfu_message_add_text (message, QFU_FIELD_VENDOR, component->vendor);
  qfu_message_add_text (message, QFU_FIELD_BRANCH, component->branch);
  qfu_message_add_text (message, QFU_FIELD_VERSION_FORMAT, component->format);
  qfu_message_add_text (message, QFU_FIELD_UPDATE_PROTOCOL, component->protocol);
  add_guids (message, component);
  return qfu_parse_emit (sink, message, error) && emit_all (sink, component->requirements, error) &&
         emit_all (sink, component->releases, error);
}

gboolean
qfu_parsed_component_emit_broken (const QfuParsedComponent *component,
                                  const GError *problem,
                                  const QfuParseSink *sink,
                                  GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_COMPONENT);
  gboolean named = component->id != NULL && *component->id != '\0';

  qfu_message_add_text (message, QFU_FIELD_ID, named ? component->id : "?");
  qfu_message_add_text (message, QFU_FIELD_SUMMARY, problem->message);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, QFU_COMPONENT_BROKEN);
  add_guids (message, component);
  return qfu_parse_emit (sink, message, error);
}
