/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-layout.h"

#include "qfu-error.h"

#include <string.h>

#define SUFFIX ".conf"
#define LAST_DEFAULT "bootblock;BOOTBLOCK"

static const char *const rule_names[] = {
    [QFU_RULE_UPDATE] = "update",
    [QFU_RULE_PRESERVE] = "preserve",
    [QFU_RULE_MUST_EQUAL] = "must-equal",
    [QFU_RULE_NEVER] = "never",
};

struct _QfuLayout {
  char *name;
  char *path;
  QfuRegionRule fallback;
  QfuRegionRule outside;
  GHashTable *rules;  /* region name -> QfuRegionRule */
  GHashTable *steps;  /* region name -> number of the step, from 1 */
  GHashTable *window; /* region names; %NULL: everything */
  GHashTable *last;   /* names of regions and files */
  char **needs;
  GPtrArray *choices; /* QfuLayout; %NULL: this is one file */
};

void
qfu_layout_free (QfuLayout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->name);
  g_free (layout->path);
  g_clear_pointer (&layout->rules, g_hash_table_unref);
  g_clear_pointer (&layout->steps, g_hash_table_unref);
  g_clear_pointer (&layout->window, g_hash_table_unref);
  g_clear_pointer (&layout->last, g_hash_table_unref);
  g_strfreev (layout->needs);
  g_clear_pointer (&layout->choices, g_ptr_array_unref);
  g_free (layout);
}

static void
layout_free (gpointer layout)
{
  qfu_layout_free (layout);
}

static QfuLayout *
layout_new (const QfuConfig *config, const char *name)
{
  QfuLayout *layout = g_new0 (QfuLayout, 1);
  g_autofree char *base = g_strconcat (name, SUFFIX, NULL);

  layout->name = g_strdup (name);
  layout->path = g_build_filename (config->layouts, base, NULL);
  layout->fallback = QFU_RULE_PRESERVE;
  layout->outside = QFU_RULE_PRESERVE;
  layout->rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  layout->steps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return layout;
}

static gboolean
read_rule (const QfuLayout *layout,
           GKeyFile *file,
           const char *group,
           const char *key,
           QfuRegionRule *rule,
           GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, group, key, NULL);

  for (gsize i = QFU_RULE_UPDATE; value != NULL && i < G_N_ELEMENTS (rule_names); i++) {
    if (strcmp (value, rule_names[i]) == 0) {
      *rule = (QfuRegionRule)i;
      return TRUE;
    }
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s: [%s] %s=%s: update, preserve, must-equal or never is allowed", layout->path,
               group, key, value == NULL ? "" : value);
  return FALSE;
}

/* A misspelt group or key would leave regions to the default unnoticed. */
static gboolean
check_names (const QfuLayout *layout, GKeyFile *file, GError **error)
{
  static const char *const known_groups[] = {"Layout", "Regions", NULL};
  static const char *const known_keys[] = {"Description", "Default", "Outside", "Needs",
                                           "Order",       "Window",  "Last",    NULL};
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) names = g_key_file_get_keys (file, "Layout", NULL, NULL);

  for (gsize i = 0; groups[i] != NULL; i++) {
    if (g_strv_contains (known_groups, groups[i]))
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: there is no group [%s]; Layout and Regions are allowed", layout->path,
                 groups[i]);
    return FALSE;
  }
  for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
    g_autofree char *allowed = NULL;

    if (g_strv_contains (known_keys, names[i]))
      continue;
    allowed = g_strjoinv (", ", (char **)known_keys);
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Layout] %s: there is no such key; allowed are %s", layout->path, names[i],
                 allowed);
    return FALSE;
  }
  return TRUE;
}

/* (nullable): the names of a key, without blanks and empty ones; %NULL: the file has no such key.
 */
