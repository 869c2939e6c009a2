/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-component-kind.h"
#include "qfu-error.h"
#include "qfu-parse-component.h"

#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  g_ptr_array_add (user, g_strdup (qfu_message_name (message)));
  return TRUE;
}

static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  g_assert_not_reached ();
}

static QfuParsedComponent *
component_new (const char *type)
{
  const char *names[] = {"type", NULL};
  const char *values[] = {type, NULL};
  const char *flashed[] = {"flashed", NULL};
  QfuParsedComponent *component = qfu_parsed_component_new (names, values);

  qfu_parsed_component_child (component, "id", names, values, "org.example");
  qfu_parsed_component_child (component, "id", names, values, "org.other");
  qfu_parsed_component_child (component, "provides/firmware", names, flashed, GUID);
  return component;
}

static void
test_firmware (void)
{
  g_autoptr (QfuParsedComponent) firmware = component_new ("firmware");
  g_autoptr (QfuParsedComponent) desktop = component_new ("desktop");

  g_assert_true (qfu_parsed_component_is_firmware (firmware));
  g_assert_false (qfu_parsed_component_is_firmware (desktop));
}

static void
test_order (void)
{
  g_autoptr (QfuParsedComponent) component = component_new ("firmware");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  const QfuParseSink sink = {emit, emit_data, names};

  qfu_parsed_component_add_release (component, qfu_message_new (QFU_FRAME_RELEASE), NULL);
  qfu_parsed_component_add_requirement (component, qfu_message_new (QFU_FRAME_REQUIREMENT));
  g_assert_true (qfu_parsed_component_check (component, &error));
  g_assert_true (qfu_parsed_component_emit (component, &sink, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (names->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "COMPONENT");
  g_assert_cmpstr (g_ptr_array_index (names, 1), ==, "REQUIREMENT");
  g_assert_cmpstr (g_ptr_array_index (names, 2), ==, "RELEASE");
}

static void
test_problems (void)
{
  g_autoptr (QfuParsedComponent) many = component_new ("firmware");
  g_autoptr (QfuParsedComponent) bad = component_new ("firmware");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) limit = NULL;
  g_autoptr (GError) format = NULL;
  const QfuParseSink sink = {emit, emit_data, names};

  for (guint i = 0; i <= QFU_COMPONENT_REQUIREMENTS_MAX; i++)
    qfu_parsed_component_add_requirement (many, qfu_message_new (QFU_FRAME_REQUIREMENT));
  g_assert_false (qfu_parsed_component_check (many, &limit));
  g_assert_error (limit, QFU_ERROR, QFU_ERROR_LIMIT);
  qfu_parsed_component_add_release (bad, NULL,
                                    g_error_new (QFU_ERROR, QFU_ERROR_FORMAT, "no version"));
  g_assert_false (qfu_parsed_component_check (bad, &format));
  g_assert_error (format, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_true (qfu_parsed_component_emit_broken (bad, format, &sink, &limit));
  g_assert_cmpuint (names->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/component/firmware", test_firmware);
  g_test_add_func ("/component/order", test_order);
  g_test_add_func ("/component/problems", test_problems);
  return g_test_run ();
}
