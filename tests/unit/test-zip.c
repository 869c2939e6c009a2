/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-zip.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

static char *directory;

/* A script that reads it with the zipfile of Python, which checks every CRC. */
#define READER                                                                                     \
  "import sys, zipfile\n"                                                                          \
  "z = zipfile.ZipFile(sys.argv[1])\n"                                                             \
  "assert z.testzip() is None\n"                                                                   \
  "print([(i.filename, i.file_size, i.compress_type, oct(i.external_attr >> 16), z.read(i)[:6]) "  \
  "for i in z.infolist()])"

static char *
write_archive (const QfuZipMember *members, gsize n)
{
  char *path = g_build_filename (directory, "archive.zip", NULL);
  g_auto (QfuFd) fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_autoptr (GError) error = NULL;
  struct stat st;

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (qfu_zip_write (fd, members, n, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint ((guint64)st.st_size, ==, qfu_zip_size (members, n));
  return path;
}

static void
test_read (void)
{
  static const char start[] = {'i', 'm', 'a', 'g', 'e', '!'};
  g_autofree guint8 *large = g_malloc (1000000);
  g_autoptr (QfuUntrustedBlob) text = test_blob ("digest\n", 7);
  g_autoptr (QfuUntrustedBlob) empty = test_blob ("", 0);
  g_autoptr (QfuUntrustedBlob) image = NULL;
  g_autofree char *path = NULL;
  g_autofree char *out = NULL;
  int status;

  for (gsize i = 0; i < 1000000; i++)
    large[i] = (guint8)(i * 7919 >> 5);
  memcpy (large, start, sizeof start);
  image = test_blob (large, 1000000);
  path = write_archive (
      (const QfuZipMember[]){{"firmware.rom", image}, {"sha256sum.txt", text}, {"none", empty}}, 3);
  {
    const char *argv[] = {"/usr/bin/python3", "-c", READER, path, NULL};

    g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL,
                                 &status, NULL));
  }
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (out, ==,
                   "[('firmware.rom', 1000000, 0, '0o100644', b'image!'), "
                   "('sha256sum.txt', 7, 0, '0o100644', b'digest'), "
                   "('none', 0, 0, '0o100644', b'')]\n");
}

/* The check value of CRC-32: it stands 14 bytes behind the start of a member's header. */
static void
test_crc (void)
{
  g_autoptr (QfuUntrustedBlob) text = test_blob ("123456789", 9);
  g_autofree char *path = write_archive (&(QfuZipMember){"a", text}, 1);
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_cmpmem (bytes + 14, 4, "\x26\x39\xf4\xcb", 4);
}

static void
test_refused (void)
{
  g_autoptr (QfuUntrustedBlob) text = test_blob ("x", 1);
  QfuZipMember many[QFU_ZIP_MEMBERS + 1];
  g_auto (QfuFd) full = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (many); i++)
    many[i] = (QfuZipMember){"x", text};
  g_assert_false (qfu_zip_write (full, many, G_N_ELEMENTS (many), &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (qfu_zip_write (full, many, 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  directory = test_directory ();
  g_test_add_func ("/zip/read", test_read);
  g_test_add_func ("/zip/crc", test_crc);
  g_test_add_func ("/zip/refused", test_refused);
  result = g_test_run ();
  test_directory_remove (directory);
  g_free (directory);
  return result;
}
