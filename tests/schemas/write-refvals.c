/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: write-refvals FOLDER: fills FOLDER/refvals with a record in every state. */

#include "../unit/refstore-fixture.h"

#include <stdio.h>
#include <string.h>

static const QfuRefState ways[][4] = {
    {QFU_REF_CONSUMED, QFU_REF_WRITTEN, QFU_REF_CURRENT},
    {QFU_REF_CONSUMED, QFU_REF_WRITTEN, QFU_REF_CURRENT},
    {QFU_REF_CONSUMED, QFU_REF_FAILED},
    {QFU_REF_ABANDONED},
    {QFU_REF_CONSUMED, QFU_REF_WRITTEN},
    {QFU_REF_CONSUMED},
    {0},
};

/* As a plugin of fwupd's own updates: no image of the whole chip is known. */
static QfuRefRecord *
declared_record (void)
{
  QfuRefRecord *record = fixture_record ("image");
  QfuDigest value;

  memset (&record->old_chip, 0, sizeof record->old_chip);
  memset (&record->image, 0, sizeof record->image);
  memset (&record->manifest, 0, sizeof record->manifest);
  g_array_set_size (record->forecasts, 0);
  qfu_digest_compute (QFU_HASH_SHA1, "x", 1, &value);
  qfu_ref_record_declared (record, &value, "another plugin of fwupd writes it");
  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &value);
  qfu_ref_record_declared (record, &value, "another plugin of fwupd writes it");
  return record;
}

static QfuRefRecord *
unpredicted_record (void)
{
  QfuRefRecord *record = fixture_record ("image");

  g_array_set_size (record->forecasts, 0);
  qfu_ref_record_unpredicted (record, "this machine has no TPM");
  return record;
}

/* As learned from a boot: no update, so no image and no cab. */
static QfuRefRecord *
learned_record (void)
{
  static const QfuHash banks[] = {QFU_HASH_SHA1, QFU_HASH_SHA256, QFU_HASH_SHA384, QFU_HASH_SHA512};
  QfuRefRecord *record = qfu_ref_record_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (banks); i++) {
    QfuDigest value;

    qfu_digest_compute (banks[i], "x", 1, &value);
    qfu_forecasts_add_value (record->forecasts, (guint)i, &value, QFU_SOURCE_MEASURED, "learned");
  }
  return record;
}

int
main (int argc, char **argv)
{
  QfuConfig config = {0};
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (GError) error = NULL;
  guint id;

  if (argc != 2)
    return 2;
  config.state = argv[1];
  store = fixture_open (&config, TRUE);
  for (gsize w = 0; w < G_N_ELEMENTS (ways); w++) {
    id = fixture_stage (store, "image");
    for (gsize i = 0; ways[w][i] != 0; i++)
      g_assert_true (qfu_refstore_move (store, id, ways[w][i], "on its way", &error));
  }
  g_assert_true (qfu_refstore_stage (store, unpredicted_record (), &id, &error));
  g_assert_true (qfu_refstore_stage (store, declared_record (), &id, &error));
  g_assert_true (qfu_refstore_learn (store, learned_record (), &id, &error));
  return 0;
}
