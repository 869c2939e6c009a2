/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-heads.h"

#include "qfu-error.h"

#include <string.h>

#define HEADS "heads"
#define BLANKS " \t"
#define LISTED 40 /* boards in a message */

/* What stands before the version: the brand and how its tags begin. */
static const char *const prefixes[] = {"heads-v", "heads-", "pureboot-release-", "pureboot-"};

/* How distributions of coreboot say it that have versions of their own. */
static const char marked[] = "(coreboot+heads)";

/* git describe: TAG[-COMMITS-gHASH][-dirty]; the commits become one more number. */
static char *
described_version (const char *text)
{
  gsize length;
  g_autofree char *tag = NULL;
  char *end = NULL;
  guint64 commits;

  if (g_ascii_tolower (text[0]) == 'v')
    text++;
  length = strspn (text, G_CSET_DIGITS ".");
  while (length > 0 && text[length - 1] == '.')
    length--;
  if (length == 0 || text[0] == '.' || (text[length] != '\0' && text[length] != '-'))
    return NULL;
  tag = g_strndup (text, length);
  if (text[length] != '-' || !g_ascii_isdigit (text[length + 1]))
    return g_steal_pointer (&tag);
  commits = g_ascii_strtoull (text + length + 1, &end, 10);
  if (!g_str_has_prefix (end, "-g"))
    return g_steal_pointer (&tag);
  return g_strdup_printf ("%s.%" G_GUINT64_FORMAT, tag, commits);
}

/* Whether a word of a BIOS version is Heads'. */
static gboolean
word_runs (const char *word, char **version)
{
  g_autofree char *lower = g_ascii_strdown (word, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++) {
    if (!g_str_has_prefix (lower, prefixes[i]))
      continue;
    *version = described_version (lower + strlen (prefixes[i]));
    return TRUE;
  }
  return strcmp (lower, HEADS) == 0;
}

gboolean
qfu_heads_runs (const char *bios_version, char **version)
{
  g_auto (GStrv) words = g_strsplit_set (bios_version == NULL ? "" : bios_version, BLANKS, -1);

  *version = NULL;
  for (gsize i = 0; words[i] != NULL; i++) {
    if (word_runs (words[i], version))
      return TRUE;
    if (g_ascii_strcasecmp (words[i], marked) != 0)
      continue;
    if (words[i + 1] != NULL)
      *version = described_version (words[i + 1]);
    return TRUE;
  }
  return FALSE;
}

/* (transfer full): for comparing. */
static char *
folded (const char *name)
{
  return g_strdelimit (g_strstrip (g_ascii_strdown (name, -1)), "-_. ", '-');
}

char *
qfu_heads_board (const QfuComponent *component)
{
  g_auto (GStrv) parts = g_strsplit (component->id, ".", -1);
  g_autoptr (GString) board = g_string_new (NULL);
  guint n = g_strv_length (parts);
  guint first = 0;

  while (first < n && g_ascii_strcasecmp (parts[first], HEADS) != 0)
    first++;
  if (n > first && g_ascii_strcasecmp (parts[n - 1], "firmware") == 0)
    n--;
  if (n > first && g_ascii_strcasecmp (parts[n - 1], "system") == 0)
    n--;
  for (guint i = first + 1; i < n; i++)
    g_string_append_printf (board, "%s%s", board->len > 0 ? "." : "", parts[i]);
  return board->len > 0 ? g_ascii_strdown (board->str, -1) : NULL;
}

