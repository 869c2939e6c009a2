/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-postquantum.h"
#include "testconfig.h"

#include <string.h>

static void
test_names (void)
{
  static const char *const good[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
  static const char *const bad[] = {"",           "ML-DSA",       "ML-DSA-877",  "ml-dsa-87",
                                    "RSA-SHA256", "ECDSA-SHA512", "EdDSA-Ed448", "ML-DSA-87 "};

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (qfu_postquantum_is (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (qfu_postquantum_is (bad[i]));
}

/* Debian 12 has 3.7.9, which has no such algorithm; 3.8.9 is the first that may. */
static void
test_library (void)
{
  const char *library = qfu_postquantum_library ();

  g_assert_true (g_str_has_prefix (library, "GnuTLS 3."));
  if (g_str_has_prefix (library, "GnuTLS 3.7."))
    g_assert_false (qfu_postquantum_known ());
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/postquantum/names", test_names);
  g_test_add_func ("/postquantum/library", test_library);
  return g_test_run ();
}