static char **
read_names (GKeyFile *file, const char *key, const char *separators)
{
  g_autofree char *value = g_key_file_get_string (file, "Layout", key, NULL);
  g_auto (GStrv) parts = value != NULL ? g_strsplit_set (value, separators, -1) : NULL;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (parts == NULL)
    return NULL;
  for (gsize i = 0; parts[i] != NULL; i++) {
    if (*g_strstrip (parts[i]) != '\0')
      g_strv_builder_add (names, parts[i]);
  }
  return g_strv_builder_end (names);
}

static GHashTable *
read_set (GKeyFile *file, const char *key, const char *fallback)
{
  GHashTable *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) names = read_names (file, key, ";");

  if (names == NULL && fallback != NULL)
    names = g_strsplit (fallback, ";", -1);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    g_hash_table_add (set, g_strdup (names[i]));
  return set;
}

static gboolean
read_order (QfuLayout *layout, GKeyFile *file, GError **error)
{
  g_auto (GStrv) steps = read_names (file, "Order", ";");

  for (guint i = 0; steps != NULL && steps[i] != NULL; i++) {
    g_auto (GStrv) names = g_strsplit (steps[i], ",", -1);

    for (gsize k = 0; names[k] != NULL; k++) {
      const char *name = g_strstrip (names[k]);

      if (name[0] != '\0' &&
          g_hash_table_insert (layout->steps, g_strdup (name), GUINT_TO_POINTER (i + 1)))
        continue;
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                   "%s: [Layout] Order: step %u names \"%s\": a region is named once", layout->path,
                   i + 1, name);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
read_outside (QfuLayout *layout, GKeyFile *file, GError **error)
{
  if (!g_key_file_has_key (file, "Layout", "Outside", NULL))
    return TRUE;
  if (!read_rule (layout, file, "Layout", "Outside", &layout->outside, error))
    return FALSE;
  if (layout->outside != QFU_RULE_MUST_EQUAL)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s: [Layout] Outside=must-equal: update, preserve or never is allowed",
               layout->path);
  return FALSE;
}

static gboolean
read_rules (QfuLayout *layout, GKeyFile *file, GError **error)
{
  g_auto (GStrv) names = g_key_file_get_keys (file, "Regions", NULL, NULL);

  if (!check_names (layout, file, error) ||
      !read_rule (layout, file, "Layout", "Default", &layout->fallback, error) ||
      !read_outside (layout, file, error) || !read_order (layout, file, error))
    return FALSE;
  for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
    QfuRegionRule rule;

    if (!read_rule (layout, file, "Regions", names[i], &rule, error))
      return FALSE;
    g_hash_table_insert (layout->rules, g_strdup (names[i]), GUINT_TO_POINTER (rule));
  }
  layout->needs = read_names (file, "Needs", ";");
  layout->last = read_set (file, "Last", LAST_DEFAULT);
  if (g_key_file_has_key (file, "Layout", "Window", NULL))
    layout->window = read_set (file, "Window", NULL);
  return TRUE;
}

static QfuLayout *
load_file (const QfuConfig *config, const char *name, GError **error)
{
  g_autoptr (QfuLayout) layout = layout_new (config, name);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local = NULL;

  if (!g_key_file_load_from_file (file, layout->path, G_KEY_FILE_NONE, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "layout %s cannot be read: %s", layout->path,
                 local->message);
    return NULL;
  }
  return read_rules (layout, file, error) ? g_steal_pointer (&layout) : NULL;
}

