/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-vboot.h"
#include "testconfig.h"

#include <string.h>

static void
assert_hex (const QfuDigest *digest, const char *expected)
{
  g_autofree char *hex = qfu_digest_to_hex (digest);

  g_assert_cmpstr (hex, ==, expected);
}

/* The values of a recorded boot, and how they fit into other banks. */
static void
test_values (void)
{
  static const guint8 hwid[QFU_HWID_SIZE] = {0xe3, 0xb0, [20] = 0x27, [31] = 0x55};
  const QfuRomVblock block = {.key_version = 0x0102, .firmware_version = 0x0304};
  QfuDigest digest;

  qfu_vboot_mode (QFU_VBOOT_NORMAL, QFU_HASH_SHA256, &digest);
  assert_hex (&digest, "2547cc736e951fa4919853c43ae890861a3b3264000000000000000000000000");
  qfu_vboot_mode (QFU_VBOOT_NORMAL, QFU_HASH_SHA1, &digest);
  assert_hex (&digest, "2547cc736e951fa4919853c43ae890861a3b3264");
  qfu_vboot_hwid (hwid, QFU_HASH_SHA1, &digest);
  assert_hex (&digest, "e3b0000000000000000000000000000000000000");
  qfu_vboot_hwid (hwid, QFU_HASH_SHA256, &digest);
  g_assert_cmpmem (digest.data, digest.size, hwid, sizeof hwid);
  qfu_vboot_version (&block, QFU_HASH_SHA1, &digest);
  assert_hex (&digest, "0403020100000000000000000000000000000000");
}

static void
test_modes (void)
{
  QfuDigest digest;

  for (guint mode = 0; mode < QFU_VBOOT_MODES; mode++) {
    qfu_vboot_mode (mode, QFU_HASH_SHA384, &digest);
    g_assert_cmpint (qfu_vboot_mode_of (&digest), ==, (int)mode);
  }
  digest.data[47] = 1;
  g_assert_cmpint (qfu_vboot_mode_of (&digest), ==, -1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/vboot/values", test_values);
  g_test_add_func ("/vboot/modes", test_modes);
  return g_test_run ();
}
