/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-options.h"

#include <string.h>

#define NUMBERS_MAX 3

/* Texts of options that are more than a text. */
typedef struct {
  char *cut;
  char *shortened;
  char *status;
  char *capacity;
  char **writers;
  char **protected;
  char **unerasable;
  char **unprogrammable;
  char **unsteady;
  char **closed;
  int seed;
  int busy;
} Texts;

static gboolean
bad (const char *option, const char *text, GError **error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s %s: see nor-emulator.c",
               option, text);
  return FALSE;
}

/* Numbers that ':' separates, at least @least of them; the others are 0. */
static gboolean
parse_numbers (
    const char *option, const char *text, guint least, guint base, guint64 *numbers, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ":", -1);
  guint n = g_strv_length (words);

  if (n < least || n > NUMBERS_MAX)
    return bad (option, text, error);
  for (guint i = 0; i < NUMBERS_MAX; i++) {
    char *end = NULL;

    numbers[i] = i < n ? g_ascii_strtoull (words[i], &end, base) : 0;
    if (i < n && (!g_ascii_isxdigit (words[i][0]) || *end != '\0'))
      return bad (option, text, error);
  }
  return TRUE;
}

static gboolean
parse_areas (const char *option, char **texts, GArray *areas, GError **error)
{
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++) {
    guint64 n[NUMBERS_MAX];
    NorArea area;

    if (!parse_numbers (option, texts[i], 2, 0, n, error))
      return FALSE;
    area = (NorArea){n[0], n[1], n[2]};
    g_array_append_val (areas, area);
  }
  return TRUE;
}

static gboolean
parse_pins (const Texts *texts, NorPins *pins, GError **error)
{
  guint64 n[NUMBERS_MAX] = {0};

  if (texts->status != NULL && !parse_numbers ("status", texts->status, 1, 16, n, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (pins->status); i++)
    pins->status[i] = (guint8)n[i];
  n[0] = 0;
  if (texts->capacity != NULL && !parse_numbers ("capacity", texts->capacity, 1, 16, n, error))
    return FALSE;
  pins->capacity = (guint8)n[0];
  pins->busy = (guint)MAX (0, texts->busy);
  return parse_areas ("closed", texts->closed, pins->closed, error);
}

static gboolean
parse_faults (const Texts *texts, NorFaults *faults, GError **error)
{
  guint64 cut[NUMBERS_MAX] = {0};
  guint64 shortened[NUMBERS_MAX] = {0};

  if ((texts->cut != NULL && !parse_numbers ("cut", texts->cut, 2, 0, cut, error)) ||
      (texts->shortened != NULL &&
       !parse_numbers ("short", texts->shortened, 2, 0, shortened, error)))
    return FALSE;
  faults->cut = cut[0];
  faults->cut_at = cut[1];
  faults->shortened = shortened[0];
  faults->shortened_to = shortened[1];
  faults->seed = (guint32)texts->seed;
  return parse_areas ("protect", texts->protected, faults->protected, error) &&
         parse_areas ("fail-erase", texts->unerasable, faults->unerasable, error) &&
         parse_areas ("fail-program", texts->unprogrammable, faults->unprogrammable, error) &&
         parse_areas ("unsteady", texts->unsteady, faults->unsteady, error);
}

static gboolean
parse_writers (char **texts, GArray *writers, GError **error)
{
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++) {
    guint64 n[NUMBERS_MAX];
    int pid;

    if (!parse_numbers ("kill", texts[i], 1, 10, n, error))
      return FALSE;
    pid = (int)n[0];
    g_array_append_val (writers, pid);
  }
  return TRUE;
}

static void
texts_clear (Texts *texts)
{
  g_free (texts->cut);
  g_free (texts->shortened);
  g_free (texts->status);
  g_free (texts->capacity);
  g_strfreev (texts->writers);
  g_strfreev (texts->protected);
  g_strfreev (texts->unerasable);
  g_strfreev (texts->unprogrammable);
  g_strfreev (texts->unsteady);
  g_strfreev (texts->closed);
}