/* Takes over what is stricter in @choice. */
static void
add_choice (QfuLayout *layout, QfuLayout *choice)
{
  GHashTableIter iter;
  gpointer name;
  gpointer rule;

  g_hash_table_iter_init (&iter, choice->rules);
  while (g_hash_table_iter_next (&iter, &name, &rule)) {
    guint known = GPOINTER_TO_UINT (g_hash_table_lookup (layout->rules, name));

    if (GPOINTER_TO_UINT (rule) > known)
      g_hash_table_insert (layout->rules, g_strdup (name), rule);
  }
  layout->fallback = MAX (layout->fallback, choice->fallback);
  g_ptr_array_add (layout->choices, choice);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* (nullable) (element-type utf8): the layouts of the folder, in the order of their names. */
static GPtrArray *
list_files (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = g_dir_open (config->layouts, 0, &local);
  const char *file;

  if (folder == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "layouts in %s: %s", config->layouts,
                 local->message);
    return NULL;
  }
  while ((file = g_dir_read_name (folder)) != NULL) {
    if (g_str_has_suffix (file, SUFFIX))
      g_ptr_array_add (names, g_strndup (file, strlen (file) - strlen (SUFFIX)));
  }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static QfuLayout *
load_choices (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuLayout) layout = layout_new (config, QFU_LAYOUT_AUTO);
  g_autoptr (GPtrArray) names = list_files (config, error);

  layout->choices = g_ptr_array_new_with_free_func (layout_free);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    QfuLayout *choice = load_file (config, g_ptr_array_index (names, i), error);

    if (choice == NULL)
      return NULL;
    if (choice->needs != NULL && choice->needs[0] != NULL)
      add_choice (layout, choice);
    else
      qfu_layout_free (choice);
  }
  return names != NULL ? g_steal_pointer (&layout) : NULL;
}

QfuLayout *
qfu_layout_load (const QfuConfig *config, const char *name, GError **error)
{
  if (name[0] == '\0' || strchr (name, '/') != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "\"%s\" is not the name of a layout", name);
    return NULL;
  }
  if (strcmp (name, QFU_LAYOUT_AUTO) == 0)
    return load_choices (config, error);
  return load_file (config, name, error);
}

/* (nullable): the first region that the layout needs and the chip lacks. */
static const char *
missing_region (const QfuLayout *layout, const QfuRom *rom)
{
  for (gsize i = 0; layout->needs != NULL && layout->needs[i] != NULL; i++) {
    if (qfu_rom_region (rom, layout->needs[i]) == NULL)
      return layout->needs[i];
  }
  return NULL;
}

const QfuLayout *
qfu_layout_pick (const QfuLayout *layout, const QfuRom *rom, GError **error)
{
  const char *missing = missing_region (layout, rom);
  const QfuLayout *best = NULL;
  const QfuLayout *rival = NULL;

  if (missing != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "layout %s needs region %s, which the chip does not have", layout->name, missing);
    return NULL;
  }
  if (layout->choices == NULL)
    return layout;
  for (guint i = 0; i < layout->choices->len; i++) {
    const QfuLayout *choice = g_ptr_array_index (layout->choices, i);
    guint needs = g_strv_length (choice->needs);
    guint most = best != NULL ? g_strv_length (best->needs) : 0;

    if (missing_region (choice, rom) != NULL || needs < most)
      continue;
    rival = needs == most ? best : NULL;
    best = choice;
  }
  if (best == NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED,
                         "no layout fits the regions of this chip; name one in [Chip] Layout");
  else if (rival != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "layouts %s and %s fit this chip equally; name one in [Chip] Layout", rival->name,
                 best->name);
  return rival == NULL ? best : NULL;
}

const char *
qfu_layout_name (const QfuLayout *layout)
{
  return layout->name;
}

QfuRegionRule
qfu_layout_rule (const QfuLayout *layout, const char *region)
{
  guint listed = GPOINTER_TO_UINT (g_hash_table_lookup (layout->rules, region));

  return listed != 0 ? (QfuRegionRule)listed : layout->fallback;
}

gboolean
qfu_layout_lists (const QfuLayout *layout, const char *region)
{
  return g_hash_table_contains (layout->rules, region);
}

QfuRegionRule
qfu_layout_outside (const QfuLayout *layout)
{
  return layout->outside;
}

guint
qfu_layout_step (const QfuLayout *layout, const char *region)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (layout->steps, region));
}

gboolean
qfu_layout_window (const QfuLayout *layout, const char *region)
{
  return layout->window == NULL ||
         (region != NULL && g_hash_table_contains (layout->window, region));
}

gboolean
qfu_layout_last (const QfuLayout *layout, const char *name)
{
  return g_hash_table_contains (layout->last, name);
}
