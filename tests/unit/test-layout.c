/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"
#include "qfu-error.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_rules (void)
{
  g_autoptr (QfuLayout) layout = layout_of_good_text (
      "[Layout]\nDefault=must-equal\n[Regions]\nAA=update\nBB=preserve\nCC=must-equal\nDD=never\n");

  g_assert_cmpint (qfu_layout_rule (layout, "AA"), ==, QFU_RULE_UPDATE);
  g_assert_cmpint (qfu_layout_rule (layout, "BB"), ==, QFU_RULE_PRESERVE);
  g_assert_cmpint (qfu_layout_rule (layout, "CC"), ==, QFU_RULE_MUST_EQUAL);
  g_assert_cmpint (qfu_layout_rule (layout, "DD"), ==, QFU_RULE_NEVER);
  g_assert_cmpint (qfu_layout_rule (layout, "EE"), ==, QFU_RULE_MUST_EQUAL);
  g_assert_true (qfu_layout_lists (layout, "CC"));
  g_assert_false (qfu_layout_lists (layout, "EE"));
  g_assert_cmpint (qfu_layout_outside (layout), ==, QFU_RULE_PRESERVE);
  g_assert_cmpstr (qfu_layout_name (layout), ==, "x");
}

static void
test_order (void)
{
  g_autoptr (QfuLayout) layout =
      layout_of_good_text ("[Layout]\nDefault=preserve\nOutside=never\nOrder=A, B;C;\n"
                           "Window=C;D\nLast=start\n");

  g_assert_cmpuint (qfu_layout_step (layout, "A"), ==, 1);
  g_assert_cmpuint (qfu_layout_step (layout, "B"), ==, 1);
  g_assert_cmpuint (qfu_layout_step (layout, "C"), ==, 2);
  g_assert_cmpuint (qfu_layout_step (layout, "D"), ==, 0);
  g_assert_true (qfu_layout_window (layout, "C"));
  g_assert_true (qfu_layout_window (layout, "D"));
  g_assert_false (qfu_layout_window (layout, "A"));
  g_assert_false (qfu_layout_window (layout, NULL));
  g_assert_true (qfu_layout_last (layout, "start"));
  g_assert_false (qfu_layout_last (layout, "bootblock"));
  g_assert_cmpint (qfu_layout_outside (layout), ==, QFU_RULE_NEVER);
}

/* A layout that names no window says nothing about what boots: everything may be needed. */
static void
test_no_window (void)
{
  g_autoptr (QfuLayout) silent = layout_of_good_text ("[Layout]\nDefault=preserve\n");
  g_autoptr (QfuLayout) none = layout_of_good_text ("[Layout]\nDefault=preserve\nWindow=\n");

  g_assert_true (qfu_layout_window (silent, "A"));
  g_assert_true (qfu_layout_window (silent, NULL));
  g_assert_true (qfu_layout_last (silent, "bootblock"));
  g_assert_true (qfu_layout_last (silent, "BOOTBLOCK"));
  g_assert_false (qfu_layout_window (none, "A"));
  g_assert_false (qfu_layout_window (none, NULL));
}

static const Area plain[] = {{"FMAP", 0, 1}, {"COREBOOT", 1, 15}};
static const Area slots[] = {{"FMAP", 0, 1}, {"COREBOOT", 1, 3}, {"FW_MAIN_A", 4, 4}};

static void
test_needs (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout =
      layout_of_good_text ("[Layout]\nDefault=preserve\nNeeds=FMAP;FW_MAIN_A;\n");
  g_autoptr (QfuRom) without = LAYOUT_ROM (plain);
  g_autoptr (QfuRom) with = LAYOUT_ROM (slots);

  g_assert_true (qfu_layout_pick (layout, with, &error) == layout);
  g_assert_no_error (error);
  g_assert_null (qfu_layout_pick (layout, without, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "FW_MAIN_A"));
}

/* A folder of layouts, and what is picked of it for both chips. */
typedef struct {
  char *folder;
  GPtrArray *paths;
} Folder;

static void
set_up (Folder *f, gconstpointer unused G_GNUC_UNUSED)
{
  f->folder = g_dir_make_tmp ("qfu-layouts-XXXXXX", NULL);
  f->paths = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Folder *f, gconstpointer unused G_GNUC_UNUSED)
{
  for (guint i = 0; i < f->paths->len; i++)
    g_assert_cmpint (g_unlink (g_ptr_array_index (f->paths, i)), ==, 0);
  g_ptr_array_unref (f->paths);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
}