static gboolean
parse_line (NorOptions *options, Texts *texts, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
      {"port", 0, 0, G_OPTION_ARG_INT, &options->port, "listen there", "N"},
      {"listen", 0, 0, G_OPTION_ARG_INT, &options->listen, "a listening socket", "FD"},
      {"ready", 0, 0, G_OPTION_ARG_INT, &options->ready, "gets the port", "FD"},
      {"counts", 0, 0, G_OPTION_ARG_FILENAME, &options->counts, "counts as JSON", "FILE"},
      {"log", 0, 0, G_OPTION_ARG_FILENAME, &options->log, "a line an operation", "FILE"},
      {"cut", 0, 0, G_OPTION_ARG_STRING, &texts->cut, "the power goes", "OPERATION:AT"},
      {"scattered", 0, 0, G_OPTION_ARG_NONE, &options->faults.scattered, "all at once", NULL},
      {"seed", 0, 0, G_OPTION_ARG_INT, &texts->seed, "of what is random", "N"},
      {"kill", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts->writers, "dies at the cut", "PID"},
      {"survive", 0, 0, G_OPTION_ARG_NONE, &options->survive, "only writers die", NULL},
      {"short", 0, 0, G_OPTION_ARG_STRING, &texts->shortened, "ends early", "OPERATION:BYTES"},
      {"protect", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts->protected, "stays", "AREA"},
      {"fail-erase", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts->unerasable, "worn", "AREA"},
      {"fail-program", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts->unprogrammable, "worn", "AREA"},
      {"unsteady", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts->unsteady, "reads wrong", "AREA"},
      {"closed", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts->closed, "refused", "AREA"},
      {"status", 0, 0, G_OPTION_ARG_STRING, &texts->status, "registers, in hex", "S1[:S2[:S3]]"},
      {"wp-low", 0, 0, G_OPTION_ARG_NONE, &options->pins.write_protected, "pin /WP", NULL},
      {"capacity", 0, 0, G_OPTION_ARG_STRING, &texts->capacity, "of another chip", "HEX"},
      {"busy", 0, 0, G_OPTION_ARG_INT, &texts->busy, "readings until done", "N"},
      {NULL}};
  g_autoptr (GOptionContext) context = g_option_context_new ("IMAGE [-- COMMAND…]");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  return g_option_context_parse (context, argc, argv, error);
}

/* What is left of the command line. */
static gboolean
parse_rest (NorOptions *options, int argc, char **argv, GError **error)
{
  int next = argc > 1 && strcmp (argv[1], "--") == 0 ? 2 : 1;

  if (argc <= next) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "IMAGE is missing");
    return FALSE;
  }
  options->image = g_strdup (argv[next++]);
  if (next < argc && strcmp (argv[next], "--") == 0)
    next++;
  if (next < argc)
    options->command = g_strdupv (argv + next);
  return TRUE;
}

static GArray *
areas_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (NorArea));
}

NorOptions *
nor_options_parse (int argc, char **argv, GError **error)
{
  g_autoptr (NorOptions) options = g_new0 (NorOptions, 1);
  Texts texts = {.seed = 1, .busy = 1};
  gboolean good;

  options->listen = -1;
  options->ready = -1;
  options->pins.log = -1;
  options->writers = g_array_new (FALSE, FALSE, sizeof (int));
  options->faults.protected = areas_new ();
  options->faults.unerasable = areas_new ();
  options->faults.unprogrammable = areas_new ();
  options->faults.unsteady = areas_new ();
  options->pins.closed = areas_new ();
  good = parse_line (options, &texts, &argc, &argv, error) &&
         parse_rest (options, argc, argv, error) && parse_pins (&texts, &options->pins, error) &&
         parse_faults (&texts, &options->faults, error) &&
         parse_writers (texts.writers, options->writers, error);
  texts_clear (&texts);
  /* whoever goes on after the cut has had power for the whole operation */
  if (options->survive)
    options->faults.cut_at = G_MAXUINT64;
  return good ? g_steal_pointer (&options) : NULL;
}

void
nor_options_free (NorOptions *options)
{
  g_free (options->image);
  g_strfreev (options->command);
  g_free (options->counts);
  g_free (options->log);
  g_array_unref (options->writers);
  g_array_unref (options->faults.protected);
  g_array_unref (options->faults.unerasable);
  g_array_unref (options->faults.unprogrammable);
  g_array_unref (options->faults.unsteady);
  g_array_unref (options->pins.closed);
  g_free (options);
}
