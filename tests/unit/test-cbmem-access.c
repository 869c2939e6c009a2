/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbmem-access.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define AT 0x7ff0fffeull /* two bytes before the end of a page */

static char *directory;

static char *
file (const char *name)
{
  return g_build_filename (directory, name, NULL);
}

static void
test_read (void)
{
  g_autofree char *path = file ("memory");
  g_autoptr (GByteArray) across = NULL;
  g_autoptr (GByteArray) cut = NULL;
  g_autoptr (GByteArray) behind = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = -1;
  g_auto (QfuFd) out = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (pwrite (out, "abcdef", 6, AT), ==, 6);
  g_assert_true (qfu_cbmem_access_open (path, &fd, &error));
  across = qfu_cbmem_access_read (fd, path, AT, 4, &error);
  cut = qfu_cbmem_access_read (fd, path, AT + 3, 8192, &error);
  behind = qfu_cbmem_access_read (fd, path, AT + 6, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (across->data, across->len, "abcd", 4);
  g_assert_cmpmem (cut->data, cut->len, "def", 3);
  g_assert_cmpuint (behind->len, ==, 0);
}

/* Pages of a process that has not mapped them are refused, as those of a machine may be. */
static void
test_refused_page (void)
{
  long page = sysconf (_SC_PAGESIZE);
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GByteArray) none = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = -1;
  g_autofree guint8 *memory = g_malloc0 ((gsize)page);

  g_assert_true (qfu_cbmem_access_open ("/proc/self/mem", &fd, &error));
  memset (memory, 'x', (gsize)page);
  bytes = qfu_cbmem_access_read (fd, "/proc/self/mem", (guint64)(gsize)memory, 16, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (bytes->data, bytes->len, "xxxxxxxxxxxxxxxx", 16);
  none = qfu_cbmem_access_read (fd, "/proc/self/mem", 16, 16, &error);
  g_assert_null (none);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

static void
test_absent (void)
{
  g_autofree char *path = file ("nowhere");
  g_autoptr (GError) error = NULL;
  int fd;

  g_assert_false (qfu_cbmem_access_open (path, &fd, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

/* What a person can do is said for each way in which a kernel says no. */
static void
test_advice (void)
{
  static const struct {
    int code;
    gboolean open;
    QfuError expected;
    const char *says;
  } cases[] = {
      {ENOENT, TRUE, QFU_ERROR_NOT_FOUND, "CONFIG_DEVMEM"},
      {EACCES, TRUE, QFU_ERROR_UNREACHABLE, "root"},
      {EPERM, TRUE, QFU_ERROR_UNREACHABLE, "/sys/kernel/security/lockdown"},
      {EMFILE, TRUE, QFU_ERROR_UNREACHABLE, "/dev/mem"},
      {EPERM, FALSE, QFU_ERROR_UNREACHABLE, "iomem=relaxed"},
      {EIO, FALSE, QFU_ERROR_UNREACHABLE, "0x7ff0fffe"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    if (cases[i].open)
      qfu_cbmem_access_set_open_error ("/dev/mem", cases[i].code, &error);
    else
      qfu_cbmem_access_set_read_error ("/dev/mem", AT, cases[i].code, &error);
    g_assert_error (error, QFU_ERROR, (int)cases[i].expected);
    g_assert_nonnull (strstr (error->message, cases[i].says));
  }
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  directory = test_directory ();
  g_test_add_func ("/cbmem-access/read", test_read);
  g_test_add_func ("/cbmem-access/refused-page", test_refused_page);
  g_test_add_func ("/cbmem-access/absent", test_absent);
  g_test_add_func ("/cbmem-access/advice", test_advice);
  result = g_test_run ();
  test_directory_remove (directory);
  g_free (directory);
  return result;
}