static void
put (Folder *f, const char *file, const char *text)
{
  char *path = g_build_filename (f->folder, file, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_ptr_array_add (f->paths, path);
}

static QfuLayout *
load_auto (const Folder *f, GError **error)
{
  QfuConfig config = {.layouts = f->folder};

  return qfu_layout_load (&config, QFU_LAYOUT_AUTO, error);
}

static void
test_auto (Folder *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = NULL;
  g_autoptr (QfuRom) one = LAYOUT_ROM (plain);
  g_autoptr (QfuRom) two = LAYOUT_ROM (slots);
  g_autoptr (QfuRom) none = layout_rom (plain, 1, "X1");

  put (f, "one.conf",
       "[Layout]\nDefault=preserve\nNeeds=FMAP;COREBOOT\n[Regions]\nSI_ME=preserve\n");
  put (f, "two.conf",
       "[Layout]\nDefault=preserve\nNeeds=FMAP;COREBOOT;FW_MAIN_A\n[Regions]\nSI_ME=never\n");
  put (f, "all.conf", "[Layout]\nDefault=update\n[Regions]\nSI_GBE=never\n");
  put (f, "README", "not a layout");
  layout = load_auto (f, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (qfu_layout_name (qfu_layout_pick (layout, one, &error)), ==, "one");
  g_assert_cmpstr (qfu_layout_name (qfu_layout_pick (layout, two, &error)), ==, "two");
  g_assert_no_error (error);
  /* before the map is known the strictest of those that can be picked counts */
  g_assert_cmpint (qfu_layout_rule (layout, "SI_ME"), ==, QFU_RULE_NEVER);
  g_assert_cmpint (qfu_layout_rule (layout, "SI_GBE"), ==, QFU_RULE_PRESERVE);
  g_assert_null (qfu_layout_pick (layout, none, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
}

static void
test_auto_tie (Folder *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = NULL;
  g_autoptr (QfuRom) rom = LAYOUT_ROM (plain);

  put (f, "b.conf", "[Layout]\nDefault=preserve\nNeeds=FMAP\n");
  put (f, "a.conf", "[Layout]\nDefault=preserve\nNeeds=COREBOOT\n");
  layout = load_auto (f, &error);
  g_assert_no_error (error);
  g_assert_null (qfu_layout_pick (layout, rom, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "a and b fit"));
}

/* A broken file could be the one that fits. */
static void
test_auto_broken (Folder *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = NULL;

  put (f, "good.conf", "[Layout]\nDefault=preserve\nNeeds=FMAP\n");
  put (f, "bad.conf", "[Layout]\nDefault=perhaps\n");
  layout = load_auto (f, &error);
  g_assert_null (layout);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "bad.conf"));
}

static void
test_bad_files (void)
{
  static const struct {
    const char *text;
    const char *word;
  } rows[] = {
      {"", "Default"},
      {"[Layout]\n[Regions]\nCOREBOOT=update\n", "Default"},
      {"[Layout]\nDefault=keep\n", "must-equal"},
      {HEAD "COREBOOT=Update\n", "COREBOOT=Update"},
      {HEAD "COREBOOT=\n", "COREBOOT="},
      {"[Layout]\nDefault=preserve\n[Region]\nCOREBOOT=update\n", "[Region]"},
      {"[Layout]\nDefault=preserve\nSize=1\n", "Size"},
      {"[Layout]\nDefault=preserve\nOutside=must-equal\n", "Outside"},
      {"[Layout]\nDefault=preserve\nOutside=\n", "Outside"},
      {"[Layout]\nDefault=preserve\nOrder=A;B,A\n", "Order"},
      {"[Layout]\nDefault=preserve\nOrder=A,,B\n", "Order"},
      {"not a key file", "read"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuLayout) layout = layout_of_text (rows[i].text, &error);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_null (layout);
    g_assert_nonnull (strstr (error->message, rows[i].word));
  }
}

static void
test_names (void)
{
  static const char *const names[] = {"", "../x", "a/b", "absent", QFU_LAYOUT_AUTO};
  QfuConfig config = {.layouts = (char *)"/nonexistent"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuLayout) layout = qfu_layout_load (&config, names[i], &error);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_null (layout);
  }
}

/* The layouts that are shipped can be read. */
static void
test_shipped (void)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("QFU_SOURCE_ROOT"), "data", "layouts", NULL);
  QfuConfig config = {.layouts = folder};
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;
  guint n = 0;

  g_assert_nonnull (dir);
  for (; (file = g_dir_read_name (dir)) != NULL; n++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *name = g_strndup (file, strlen (file) - strlen (".conf"));
    g_autoptr (QfuLayout) layout = qfu_layout_load (&config, name, &error);

    g_assert_no_error (error);
    g_assert_nonnull (layout);
  }
  g_assert_cmpuint (n, >, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/layout/rules", test_rules);
  g_test_add_func ("/layout/order", test_order);
  g_test_add_func ("/layout/no-window", test_no_window);
  g_test_add_func ("/layout/needs", test_needs);
  g_test_add ("/layout/auto", Folder, NULL, set_up, test_auto, tear_down);
  g_test_add ("/layout/auto-tie", Folder, NULL, set_up, test_auto_tie, tear_down);
  g_test_add ("/layout/auto-broken", Folder, NULL, set_up, test_auto_broken, tear_down);
  g_test_add_func ("/layout/bad-files", test_bad_files);
  g_test_add_func ("/layout/names", test_names);
  g_test_add_func ("/layout/shipped", test_shipped);
  return g_test_run ();
}
