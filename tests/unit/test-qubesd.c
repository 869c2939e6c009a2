/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-qubesd.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <glib/gstdio.h>
#include <string.h>

#include "qubesd.h"
#include "testconfig.h"

static char *path;

static void
test_names (void)
{
  static const char *const good[] = {"sys-net", "a", "Sys_firewall.2",
                                     "abcdefghijklmnopqrstuvwxyz01234"};
  static const char *const bad[] = {"",
                                    "dom0",
                                    "-d",
                                    "1vm",
                                    "a b",
                                    "a\n",
                                    "a/b",
                                    "a;b",
                                    "@default",
                                    "_x",
                                    ".vm",
                                    "a\xc3",
                                    "abcdefghijklmnopqrstuvwxyz012345"};

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (qfu_qubesd_vm_name_ok (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (qfu_qubesd_vm_name_ok (bad[i]));
}

#define ANSWER(text) text, sizeof (text) - 1

static void
test_answers (void)
{
  static const struct {
    const char *answer;
    gsize size;
    const char *name;
    QfuError code;
  } cases[] = {
      {ANSWER ("0\0default=False type=vm sys-net"), "sys-net", 0},
      {ANSWER ("0\0default=True type=vm sys-whonix"), "sys-whonix", 0},
      {ANSWER ("0\0default=True type=vm "), NULL, QFU_ERROR_NOT_FOUND},
      {ANSWER (""), NULL, QFU_ERROR_REFUSED},
      {ANSWER ("2\0QubesNoSuchPropertyError\0\0no %s\0x\0"), NULL, QFU_ERROR_REFUSED},
      {ANSWER ("2"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("1\0default=False type=vm sys-net"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0 default=False type=vm sys-net"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0default=False type=str sys-net"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0type=vm sys-net"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0default=False type=vm sys-net\0x"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0default=False type=vm dom0"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0default=False type=vm -rm"), NULL, QFU_ERROR_FORMAT},
      {ANSWER ("0\0default=False type=vm a b"), NULL, QFU_ERROR_FORMAT},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Qubesd qubesd = {.path = path, .answer = cases[i].answer, .size = cases[i].size};
    g_autoptr (GError) error = NULL;
    g_autofree char *name = NULL;

    qubesd_start (&qubesd);
    name = qfu_qubesd_update_vm (path, 10, &error);
    qubesd_stop (&qubesd);
    g_assert_cmpstr (name, ==, cases[i].name);
    if (name == NULL)
      g_assert_error (error, QFU_ERROR, (int)cases[i].code);
    g_assert_cmpmem (qubesd.query, qubesd.query_size, "admin.property.Get+updatevm dom0 name dom0",
                     sizeof "admin.property.Get+updatevm dom0 name dom0");
  }
}

#define STATE "mem=4096000 mem_static_max=4096000 cputime=100 power_state="
#define NO_ERROR ((QfuError)0)

static void
test_running (void)
{
  static const struct {
    const char *answer;
    gsize size;
    gboolean running;
    QfuError code;
  } cases[] = {
      {ANSWER ("0\0" STATE "Running"), TRUE, NO_ERROR},
      {ANSWER ("0\0" STATE "Running\n"), TRUE, NO_ERROR},
      {ANSWER ("0\0power_state=Running mem=1"), TRUE, NO_ERROR},
      {ANSWER ("0\0" STATE "Halted"), FALSE, NO_ERROR},
      {ANSWER ("0\0" STATE "Transient"), FALSE, NO_ERROR},
      {ANSWER ("0\0" STATE "Paused"), FALSE, NO_ERROR},
      {ANSWER ("0\0" STATE "RunningLate"), FALSE, NO_ERROR},
      {ANSWER ("0\0mem=0 cputime=0"), FALSE, QFU_ERROR_FORMAT},
      {ANSWER ("0\0xpower_state=Running"), FALSE, QFU_ERROR_FORMAT},
      {ANSWER ("0\0" STATE "Running\0x"), FALSE, QFU_ERROR_FORMAT},
      {ANSWER ("0"), FALSE, QFU_ERROR_FORMAT},
      {ANSWER ("1\0" STATE "Running"), FALSE, QFU_ERROR_FORMAT},
      {ANSWER (""), FALSE, QFU_ERROR_REFUSED},
      {ANSWER ("2\0QubesVMNotFoundError\0\0no %s\0x\0"), FALSE, QFU_ERROR_REFUSED},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Qubesd qubesd = {.path = path, .answer = cases[i].answer, .size = cases[i].size};
    g_autoptr (GError) error = NULL;
    gboolean running = FALSE;

    qubesd_start (&qubesd);
    g_assert_true (qfu_qubesd_running (path, "sys-net", 10, &running, &error) ==
                   (cases[i].code == NO_ERROR));
    qubesd_stop (&qubesd);
    g_assert_true (running == cases[i].running);
    if (cases[i].code != NO_ERROR)
      g_assert_error (error, QFU_ERROR, (int)cases[i].code);
    g_assert_cmpmem (qubesd.query, qubesd.query_size, "admin.vm.CurrentState+ dom0 name sys-net",
                     sizeof "admin.vm.CurrentState+ dom0 name sys-net");
  }
}

static void
test_start (void)
{
  static const struct {
    const char *answer;
    gsize size;
    gboolean started;
  } cases[] = {
      {ANSWER ("0\0"), TRUE},
      {ANSWER ("0\0x"), FALSE},
      {ANSWER ("0"), FALSE},
      {ANSWER (""), FALSE},
      {ANSWER ("2\0QubesVMError\0\0no memory\0\0"), FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Qubesd qubesd = {.path = path, .answer = cases[i].answer, .size = cases[i].size};
    g_autoptr (GError) error = NULL;

    qubesd_start (&qubesd);
    g_assert_true (qfu_qubesd_start (path, "sys-net", 10, &error) == cases[i].started);
    qubesd_stop (&qubesd);
    if (!cases[i].started)
      g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
    g_assert_cmpmem (qubesd.query, qubesd.query_size, "admin.vm.Start+ dom0 name sys-net",
                     sizeof "admin.vm.Start+ dom0 name sys-net");
  }
}

static void
test_limits (void)
{
  Qubesd silent = {.path = path, .answer = "0", .size = 1, .silent = TRUE};
  g_autoptr (GError) error = NULL;

  qubesd_start (&silent);
  g_assert_null (qfu_qubesd_update_vm (path, 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  qubesd_stop (&silent);
}

static void
test_nobody (void)
{
  g_autofree char *longer = g_strnfill (200, 'x');
  g_autoptr (GError) error = NULL;
  gboolean running;

  g_assert_null (qfu_qubesd_update_vm (path, 10, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_false (qfu_qubesd_running (path, "sys-net", 10, &running, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_false (qfu_qubesd_start (path, "sys-net", 10, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_null (qfu_qubesd_update_vm (longer, 10, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-qubesd-XXXXXX", NULL);
  int result;

  test_init (&argc, &argv);
  path = g_build_filename (folder, "sock", NULL);
  g_test_add_func ("/qubesd/names", test_names);
  g_test_add_func ("/qubesd/answers", test_answers);
  g_test_add_func ("/qubesd/running", test_running);
  g_test_add_func ("/qubesd/start", test_start);
  g_test_add_func ("/qubesd/limits", test_limits);
  g_test_add_func ("/qubesd/nobody", test_nobody);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (path);
  return result;
}
