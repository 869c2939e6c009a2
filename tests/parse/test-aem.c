/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "limit.h"

#include <string.h>

static const struct {
  const char *text;
  const char *frames;
} good[] = {
    {"sha256:13,17,18,19\n", "SECRET KIND=3 SELECTION=47245565952\n"},
    {"sha1:0", "SECRET KIND=3 SELECTION=17179869185\n"},
    {" SHA256:0,2 + 0xC:23 \n\n", "SECRET KIND=3 SELECTION=47244640261 SELECTION=51547996160\n"},
};

static const char *const bad[] = {
    "",           "\n",
    "sha256",     "sha256:",
    "sha256:all", "sha256:24",
    "sha256:-1",  "md5:0",
    ":0",         "sha256:0+",
    "+sha256:0",  "sha256:0 2",
    "sha256:0,",  "sha256:0\nsha1:0",
    "\xff:0",     "sha256:0\x1b[2J",
};

static void
test_good (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (QfuCollected) out = qfu_collect ("aem", NULL, good[i].text, strlen (good[i].text));

    g_assert_no_error (out->error);
    g_assert_cmpstr (out->text, ==, good[i].frames);
  }
}

static void
test_bad (void)
{
  g_autoptr (QfuCollected) nul = qfu_collect ("aem", NULL, "sha256:0\0,1", 11);

  g_assert_error (nul->error, QFU_ERROR, QFU_ERROR_FORMAT);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (QfuCollected) out = qfu_collect ("aem", NULL, bad[i], strlen (bad[i]));

    g_test_message ("%s", bad[i]);
    g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_cmpstr (out->text, ==, "");
  }
}

static GBytes *
make_size (guint64 n)
{
  char *text = limit_repeat ("sha256:0", "\n", "", n - strlen ("sha256:0"), "");

  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_banks (guint64 n)
{
  char *text = limit_repeat ("", "sha256:0", "+", n, "");

  return g_bytes_new_take (text, strlen (text));
}

static const LimitCase limits[] = {
    {"/aem/limit/size", QFU_AEM_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/aem/limit/banks", QFU_SECRET_SELECTIONS_MAX, make_banks, QFU_ERROR_LIMIT},
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("aem", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/aem/good", test_good);
  g_test_add_func ("/aem/bad", test_bad);
  return g_test_run ();
}
