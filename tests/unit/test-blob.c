/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-blob.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

static QfuUntrustedBlob *
make (const char *text)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (64, NULL);

  g_assert_true (qfu_blob_builder_append (builder, text, strlen (text), NULL));
  g_assert_cmpuint (qfu_blob_builder_size (builder), ==, strlen (text));
  return qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
}

static void
test_sealed (void)
{
  g_autoptr (QfuUntrustedBlob) blob = make ("abc");
  int fd = qfu_untrusted_blob_fd (blob);
  QfuDigest abc;

  qfu_digest_compute (QFU_HASH_SHA256, "abc", 3, &abc);
  g_assert_true (qfu_digest_equal (&abc, qfu_untrusted_blob_sha256 (blob)));
  g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 3);
  g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (ftruncate (fd, 1), ==, -1);
  g_assert_cmpint (ftruncate (fd, 9), ==, -1);
  g_assert_true (mmap (NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_SEAL), ==, -1);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
}

static void
test_empty (void)
{
  g_autoptr (QfuUntrustedBlob) blob = make ("");
  g_autoptr (QfuUntrustedBlob) other = make ("abc");
  QfuDigest digest;

  g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 0);
  g_assert_true (qfu_untrusted_blob_hash_range (blob, QFU_HASH_SHA1, 0, 0, &digest, NULL));
  g_assert_true (qfu_untrusted_blob_equal_range (blob, 0, other, 3, 0));
}

static void
test_maximum (void)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (4, NULL);
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_blob_builder_append (builder, "abcd", 4, NULL));
  g_assert_false (qfu_blob_builder_append (builder, "e", 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  blob = qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
  g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 4);
}

