/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for an entry of the store of reference values, which root reads. */
#include "fuzz.h"
#include "qfu-error.h"
#include "qfu-refrecord.h"

#define OPENED_MAX 1000

/* What was read is written and read again as the same. */
static void
check_round_trip (const QfuRefRecord *record)
{
  g_autoptr (JsonNode) node = qfu_ref_record_to_json (record, record->id);
  g_autoptr (JsonNode) second = NULL;
  g_autoptr (QfuRefRecord) again = NULL;
  g_autoptr (GError) error = NULL;

  again = qfu_ref_record_from_json (json_node_get_object (node), &error);
  g_assert_no_error (error);
  second = qfu_ref_record_to_json (again, record->id);
  g_assert_true (json_node_equal (node, second));
}

/* The sanitizer's, where there is one. */
extern void __lsan_disable (void) __attribute__ ((weak));
extern void __lsan_enable (void) __attribute__ ((weak));

/* json-glib 1.6 leaks what it had read when it meets an error. */
static gboolean
load (JsonParser *parser, const guint8 *data, size_t size)
{
  gboolean ok;

  if (__lsan_disable != NULL)
    __lsan_disable ();
  ok = json_parser_load_from_data (parser, (const char *)data, (gssize)size, NULL);
  if (__lsan_enable != NULL)
    __lsan_enable ();
  return ok;
}

/* json-glib recurses without a limit. The store is root's own; what is asked here is what our code
 * makes of an entry, not how deep a stack is. */
static gboolean
is_flat (const guint8 *data, size_t size)
{
  gsize opened = 0;

  for (size_t i = 0; i < size; i++)
    opened += data[i] == '[' || data[i] == '{' ? 1 : 0;
  return opened <= OPENED_MAX;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (QfuRefRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *root;
  JsonObject *entry;
  QfuRefState state;
  const char *reason;
  gint64 time;
  guint id;

  if (!is_flat (data, size) || !load (parser, data, size))
    return 0;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return 0;
  entry = json_node_get_object (root);
  if (!qfu_ref_entry_head (entry, &id, &state, &time, &reason))
    return 0;
  record = qfu_ref_record_from_json (entry, &error);
  if (record == NULL)
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  else
    check_round_trip (record);
  return 0;
}
