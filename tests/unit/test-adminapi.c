/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-adminapi.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "qubesd.h"
#include "testconfig.h"

#define NOBODY 65534

static char *path;

static char *
ask (const char *answer, gsize size, GError **error)
{
  Qubesd qubesd = {.path = path, .answer = answer, .size = size};
  char *value;

  qubesd_start (&qubesd);
  value = qfu_adminapi_ask (path, 10, "admin.vm.List+", "dom0", error);
  qubesd_stop (&qubesd);
  g_assert_cmpmem (qubesd.query, qubesd.query_size, "admin.vm.List+ dom0 name dom0",
                   sizeof "admin.vm.List+ dom0 name dom0");
  return value;
}

#define ANSWER(text) text, sizeof (text) - 1

static void
test_answers (void)
{
  static const struct {
    const char *answer;
    gsize size;
    const char *value;
    QfuError code;
  } cases[] = {
      {ANSWER ("0\0a b\nc"), "a b\nc", 0},
      {ANSWER ("0\0"), "", 0},
      {ANSWER (""), NULL, QFU_ERROR_REFUSED},
      {ANSWER ("2\0PermissionDenied\0\0no\0"), NULL, QFU_ERROR_REFUSED},
      {ANSWER ("0"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("2"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("1\0sys-usb\0event\0\0"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0a\0b"), NULL, QFU_ERROR_FORMAT},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *value = ask (cases[i].answer, cases[i].size, &error);

    g_assert_cmpstr (value, ==, cases[i].value);
    if (value == NULL)
      g_assert_error (error, QFU_ERROR, (int)cases[i].code);
  }
}

static void
test_limit (void)
{
  g_autofree char *answer = g_malloc (QFU_ADMINAPI_ANSWER_MAX + 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *value = NULL;

  memset (answer, 'x', QFU_ADMINAPI_ANSWER_MAX + 1);
  memcpy (answer, "0", 2);
  value = ask (answer, QFU_ADMINAPI_ANSWER_MAX, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (value), ==, QFU_ADMINAPI_ANSWER_MAX - 2);
  g_assert_null (ask (answer, QFU_ADMINAPI_ANSWER_MAX + 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

/* A qubesd that says a word and then nothing more. */
static void
test_silence (void)
{
  Qubesd qubesd = {.path = path, .answer = "0", .size = 2, .silent = TRUE};
  g_autoptr (GError) error = NULL;

  qubesd_start (&qubesd);
  g_assert_null (qfu_adminapi_ask (path, 1, "admin.vm.List+", "dom0", &error));
  qubesd_stop (&qubesd);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

static void
test_nobody (void)
{
  g_autofree char *longer = g_strnfill (200, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_adminapi_ask (path, 10, "admin.vm.List+", "dom0", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "outside of Qubes set [Transport] Type=exec"));
  g_clear_error (&error);
  g_assert_null (qfu_adminapi_ask (longer, 10, "admin.vm.List+", "dom0", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

/* Outside of Qubes there is no such socket: who may not use it is told so. */
static void
test_forbidden (void)
{
  Qubesd qubesd = {.path = path, .answer = "", .size = 0};
  g_autoptr (GError) error = NULL;

  if (geteuid () != 0) {
    g_test_skip ("root alone can be somebody else");
    return;
  }
  qubesd_start (&qubesd);
  g_assert_cmpint (seteuid (NOBODY), ==, 0);
  g_assert_null (qfu_adminapi_ask (path, 10, "admin.vm.List+", "dom0", &error));
  g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "the group qubes"));
  g_assert_null (strstr (error->message, "outside of Qubes"));
  g_free (qfu_adminapi_ask (path, 10, "admin.vm.List+", "dom0", NULL)); /* lets it end */
  qubesd_stop (&qubesd);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-adminapi-XXXXXX", NULL);
  int result;

  test_init (&argc, &argv);
  path = g_build_filename (folder, "sock", NULL);
  g_test_add_func ("/adminapi/answers", test_answers);
  g_test_add_func ("/adminapi/limit", test_limit);
  g_test_add_func ("/adminapi/silence", test_silence);
  g_test_add_func ("/adminapi/nobody", test_nobody);
  g_test_add_func ("/adminapi/forbidden", test_forbidden);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (path);
  return result;
}