static gboolean
is_heads (const QfuComponent *component)
{
  g_auto (GStrv) parts = g_strsplit (component->id, ".", -1);

  if (component->branch != NULL && g_ascii_strcasecmp (component->branch, HEADS) == 0)
    return TRUE;
  for (gsize i = 0; parts[i] != NULL; i++) {
    if (g_ascii_strcasecmp (parts[i], HEADS) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
same_name (const char *a, const char *b)
{
  g_autofree char *folded_a = folded (a);
  g_autofree char *folded_b = folded (b);

  return folded_a[0] != '\0' && strcmp (folded_a, folded_b) == 0;
}

/* As SMBIOS has it, or without the word that all models of a series begin with. */
static gboolean
names_board (const char *name, const char *board)
{
  const char *blank = name == NULL ? NULL : strchr (name, ' ');

  return name != NULL && (same_name (name, board) || (blank != NULL && same_name (blank, board)));
}

static gboolean
has_guid (const QfuComponent *component, const char *wanted)
{
  g_autofree char *lower = g_ascii_strdown (wanted, -1);

  return g_strv_contains ((const char *const *)component->guids, lower);
}

static gboolean
on_hardware (const QfuComponent *component, const char *const *hardware)
{
  for (gsize i = 0; hardware != NULL && hardware[i] != NULL; i++) {
    if (has_guid (component, hardware[i]))
      return TRUE;
  }
  return FALSE;
}

QfuHeadsReason
qfu_heads_match (const QfuComponent *component, const QfuHeadsMachine *machine)
{
  g_autofree char *board = qfu_heads_board (component);

  if (!is_heads (component))
    return QFU_HEADS_NOT_FOR;
  if (machine->wanted != NULL)
    return strcmp (component->id, machine->wanted) == 0 || has_guid (component, machine->wanted) ||
                   (board != NULL && same_name (machine->wanted, board))
               ? QFU_HEADS_BY_WORD
               : QFU_HEADS_NOT_FOR;
  if (on_hardware (component, machine->hardware))
    return QFU_HEADS_BY_HARDWARE;
  if (board == NULL)
    return QFU_HEADS_NOT_FOR;
  if (names_board (machine->product, board))
    return QFU_HEADS_BY_PRODUCT;
  return names_board (machine->family, board) ? QFU_HEADS_BY_FAMILY : QFU_HEADS_NOT_FOR;
}

static void
add_once (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

/* (transfer full): for a message. */
static char *
listed (GPtrArray *names)
{
  guint rest = names->len > LISTED ? names->len - LISTED : 0;
  g_autofree char *joined = NULL;

  if (rest > 0)
    g_ptr_array_set_size (names, LISTED);
  g_ptr_array_add (names, NULL);
  joined = g_strjoinv (", ", (char **)names->pdata);
  return rest > 0 ? g_strdup_printf ("%s and %u more", joined, rest) : g_steal_pointer (&joined);
}

static void
say_none (const GPtrArray *components, const QfuHeadsMachine *machine, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  for (guint i = 0; i < components->len; i++) {
    const QfuComponent *component = g_ptr_array_index (components, i);
    g_autofree char *board = qfu_heads_board (component);

    if (is_heads (component))
      add_once (names, board == NULL ? component->id : board);
  }
  if (names->len == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING,
                         "the metadata have no firmware with Heads");
    return;
  }
  text = listed (names);
  if (machine->wanted != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING,
                 "the metadata have no firmware with Heads for %s; they have it for %s",
                 machine->wanted, text);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING,
                 "the metadata have no firmware with Heads for this machine (SMBIOS product '%s', "
                 "family '%s'); they have it for %s. `update-heads BOARD` names one",
                 machine->product == NULL ? "" : machine->product,
                 machine->family == NULL ? "" : machine->family, text);
}

const QfuComponent *
qfu_heads_choose (const GPtrArray *components,
                  const QfuHeadsMachine *machine,
                  QfuHeadsReason *reason,
                  GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const QfuComponent *found = NULL;
  QfuHeadsReason best = QFU_HEADS_NOT_FOR;
  g_autofree char *text = NULL;

  for (guint i = 0; i < components->len; i++)
    best = MAX (best, qfu_heads_match (g_ptr_array_index (components, i), machine));
  for (guint i = 0; best != QFU_HEADS_NOT_FOR && i < components->len; i++) {
    const QfuComponent *component = g_ptr_array_index (components, i);

    if (qfu_heads_match (component, machine) != best)
      continue;
    add_once (ids, component->id);
    if (found == NULL || found->broken != NULL)
      found = component;
  }
  if (found == NULL) {
    say_none (components, machine, error);
    return NULL;
  }
  if (ids->len > 1) {
    text = listed (ids);
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "several kinds of firmware are for this board: %s; `update-heads` takes one of "
                 "these names",
                 text);
    return NULL;
  }
  if (found->broken != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s: what the metadata say of it cannot be used: %s", found->id, found->broken);
    return NULL;
  }
  if (reason != NULL)
    *reason = best;
  return found;
}

const char *
qfu_heads_reason_text (QfuHeadsReason reason)
{
  static const char *const texts[] = {
      [QFU_HEADS_NOT_FOR] = "not for this machine",
      [QFU_HEADS_BY_WORD] = "named by you",
      [QFU_HEADS_BY_FAMILY] = "found by the model that SMBIOS names",
      [QFU_HEADS_BY_PRODUCT] = "found by the product name that Heads wrote into SMBIOS",
      [QFU_HEADS_BY_HARDWARE] = "found by this machine's hardware ids",
  };

  return texts[reason];
}
