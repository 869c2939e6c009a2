/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab-check-fixture.h"

void
check_set_up (CheckFixture *fixture, gconstpointer user)
{
  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, G_STRINGIFY (TEST_WORKER_UID));
  fixture->keys = g_build_filename (fixture->directory, "firmware-keys", NULL);
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  signed_keys (fixture->keys, fixture->authority);
}

void
check_tear_down (CheckFixture *fixture, gconstpointer user)
{
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->keys);
}

QfuCabReport *
check_blob (const CheckFixture *fixture, const QfuUntrustedBlob *blob)
{
  g_autoptr (GError) error = NULL;
  QfuCabReport *report = qfu_cab_check (fixture->config, blob, fixture->keys,
                                        g_get_real_time () / G_USEC_PER_SEC, &error);

  g_assert_no_error (error);
  return report;
}
