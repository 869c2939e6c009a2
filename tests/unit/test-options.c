/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-options.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static QfuOptions *
parse (const char *line, GError **error)
{
  g_autofree char *whole = g_strconcat ("qubes-fwupdmgr ", line, NULL);
  g_auto (GStrv) words = g_strsplit (g_strchomp (whole), " ", -1);

  return qfu_options_parse (words, error);
}

static void
test_anywhere (void)
{
  const char *const lines[] = {"--device=one -y update first second --json",
                               "-y --device one update --json first second",
                               "update first second --json --assume-yes --device=one",
                               "update --device one -y --json first -- second"};

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuOptions) options = parse (lines[i], &error);

    g_assert_no_error (error);
    g_assert_cmpstr (options->verb, ==, "update");
    g_assert_cmpstr (options->arguments[0], ==, "first");
    g_assert_cmpstr (options->arguments[1], ==, "second");
    g_assert_null (options->arguments[2]);
    g_assert_cmpstr (options->device, ==, "one");
    g_assert_true (options->json);
    g_assert_true (options->yes);
    g_assert_false (options->help);
  }
}

/* Behind -- nothing is an option, and the value of one is none either. */
static void
test_end_of_options (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuOptions) options = parse ("verify --keys --jsno -- --json", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (options->verb, ==, "verify");
  g_assert_cmpstr (options->keys, ==, "--jsno");
  g_assert_cmpstr (options->arguments[0], ==, "--json");
  g_assert_false (options->json);
}

static void
test_nothing (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuOptions) options = parse ("", &error);

  g_assert_no_error (error);
  g_assert_null (options->verb);
  g_assert_null (options->arguments[0]);
  g_assert_null (qfu_options_stray (options, 0));
}

static void
test_refused (void)
{
  const char *const rows[][2] = {
      {"update --forec", "there is no option --forec; did you mean --force? See "},
      {"update --frobnicate", "there is no option --frobnicate. See "},
      {"update --divice=x", "there is no option --divice; did you mean --device? See "},
      {"update --json=no", "--json takes no value. See "},
      {"make-manifest --format=xml", "--format is json or corim, not xml. See "},
      {"make-manifest --format json|corim", "--format is json or corim, not json|corim. See "},
      {"update --device", "--device"}, /* GOption's own words */
      {"update -q", "-q"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (parse (rows[i][0], &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, rows[i][1]));
    g_assert_true (g_str_has_suffix (error->message, "See qubes-fwupdmgr --help"));
  }
}

/* An option that a verb does not take is named, whatever its kind. */
static void
test_stray (void)
{
  const struct {
    const char *line;
    guint takes;
    const char *stray;
  } rows[] = {
      {"x --json --verbose", 0, NULL},
      {"x --learn", 0, "learn"},
      {"x --learn", QFU_OPTION_LEARN, NULL},
      {"x --device=", 0, "device"},
      {"x --device=a", QFU_OPTION_DEVICE, NULL},
      {"x --secrets a --secrets b", QFU_OPTION_DEVICE, "secrets"},
      {"x --secrets a --secrets b", QFU_OPTION_SECRETS, NULL},
      {"x --force", QFU_OPTION_WRITE, "force"},
      {"x --force --backup-to d", QFU_OPTION_WRITE | QFU_OPTION_FORCE, NULL},
      {"x --ignore-postquantum", QFU_OPTION_URL, "ignore-postquantum"},
      {"x --out a", QFU_OPTION_MAKE, NULL}, /* one of two bits */
      {"x --out a", QFU_OPTION_ATTESTER, NULL},
      {"x --out a", QFU_OPTION_VERIFIER, "out"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuOptions) options = parse (rows[i].line, NULL);

    g_assert_nonnull (options);
    g_assert_cmpstr (qfu_options_stray (options, rows[i].takes), ==, rows[i].stray);
  }
}

static void
test_rows (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean letters[128] = {FALSE};
  gsize n_rows;
  const QfuOptionRow *rows = qfu_option_rows (&n_rows);

  for (gsize i = 0; i < n_rows; i++) {
    g_assert_true (g_hash_table_add (names, (gpointer)rows[i].name));
    g_assert_false (rows[i].letter != 0 && letters[(guchar)rows[i].letter]);
    letters[(guchar)rows[i].letter] = TRUE;
    g_assert_cmpint (rows[i].argument == NULL, ==, rows[i].kind == G_OPTION_ARG_NONE);
    g_assert_null (strchr (rows[i].name, ':'));
    g_assert_null (rows[i].argument == NULL ? NULL : strchr (rows[i].argument, ':'));
    g_assert_false (g_str_has_suffix (rows[i].help, "."));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/options/anywhere", test_anywhere);
  g_test_add_func ("/options/end", test_end_of_options);
  g_test_add_func ("/options/nothing", test_nothing);
  g_test_add_func ("/options/refused", test_refused);
  g_test_add_func ("/options/stray", test_stray);
  g_test_add_func ("/options/rows", test_rows);
  return g_test_run ();
}
