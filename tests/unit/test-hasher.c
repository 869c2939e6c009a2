/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-hasher.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <string.h>
#include <sys/mman.h>

/* FIPS 180: the digest of "abc" */
static const struct {
  QfuHash hash;
  const char *abc;
} known[] = {
    {QFU_HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {QFU_HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {QFU_HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                      "8086072ba1e7cc2358baeca134c825a7"},
    {QFU_HASH_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void
test_known (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    QfuHasher *hasher = qfu_hasher_new (known[i].hash);
    QfuDigest expected;
    QfuDigest whole;
    QfuDigest parts;

    g_assert_true (qfu_digest_from_hex (&expected, known[i].hash, known[i].abc));
    qfu_digest_compute (known[i].hash, "abc", 3, &whole);
    g_assert_true (qfu_digest_equal (&whole, &expected));
    qfu_hasher_update (hasher, "a", 1);
    qfu_hasher_update (hasher, NULL, 0);
    qfu_hasher_update (hasher, "bc", 2);
    qfu_hasher_finish (hasher, &parts);
    g_assert_true (qfu_digest_equal (&parts, &expected));
  }
}

/* Of a file: from where it stands, in many pieces, and not beyond what is allowed. */
static void
test_fd (void)
{
  gsize size = 300 * 1000;
  g_autofree guint8 *data = g_malloc (size);
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = memfd_create ("hasher", MFD_CLOEXEC);
  g_auto (QfuFd) folder = open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  QfuDigest whole;
  QfuDigest read;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)(i % 251);
  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
  qfu_digest_compute (QFU_HASH_SHA384, data + 3, size - 3, &whole);
  g_assert_cmpint (lseek (fd, 3, SEEK_SET), ==, 3);
  g_assert_true (qfu_digest_compute_fd (QFU_HASH_SHA384, fd, size - 3, &read, &error));
  g_assert_no_error (error);
  g_assert_true (qfu_digest_equal (&whole, &read));
  g_assert_cmpint (lseek (fd, 3, SEEK_SET), ==, 3);
  g_assert_false (qfu_digest_compute_fd (QFU_HASH_SHA384, fd, size - 4, &read, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (qfu_digest_compute_fd (QFU_HASH_SHA384, folder, size, &read, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/hasher/known", test_known);
  g_test_add_func ("/hasher/fd", test_fd);
  return g_test_run ();
}
