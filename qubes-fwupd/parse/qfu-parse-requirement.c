/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-requirement.h"

#include "qfu-component-kind.h"
#include "qfu-parse-prose.h"
#include "qfu-parse-xml.h"

#include <string.h>

static QfuRequirementKind
kind_of (const char *element, const char *text)
{
  static const struct {
    const char *element;
    const char *text; /* %NULL: any */
    QfuRequirementKind kind;
  } rows[] = {
      {"id", NULL, QFU_REQUIREMENT_ID},
      {"firmware", "", QFU_REQUIREMENT_FIRMWARE},
      {"firmware", "vendor-id", QFU_REQUIREMENT_VENDOR_ID},
      {"hardware", NULL, QFU_REQUIREMENT_HARDWARE},
      {"not_hardware", NULL, QFU_REQUIREMENT_NOT_HARDWARE},
      {"client", NULL, QFU_REQUIREMENT_CLIENT},
      {"phased_update", NULL, QFU_REQUIREMENT_PHASED},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (strcmp (element, rows[i].element) == 0 &&
        (rows[i].text == NULL || strcmp (text, rows[i].text) == 0))
      return rows[i].kind;
  }
  return QFU_REQUIREMENT_UNKNOWN;
}

/* Adds @text, and says whether it went in whole. */
static gboolean
add_whole (QfuMessage *message, QfuField field, const char *text)
{
  g_autofree char *plain = text == NULL ? NULL : qfu_prose_plain (text);

  qfu_message_add_text (message, field, plain);
  return plain == NULL || strlen (plain) <= qfu_wire_field_spec (field)->max;
}

/* Nothing but an element that is whole, with the two attributes that a comparison has, is what it
 * seems: `depth` turns to another device, and what is yet to be invented may turn anything. */
static char *
describe (const char *element, const char **names, const char *plain)
{
  g_autoptr (GString) described = g_string_new (element);

  for (gsize i = 0; names[i] != NULL; i++) {
    if (strcmp (names[i], "compare") != 0 && strcmp (names[i], "version") != 0)
      g_string_append_printf (described, " %s", names[i]);
  }
  if (plain[0] != '\0')
    g_string_append_printf (described, " %s", plain);
  return g_string_free (g_steal_pointer (&described), FALSE);
}

QfuMessage *
qfu_parsed_requirement_message (const char *element,
                                const char **names,
                                const char **values,
                                const char *text,
                                gboolean understood)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_REQUIREMENT);
  QfuRequirementKind kind = kind_of (element, text);
  g_autofree char *plain = qfu_prose_plain (text);
  g_autofree char *described = describe (element, names, plain);
  gboolean whole = understood && strlen (plain) <= qfu_wire_field_spec (QFU_FIELD_VALUE)->max;

  for (gsize i = 0; names[i] != NULL; i++) {
    if (strcmp (names[i], "compare") != 0 && strcmp (names[i], "version") != 0)
      whole = FALSE;
  }
  if (!add_whole (message, QFU_FIELD_COMPARE, qfu_xml_attribute (names, values, "compare")))
    whole = FALSE;
  if (!add_whole (message, QFU_FIELD_VERSION, qfu_xml_attribute (names, values, "version")))
    whole = FALSE;
  /* a rollout hint is no condition, whatever it says */
  if (!whole && kind != QFU_REQUIREMENT_PHASED)
    kind = QFU_REQUIREMENT_UNKNOWN;
  qfu_message_add_text (message, QFU_FIELD_VALUE,
                        kind == QFU_REQUIREMENT_UNKNOWN ? described : plain);
  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  return message;
}