static void
test_bytes (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abcd", 4);
  g_autoptr (QfuUntrustedBlob) expected = make ("abcd");
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = qfu_untrusted_blob_new (bytes, 4, &error);

  g_assert_no_error (error);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), qfu_untrusted_blob_sha256 (expected)));
  g_assert_true (qfu_fd_sealed (qfu_untrusted_blob_fd (blob)));
  g_assert_null (qfu_untrusted_blob_new (bytes, 3, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_ranges (void)
{
  g_autoptr (QfuUntrustedBlob) blob = make ("abcabc");
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (3, NULL);
  g_autoptr (QfuUntrustedBlob) part = NULL;
  g_autoptr (GError) error = NULL;
  QfuDigest digest;

  g_assert_true (qfu_untrusted_blob_equal_range (blob, 0, blob, 3, 3));
  g_assert_false (qfu_untrusted_blob_equal_range (blob, 0, blob, 2, 3));
  g_assert_false (qfu_untrusted_blob_equal_range (blob, 0, blob, 4, 3));
  g_assert_false (qfu_untrusted_blob_equal_range (blob, 0, blob, G_MAXUINT64, 3));
  g_assert_false (qfu_untrusted_blob_equal_range (blob, 1, blob, 1, G_MAXUINT64));
  g_assert_true (qfu_untrusted_blob_hash_range (blob, QFU_HASH_SHA384, 6, 0, &digest, NULL));
  g_assert_false (qfu_untrusted_blob_hash_range (blob, QFU_HASH_SHA384, 6, 1, &digest, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (qfu_blob_builder_append_range (builder, blob, G_MAXUINT64, 2, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (qfu_blob_builder_append_range (builder, blob, 0, 4, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_true (qfu_blob_builder_append_range (builder, blob, 6, 0, NULL));
  g_assert_true (qfu_blob_builder_append_range (builder, blob, 2, 3, NULL));
  part = qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
  g_assert_true (qfu_untrusted_blob_equal_range (part, 0, blob, 2, 3));
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-blob-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autoptr (QfuUntrustedBlob) blob = make ("some bytes");
  g_autoptr (QfuUntrustedBlob) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_true (qfu_untrusted_blob_write_to (blob, fd, NULL));
  g_assert_cmpint (symlink ("file", link), ==, 0);
  loaded = qfu_untrusted_blob_load (link, 10, FALSE, NULL);
  g_assert_true (qfu_untrusted_blob_equal_range (blob, 0, loaded, 0, 10));
  g_assert_null (qfu_untrusted_blob_load (link, 10, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (qfu_untrusted_blob_load (path, 9, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (qfu_untrusted_blob_load (folder, 10, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_null (qfu_untrusted_blob_load ("/dev/zero", 10, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (path) | g_unlink (link), ==, 0);
  g_assert_null (qfu_untrusted_blob_load (path, 10, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_shared (void)
{
  QfuUntrustedBlob *first = make ("shared");
  g_autoptr (QfuUntrustedBlob) second = qfu_untrusted_blob_ref (first);
  QfuDigest digest;

  g_assert_true (first == second);
  qfu_untrusted_blob_free (first);
  g_assert_cmpuint (qfu_untrusted_blob_size (second), ==, 6);
  g_assert_true (qfu_untrusted_blob_hash_range (second, QFU_HASH_SHA256, 0, 6, &digest, NULL));
  g_assert_true (qfu_digest_equal (&digest, qfu_untrusted_blob_sha256 (second)));
}

/* A frame's payload on its way: the frame says @announced bytes, @sent come, then the end. */
static QfuWire *
incoming (gboolean from_pipe, gsize announced, const char *sent)
{
  guint8 header[QFU_WIRE_HEADER_SIZE];
  QfuFrameType type;
  gsize length;
  int ends[2];
  QfuWire *wire;

  if (from_pipe)
    g_assert_cmpint (pipe (ends), ==, 0);
  else
    g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  qfu_message_encode_header (header, QFU_FRAME_DATA, announced);
  g_assert_cmpint (write (ends[1], header, sizeof header), ==, sizeof header);
  g_assert_cmpint (write (ends[1], sent, strlen (sent)), ==, (gssize)strlen (sent));
  close (ends[1]);
  wire = qfu_wire_new (ends[0], -1);
  g_assert_true (qfu_wire_receive_header (wire, &type, &length, NULL));
  g_assert_cmpuint (type, ==, QFU_FRAME_DATA);
  g_assert_cmpuint (length, ==, announced);
  return wire;
}

/* From a pipe without a copy, from anything else with one; all of a frame or nothing. */
static void
test_receive (void)
{
  for (gsize i = 0; i < 2; i++) {
    g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (7, NULL);
    g_autoptr (QfuWire) whole = incoming (i == 0, 3, "abc");
    g_autoptr (QfuWire) cut = incoming (i == 0, 4, "xyz");
    g_autoptr (QfuWire) more = incoming (i == 0, 5, "defgh");
    g_autoptr (QfuWire) last = incoming (i == 0, 4, "defg");
    g_autoptr (QfuUntrustedBlob) expected = make ("abcdefg");
    g_autoptr (QfuUntrustedBlob) blob = NULL;
    g_autoptr (GError) ended = NULL;
    g_autoptr (GError) refused = NULL;

    g_assert_true (qfu_blob_builder_receive (builder, whole, 3, NULL));
    g_assert_false (qfu_blob_builder_receive (builder, cut, 4, &ended));
    g_assert_error (ended, QFU_ERROR, QFU_ERROR_UNREACHABLE);
    g_assert_cmpuint (qfu_blob_builder_size (builder), ==, 3);
    g_assert_false (qfu_blob_builder_receive (builder, more, 5, &refused));
    g_assert_error (refused, QFU_ERROR, QFU_ERROR_LIMIT);
    g_assert_true (qfu_blob_builder_receive (builder, last, 4, NULL));
    blob = qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
    g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 7);
    g_assert_cmpint (lseek (qfu_untrusted_blob_fd (blob), 0, SEEK_END), ==, 7);
    g_assert_true (qfu_untrusted_blob_equal_range (blob, 0, expected, 0, 7));
    g_assert_true (
        qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), qfu_untrusted_blob_sha256 (expected)));
  }
}

/* Whether bits were only set, as an erase does. */
static void
test_covers (void)
{
  g_autoptr (QfuUntrustedBlob) was = test_blob ("\x01\x80\x00", 3);
  g_autoptr (QfuUntrustedBlob) more = test_blob ("\x03\x80\xff", 3);

  g_assert_true (qfu_untrusted_blob_covers (more, was, 0, 3));
  g_assert_true (qfu_untrusted_blob_covers (was, was, 0, 3));
  g_assert_false (qfu_untrusted_blob_covers (was, more, 0, 3));
  g_assert_false (qfu_untrusted_blob_covers (was, more, 2, 1));
  g_assert_true (qfu_untrusted_blob_covers (was, more, 1, 1));
  g_assert_false (qfu_untrusted_blob_covers (more, was, 1, 3));
  g_assert_false (qfu_untrusted_blob_covers (more, was, G_MAXUINT64, 1));
}

static void
test_blank (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blank = qfu_untrusted_blob_blank (4097, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (qfu_untrusted_blob_size (blank), ==, 4097);
  g_assert_true (qfu_untrusted_blob_holds (blank, 0, "\xff", 1));
  g_assert_true (qfu_untrusted_blob_holds (blank, 4095, "\xff\xff", 2));
}

static void
test_erased (void)
{
  g_autoptr (GError) error = NULL;
  QfuBlobBuilder *builder = qfu_blob_builder_new (5002, &error);
  g_autoptr (QfuUntrustedBlob) blob = NULL;

  g_assert_no_error (error);
  g_assert_true (qfu_blob_builder_append (builder, "a", 1, &error));
  g_assert_true (qfu_blob_builder_append_erased (builder, 5000, &error));
  g_assert_true (qfu_blob_builder_append_erased (builder, 0, &error));
  g_assert_false (qfu_blob_builder_append_erased (builder, 2, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_true (qfu_blob_builder_append (builder, "b", 1, &error));
  blob = qfu_blob_builder_finish (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 5002);
  g_assert_true (qfu_untrusted_blob_is_erased (blob, 1, 5000));
  g_assert_true (qfu_untrusted_blob_is_erased (blob, 0, 0));
  g_assert_false (qfu_untrusted_blob_is_erased (blob, 0, 5001));
  g_assert_false (qfu_untrusted_blob_is_erased (blob, 1, 5001));
  g_assert_false (qfu_untrusted_blob_is_erased (blob, 5002, 1));
  g_assert_false (qfu_untrusted_blob_is_erased (blob, G_MAXUINT64, 1));
}

/* Frames of nothing but the range that was asked for. */
static void
test_send (void)
{
  g_autoptr (QfuUntrustedBlob) blob = make ("0123456789");
  int ends[2];
  g_autoptr (QfuWire) to = NULL;
  g_autoptr (QfuWire) from = NULL;
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 *data;
  gsize size;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  to = qfu_wire_new (-1, ends[1]);
  from = qfu_wire_new (ends[0], -1);
  g_assert_true (qfu_untrusted_blob_send (blob, to, 10, 0, &error));
  g_assert_true (qfu_untrusted_blob_send (blob, to, 3, 7, &error));
  g_assert_no_error (error);
  g_assert_false (qfu_untrusted_blob_send (blob, to, 3, 8, NULL));
  g_assert_false (qfu_untrusted_blob_send (blob, to, G_MAXUINT64, 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  qfu_wire_close_write (to);
  message = qfu_wire_receive (from, &error);
  g_assert_no_error (error);
  data = qfu_message_data (message, &size);
  g_assert_cmpmem (data, size, "3456789", 7);
  g_assert_true (qfu_wire_expect_eof (from, &error));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/blob/sealed", test_sealed);
  g_test_add_func ("/blob/empty", test_empty);
  g_test_add_func ("/blob/maximum", test_maximum);
  g_test_add_func ("/blob/bytes", test_bytes);
  g_test_add_func ("/blob/ranges", test_ranges);
  g_test_add_func ("/blob/covers", test_covers);
  g_test_add_func ("/blob/blank", test_blank);
  g_test_add_func ("/blob/erased", test_erased);
  g_test_add_func ("/blob/files", test_files);
  g_test_add_func ("/blob/shared", test_shared);
  g_test_add_func ("/blob/receive", test_receive);
  g_test_add_func ("/blob/send", test_send);
  return g_test_run ();
}
