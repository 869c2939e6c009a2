/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-heads.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

#define A "11111111-1111-1111-1111-111111111111"
#define B "22222222-2222-2222-2222-222222222222"
#define C "33333333-3333-3333-3333-333333333333"

static const char *const none[] = {NULL};
static const char *const hardware_a[] = {B, A, NULL};

static void
assert_runs (const char *bios_version, const char *expected)
{
  g_autofree char *version = NULL;

  g_test_message ("%s", bios_version);
  g_assert_true (qfu_heads_runs (bios_version, &version));
  g_assert_cmpstr (version, ==, expected);
}

static void
assert_other (const char *bios_version)
{
  g_autofree char *version = NULL;

  g_assert_false (qfu_heads_runs (bios_version, &version));
  g_assert_null (version);
}

static void
test_runs (void)
{
  assert_runs ("Heads-v0.2.1", "0.2.1");
  assert_runs ("CBET4000 Heads-v0.2.0-917-g19f0e65", "0.2.0.917");
  assert_runs ("Heads-v0.2.1-42-g0b9d8e4-dirty", "0.2.1.42");
  assert_runs ("heads-v0.2.1-dirty", "0.2.1");
  assert_runs ("Heads-v0.2.1-rc1", "0.2.1");
  assert_runs ("Heads-v0.2.1-5", "0.2.1");
  assert_runs ("Dasharo (coreboot+heads) v0.9.1", "0.9.1");
  assert_runs ("Dasharo (coreboot+Heads) v0.9.1", "0.9.1");
  assert_runs ("PureBoot-Release-29.1", "29.1");
  assert_runs ("PureBoot-Release-29-3-gabcdef0", "29.3");
  /* Heads, but of no version that could be compared */
  assert_runs ("Heads-19f0e65", NULL);
  assert_runs ("Heads-vnext", NULL);
  assert_runs ("Heads-v.1", NULL);
  assert_runs ("Heads", NULL);
  assert_runs ("Dasharo (coreboot+heads)", NULL);
}

static void
test_other (void)
{
  assert_other (NULL);
  assert_other ("");
  assert_other ("4.21-12-gabcdef");
  assert_other ("Dasharo (coreboot+UEFI) v1.7.2");
  /* a part of a word is another word */
  assert_other ("Overheads-v1.0");
  assert_other ("x(coreboot+heads) v1.0");
  assert_other ("Headset");
}

static QfuComponent *
component (const char *id, const char *branch, const char *guid)
{
  QfuComponent *made = g_new0 (QfuComponent, 1);

  made->id = g_strdup (id);
  made->branch = g_strdup (branch);
  made->guids = g_new0 (char *, 2);
  made->guids[0] = g_strdup (guid);
  made->requirements = g_ptr_array_new ();
  made->releases = g_ptr_array_new ();
  return made;
}

static void
assert_board (const char *id, const char *expected)
{
  g_autoptr (QfuComponent) c = component (id, NULL, A);
  g_autofree char *board = qfu_heads_board (c);

  g_assert_cmpstr (board, ==, expected);
}

static void
test_board (void)
{
  assert_board ("com.3mdeb.heads.x230.firmware", "x230");
  assert_board ("com.heads.x230-maximized.firmware", "x230-maximized");
  assert_board ("org.Heads.Librem_Mini_V2.system.firmware", "librem_mini_v2");
  assert_board ("com.heads.msi.z690a.firmware", "msi.z690a");
  assert_board ("com.heads.firmware", NULL);
  assert_board ("com.heads", NULL);
  assert_board ("heads", NULL);
  assert_board ("com.overheads.x230.firmware", NULL);
  assert_board ("com.example.firmware", NULL);
  assert_board ("firmware", NULL);
  assert_board ("", NULL);
}

static void
assert_match (const char *id, const char *branch, const QfuHeadsMachine *machine, guint expected)
{
  g_autoptr (QfuComponent) c = component (id, branch, A);

  g_test_message ("%s", id);
  g_assert_cmpuint (qfu_heads_match (c, machine), ==, expected);
}

