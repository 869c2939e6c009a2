/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "declared.h"
#include "qfu-manifest-write.h"
#include "testconfig.h"

#include <string.h>

static void
test_same_bytes (void)
{
  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++) {
    g_autoptr (QfuManifest) one = declared_small ();
    g_autoptr (QfuManifest) other = declared_small ();
    g_autoptr (GBytes) a = qfu_manifest_write (one, (QfuManifestForm)form);
    g_autoptr (GBytes) b = qfu_manifest_write (other, (QfuManifestForm)form);

    g_assert_true (g_bytes_equal (a, b));
  }
}

static void
test_json (void)
{
  g_autoptr (QfuManifest) manifest = declared_small ();
  g_autoptr (GBytes) json = qfu_manifest_write (manifest, QFU_MANIFEST_IS_JSON);
  g_autofree char *text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));

  g_assert_true (g_str_has_suffix (text, "}\n"));
  g_assert_nonnull (strstr (text, "\"format\" : \"qubes-fwupd-manifest-1\""));
  g_assert_nonnull (strstr (text, "\"file\" : \"bootblock\""));
  g_assert_null (strstr (text, "\"file\" : null"));
}

/* The whole of a small one, byte for byte: what is signed today must be what is read tomorrow. */
static void
test_corim (void)
{
  g_autoptr (QfuManifest) manifest = qfu_manifest_new ();
  g_autoptr (GBytes) corim = NULL;
  g_autofree char *sum = NULL;
  QfuManifestObject *object;

  manifest->image = (QfuDigest){.hash = QFU_HASH_SHA256, .size = QFU_SHA256_SIZE};
  object = qfu_manifest_add_object (manifest, "A", NULL);
  object->digests[0] = (QfuDigest){.hash = QFU_HASH_SHA1, .size = 20};
  corim = qfu_manifest_write (manifest, QFU_MANIFEST_IS_CORIM);
  g_assert_cmpuint (g_bytes_get_size (corim), ==, 370);
  sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, corim);
  g_assert_cmpstr (sum, ==, "39712476a79734c43191ff31f39f778920759ce7e6b97093250c867a142f3a0d");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/manifest-write/same-bytes", test_same_bytes);
  g_test_add_func ("/manifest-write/json", test_json);
  g_test_add_func ("/manifest-write/corim", test_corim);
  return g_test_run ();
}
