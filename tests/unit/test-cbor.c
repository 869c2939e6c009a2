/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbor.h"
#include "testconfig.h"

#include <string.h>

static void
assert_bytes (GByteArray *out, const char *expected, gsize size)
{
  g_assert_cmpmem (out->data, out->len, expected, size);
  g_byte_array_set_size (out, 0);
}

#define ASSERT(out, expected) assert_bytes (out, expected, sizeof (expected) - 1)

/* The examples of RFC 8949, appendix A, and the numbers around each change of length. */
static void
test_numbers (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  qfu_cbor_put_uint (out, 0);
  ASSERT (out, "\x00");
  qfu_cbor_put_uint (out, 23);
  ASSERT (out, "\x17");
  qfu_cbor_put_uint (out, 24);
  ASSERT (out, "\x18\x18");
  qfu_cbor_put_uint (out, 255);
  ASSERT (out, "\x18\xff");
  qfu_cbor_put_uint (out, 256);
  ASSERT (out, "\x19\x01\x00");
  qfu_cbor_put_uint (out, 65535);
  ASSERT (out, "\x19\xff\xff");
  qfu_cbor_put_uint (out, 65536);
  ASSERT (out, "\x1a\x00\x01\x00\x00");
  qfu_cbor_put_uint (out, G_MAXUINT32);
  ASSERT (out, "\x1a\xff\xff\xff\xff");
  qfu_cbor_put_uint (out, (guint64)G_MAXUINT32 + 1);
  ASSERT (out, "\x1b\x00\x00\x00\x01\x00\x00\x00\x00");
  qfu_cbor_put_uint (out, G_MAXUINT64);
  ASSERT (out, "\x1b\xff\xff\xff\xff\xff\xff\xff\xff");
}

static void
test_kinds (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *longer = g_strnfill (24, 'x');

  qfu_cbor_put_text (out, "");
  ASSERT (out, "\x60");
  qfu_cbor_put_text (out, "IETF");
  ASSERT (out, "\x64IETF");
  qfu_cbor_put_text (out, longer);
  ASSERT (out, "\x78\x18xxxxxxxxxxxxxxxxxxxxxxxx");
  qfu_cbor_put_bytes (out, "\1\2\3\4", 4);
  ASSERT (out, "\x44\1\2\3\4");
  qfu_cbor_put_array (out, 3);
  ASSERT (out, "\x83");
  qfu_cbor_put_map (out, 2);
  ASSERT (out, "\xa2");
  qfu_cbor_put_tag (out, 32);
  ASSERT (out, "\xd8\x20");
  qfu_cbor_put_tag (out, 501);
  ASSERT (out, "\xd9\x01\xf5");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/cbor/numbers", test_numbers);
  g_test_add_func ("/cbor/kinds", test_kinds);
  return g_test_run ();
}
