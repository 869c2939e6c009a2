/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab.h"
#include "liar.h"
#include "qfu-cab-members.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

typedef struct {
  TestHome home;
  GPtrArray *frames;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  test_home_set_up (&fixture->home, user);
  fixture->frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  g_ptr_array_unref (fixture->frames);
  test_home_tear_down (&fixture->home, user);
}

static void
test_good (Fixture *fixture, gconstpointer user)
{
  const CabFile files[] = {{"a", "hello", 5, 0}, {"empty", "", 0, 0}};
  g_autoptr (GByteArray) cab = cab_build (files, 2, NULL);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (cab->data, cab->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) members = qfu_cab_members (fixture->home.config, blob, &error);
  const QfuCabMember *member;

  g_assert_no_error (error);
  g_assert_cmpuint (members->len, ==, 2);
  member = g_ptr_array_index (members, 0);
  g_assert_cmpstr (member->name, ==, "a");
  g_assert_cmpuint (qfu_untrusted_blob_size (member->blob), ==, 5);
  member = g_ptr_array_index (members, 1);
  g_assert_cmpstr (member->name, ==, "empty");
  g_assert_cmpuint (qfu_untrusted_blob_size (member->blob), ==, 0);
}

static void
add_member (Fixture *fixture, const char *name, guint64 size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_MEMBER);

  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  g_ptr_array_add (fixture->frames, message);
}

static void
add_data (Fixture *fixture, const char *text)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_DATA);

  qfu_message_set_data (message, text, strlen (text));
  g_ptr_array_add (fixture->frames, message);
}

/* Lets the liar send the frames so far, and forgets them. */
static void
assert_caught (Fixture *fixture, gboolean end, QfuError code)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("x", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) members = NULL;

  liar_install (fixture->home.config, fixture->home.directory, fixture->frames, end);
  members = qfu_cab_members (fixture->home.config, blob, &error);
  g_assert_null (members);
  g_assert_error (error, QFU_ERROR, (int)code);
  g_ptr_array_set_size (fixture->frames, 0);
}

static void
test_lies (Fixture *fixture, gconstpointer user)
{
  static const char *const names[] = {"", "..", ".", "a/b", "a\\b", "/etc/passwd"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    add_member (fixture, names[i], 0);
    assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL);
  }
  add_member (fixture, "a", 1);
  add_data (fixture, "x");
  add_member (fixture, "A", 1);
  add_data (fixture, "y");
  assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL);
  add_member (fixture, "a", 5); /* fewer bytes than announced */
  add_data (fixture, "x");
  assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL);
  add_member (fixture, "a", 5); /* more */
  add_data (fixture, "xxxxxx");
  assert_caught (fixture, TRUE, QFU_ERROR_LIMIT);
  add_data (fixture, "x");
  assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL);
  add_member (fixture, "a", G_MAXUINT64);
  assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL);
  g_ptr_array_add (fixture->frames, qfu_message_new (QFU_FRAME_END));
  assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL); /* something after END */
  add_member (fixture, "a", 0);
  assert_caught (fixture, FALSE, QFU_ERROR_INTERNAL); /* no END */
  for (guint i = 0; i < 65; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    add_member (fixture, name, 0);
  }
  assert_caught (fixture, TRUE, QFU_ERROR_PROTOCOL);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cab-members/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("good", test_good);
  ADD ("lies", test_lies);
  return g_test_run ();
}
