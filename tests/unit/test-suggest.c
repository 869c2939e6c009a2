/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-suggest.h"
#include "testconfig.h"

static const char *const verbs[] = {"refresh",       "get-updates", "get-devices", "get-remotes",
                                    "update",        "downgrade",   "install",     "status",
                                    "make-manifest", NULL};

static void
test_meant (void)
{
  const char *const pairs[][2] = {
      {"updaet", "update"},           /* exchanged */
      {"pudate", "update"},           /* exchanged at the front */
      {"updae", "update"},            /* left out */
      {"uppdate", "update"},          /* added */
      {"ubdate", "update"},           /* changed */
      {"get-device", "get-devices"},  /* of three that begin alike */
      {"get-udpates", "get-updates"}, /* not get-remotes */
      {"refrehs", "refresh"},
      {"insatll", "install"},
      {"stat", "status"},        /* begins it */
      {"make", "make-manifest"}, /* begins it, and nothing is near */
      {"update", "update"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_cmpstr (qfu_suggest (pairs[i][0], verbs), ==, pairs[i][1]);
}

static void
test_not_meant (void)
{
  const char *const words[] = {
      "", "u", "get-", "get", "xyzzy", "upgrade", "firmware", "gte-xxxxxxx",
  };
  g_autofree char *longest = g_strnfill (32, 'a');
  g_autofree char *longer = g_strnfill (33, 'a');
  const char *const known[] = {longer, longest, NULL};

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_null (qfu_suggest (words[i], verbs));
  g_assert_cmpstr (qfu_suggest (longest, known), ==, longest);
  g_assert_null (qfu_suggest (longer, known));
  g_assert_null (qfu_suggest ("word", verbs + G_N_ELEMENTS (verbs) - 1));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/suggest/meant", test_meant);
  g_test_add_func ("/suggest/not-meant", test_not_meant);
  return g_test_run ();
}