static void
test_match (void)
{
  const QfuHeadsMachine by_guid = {"other", "other", hardware_a, NULL};
  const QfuHeadsMachine by_product = {"x230-maximized", "ThinkPad X230", none, NULL};
  const QfuHeadsMachine by_family = {"23245QU", "ThinkPad X230", none, NULL};
  const QfuHeadsMachine bare = {NULL, NULL, none, NULL};

  assert_match ("com.3mdeb.heads.x230.firmware", NULL, &by_guid, QFU_HEADS_BY_HARDWARE);
  assert_match ("com.example.nv41.firmware", "heads", &by_guid, QFU_HEADS_BY_HARDWARE);
  /* of the same machine, but not Heads */
  assert_match ("com.example.x230.firmware", NULL, &by_guid, QFU_HEADS_NOT_FOR);
  assert_match ("com.example.x230.firmware", "coreboot", &by_guid, QFU_HEADS_NOT_FOR);
  assert_match ("com.heads.x230_maximized.firmware", NULL, &by_product, QFU_HEADS_BY_PRODUCT);
  assert_match ("com.heads.x230.firmware", NULL, &by_product, QFU_HEADS_BY_FAMILY);
  assert_match ("com.heads.x230.firmware", NULL, &by_family, QFU_HEADS_BY_FAMILY);
  assert_match ("com.heads.thinkpad_x230.firmware", NULL, &by_family, QFU_HEADS_BY_FAMILY);
  /* a part of a name is another name */
  assert_match ("com.heads.x230t.firmware", NULL, &by_family, QFU_HEADS_NOT_FOR);
  assert_match ("com.heads.x23.firmware", NULL, &by_family, QFU_HEADS_NOT_FOR);
  assert_match ("com.heads.x230-maximized-fhd.firmware", NULL, &by_product, QFU_HEADS_NOT_FOR);
  assert_match ("com.heads.x230.firmware", NULL, &bare, QFU_HEADS_NOT_FOR);
  assert_match ("com.example.nv41.firmware", "heads", &bare, QFU_HEADS_NOT_FOR);
}

static void
test_word (void)
{
  const QfuHeadsMachine board = {"other", "other", hardware_a, "X230"};
  const QfuHeadsMachine id = {NULL, NULL, none, "com.heads.x230.firmware"};
  const QfuHeadsMachine guid = {NULL, NULL, none, A};
  const QfuHeadsMachine empty = {NULL, NULL, hardware_a, ""};

  assert_match ("com.heads.x230.firmware", NULL, &board, QFU_HEADS_BY_WORD);
  assert_match ("com.heads.x230.firmware", NULL, &id, QFU_HEADS_BY_WORD);
  assert_match ("com.heads.x230.firmware", NULL, &guid, QFU_HEADS_BY_WORD);
  /* what a person says is all that counts, and it is not completed */
  assert_match ("com.heads.x230-maximized.firmware", NULL, &board, QFU_HEADS_NOT_FOR);
  assert_match ("com.heads.x230-maximized.firmware", NULL, &id, QFU_HEADS_NOT_FOR);
  assert_match ("com.heads.x230.firmware", NULL, &empty, QFU_HEADS_NOT_FOR);
  assert_match ("com.example.x230.firmware", NULL, &guid, QFU_HEADS_NOT_FOR);
}

static void
drop (gpointer data)
{
  qfu_component_free (data);
}

static GPtrArray *
metadata (void)
{
  GPtrArray *components = g_ptr_array_new_with_free_func (drop);

  g_ptr_array_add (components, component ("com.example.x230.firmware", NULL, A));
  g_ptr_array_add (components, component ("com.heads.x230.firmware", NULL, A));
  g_ptr_array_add (components, component ("com.heads.x230-maximized.firmware", NULL, B));
  g_ptr_array_add (components, component ("com.heads.t430.firmware", NULL, C));
  g_ptr_array_add (components, component ("com.heads.t430.firmware", NULL, C));
  return components;
}

