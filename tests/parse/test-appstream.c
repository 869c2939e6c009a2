/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-appstream.h"

#include <string.h>

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  const char *text = qfu_message_text (
      message, qfu_message_type (message) == QFU_FRAME_COMPONENT ? QFU_FIELD_ID : QFU_FIELD_VERSION,
      0);

  g_string_append_printf (user, "%s %s;", qfu_message_name (message), text);
  return TRUE;
}

static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  g_assert_not_reached ();
}

static const char catalog[] =
    "<components><custom><value>x</value></custom>"
    "<component type=\"firmware\"><id>a</id><releases><release version=\"1\"/>"
    "<release version=\"2\"/></releases></component>"
    "<component type=\"firmware\" xml:lang=\"de\"><id>skipped</id></component>"
    "<component type=\"firmware\"><id>b</id><component><id>inner</id></component></component>"
    "</components>";

static void
test_any_chunks (void)
{
  for (gsize step = 1; step < 64; step++) {
    g_autoptr (GString) out = g_string_new (NULL);
    const QfuParseSink sink = {emit, emit_data, out};
    g_autoptr (QfuComponentReader) reader = qfu_component_reader_new (QFU_DOCUMENT_CATALOG, &sink);
    g_autoptr (GError) error = NULL;
    guint seen;

    for (gsize at = 0; at < strlen (catalog); at += step)
      g_assert_true (qfu_component_reader_feed (reader, catalog + at,
                                                MIN (step, strlen (catalog) - at), &error));
    g_assert_true (qfu_component_reader_finish (reader, &seen, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (seen, ==, 2);
    g_assert_cmpstr (out->str, ==, "COMPONENT a;RELEASE 1;RELEASE 2;COMPONENT b;");
  }
}

static void
test_other_root (void)
{
  static const char *const documents[] = {"<component/>", "<c/>", "<componentsx/>", "<html/>"};

  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++) {
    const QfuParseSink sink = {emit, emit_data, NULL};
    g_autoptr (QfuComponentReader) reader = qfu_component_reader_new (QFU_DOCUMENT_CATALOG, &sink);
    g_autoptr (GError) error = NULL;

    g_assert_false (
        qfu_component_reader_feed (reader, documents[i], strlen (documents[i]), &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/appstream/any-chunks", test_any_chunks);
  g_test_add_func ("/appstream/other-root", test_other_root);
  return g_test_run ();
}
