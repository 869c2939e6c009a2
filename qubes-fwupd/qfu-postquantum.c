/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-postquantum.h"

#include <gnutls/gnutls.h>
#include <string.h>

/* As GnuTLS calls them since 3.8.9; the LVFS signs with the last. */
static const char *const algorithms[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};

gboolean
qfu_postquantum_is (const char *algorithm)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (strcmp (algorithm, algorithms[i]) == 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_postquantum_known (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (gnutls_sign_get_id (algorithms[i]) != GNUTLS_SIGN_UNKNOWN)
      return TRUE;
  }
  return FALSE;
}

const char *
qfu_postquantum_library (void)
{
  static char name[32];

  (void)g_snprintf (name, sizeof name, "GnuTLS %s", gnutls_check_version (NULL));
  return name;
}