static void
refuses (const GPtrArray *components, const QfuHeadsMachine *machine, int code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_heads_choose (components, machine, NULL, &error));
  g_assert_error (error, QFU_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_choose (void)
{
  g_autoptr (GPtrArray) components = metadata ();
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();
  const char *const only_a[] = {A, NULL};
  const QfuHeadsMachine a = {NULL, "ThinkPad T430", only_a, NULL};
  const QfuHeadsMachine both = {NULL, NULL, hardware_a, NULL};
  const QfuHeadsMachine family = {"2349", "ThinkPad T430", none, NULL};
  const QfuHeadsMachine other = {"p8z77", NULL, none, NULL};
  const QfuHeadsMachine word = {NULL, NULL, hardware_a, "t43"};
  g_autoptr (GError) error = NULL;
  QfuHeadsReason reason;
  const QfuComponent *chosen;

  /* the best reason decides */
  chosen = qfu_heads_choose (components, &a, &reason, &error);
  g_assert_true (chosen == g_ptr_array_index (components, 1));
  g_assert_no_error (error);
  g_assert_cmpuint (reason, ==, QFU_HEADS_BY_HARDWARE);
  chosen = qfu_heads_choose (components, &family, &reason, &error);
  g_assert_true (chosen == g_ptr_array_index (components, 3));
  g_assert_no_error (error);
  g_assert_cmpuint (reason, ==, QFU_HEADS_BY_FAMILY);
  refuses (components, &both, QFU_ERROR_REFUSED,
           "com.heads.x230.firmware, com.heads.x230-maximized.firmware");
  refuses (components, &other, QFU_ERROR_NOTHING, "x230, x230-maximized, t430");
  refuses (components, &word, QFU_ERROR_NOTHING, "for t43; they have it for x230");
  refuses (nothing, &other, QFU_ERROR_NOTHING, "no firmware with Heads");
}

static void
test_many (void)
{
  g_autoptr (GPtrArray) components = g_ptr_array_new_with_free_func (drop);
  const QfuHeadsMachine other = {"p8z77", NULL, none, NULL};

  for (guint i = 0; i < 50; i++) {
    g_autofree char *id = g_strdup_printf ("com.heads.board%u.firmware", i);

    g_ptr_array_add (components, component (id, NULL, A));
  }
  refuses (components, &other, QFU_ERROR_NOTHING, "board39 and 10 more");
}

static void
test_broken (void)
{
  g_autoptr (GPtrArray) components = metadata ();
  const QfuHeadsMachine family = {NULL, "ThinkPad T430", none, NULL};
  QfuComponent *first = g_ptr_array_index (components, 3);
  QfuComponent *second = g_ptr_array_index (components, 4);

  first->broken = g_strdup ("a requirement has no text");
  g_assert_nonnull (qfu_heads_choose (components, &family, NULL, NULL));
  second->broken = g_strdup ("a requirement has no text");
  refuses (components, &family, QFU_ERROR_REFUSED, "a requirement has no text");
}

static void
test_reasons (void)
{
  for (QfuHeadsReason reason = QFU_HEADS_NOT_FOR; reason <= QFU_HEADS_BY_HARDWARE; reason++)
    g_assert_cmpuint (strlen (qfu_heads_reason_text (reason)), >, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/heads/runs", test_runs);
  g_test_add_func ("/heads/other", test_other);
  g_test_add_func ("/heads/board", test_board);
  g_test_add_func ("/heads/match", test_match);
  g_test_add_func ("/heads/word", test_word);
  g_test_add_func ("/heads/choose", test_choose);
  g_test_add_func ("/heads/many", test_many);
  g_test_add_func ("/heads/broken", test_broken);
  g_test_add_func ("/heads/reasons", test_reasons);
  return g_test_run ();
}
