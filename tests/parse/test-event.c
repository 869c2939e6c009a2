/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-hasher.h"
#include "qfu-parse-event.h"

#include <string.h>

typedef struct {
  char *name;
  guint64 flags;
} Seen;

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  Seen *seen = user;

  seen->name = g_strdup (qfu_message_text (message, QFU_FIELD_NAME, 0));
  seen->flags = qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, 1, 0);
  return TRUE;
}

static void
assert_event (guint32 type, const void *data, gsize size, const char *name, guint64 flags)
{
  Seen seen = {NULL, 0};
  const QfuParseSink sink = {emit, NULL, &seen};
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  QfuRawEvent event = {.pcr = 2, .type = type, .n_digests = 1, .data = copy, .size = size};

  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &event.digests[0]);
  g_assert_true (qfu_event_send (&event, &sink, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (seen.name, ==, name);
  g_assert_cmpuint (seen.flags, ==, flags);
  g_free (seen.name);
}

static void
test_names (void)
{
  assert_event (5, "CBFS: a\0\0\0", 10, "CBFS: a", 0);
  assert_event (5, "no end", 6, "no end", 0);
  assert_event (5, "1\0.\0002\0\0\0", 8, "1.2", 0);
  assert_event (5, "a\033[2J", 5, NULL, 0);
  assert_event (5, "\1\2\3", 3, NULL, 0);
  assert_event (4, "\0\0\0\0", 4, NULL, 0);
  assert_event (5, "", 0, NULL, 0);
}

/* Whether a UEFI event measures firmware, which no other image would have. */
static void
test_firmware (void)
{
  static const guint8 path[] = {4, 6, 8, 0, 0, 0, 0, 0, 0x7f, 0xff, 4, 0};
  guint8 load[44] = {0};

  assert_event (1, "POST CODE", 9, "POST CODE", 1);
  assert_event (8, "1\0.\0002\0\0\0", 8, "1.2", 1);
  assert_event (0x80000008, "\1\2", 2, NULL, 1);
  load[24] = 12;
  memcpy (load + 32, path, sizeof path);
  assert_event (0x80000003, load, sizeof load, NULL, 1);
  load[33] = 4; /* a file on a disk */
  assert_event (0x80000003, load, sizeof load, NULL, 0);
  load[34] = 3; /* a node that would not move on */
  assert_event (0x80000003, load, sizeof load, NULL, 0);
  assert_event (0x80000003, load, 30, NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event/names", test_names);
  g_test_add_func ("/event/firmware", test_firmware);
  return g_test_run ();
}
