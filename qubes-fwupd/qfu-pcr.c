/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-pcr.h"

#include <string.h>

#define FIRST_DRTM_PCR 17
#define LAST_DRTM_PCR 22

static const QfuHash banks[QFU_BANK_COUNT] = {QFU_HASH_SHA1, QFU_HASH_SHA256, QFU_HASH_SHA384,
                                              QFU_HASH_SHA512};

static const char *const status_names[] = {
    [QFU_PCR_PREDICTED] = "predicted",
    [QFU_PCR_UNCHANGED] = "unchanged",
    [QFU_PCR_NOT_PREDICTABLE] = "not-predictable",
};

static const char *const source_names[] = {
    [QFU_SOURCE_FORECAST] = "forecast",
    [QFU_SOURCE_VENDOR] = "vendor",
    [QFU_SOURCE_MEASURED] = "measured",
};

int
qfu_bank_index (guint hash)
{
  for (int i = 0; i < QFU_BANK_COUNT; i++) {
    if (banks[i] == hash)
      return i;
  }
  return -1;
}

QfuHash
qfu_bank_hash (gsize index)
{
  g_return_val_if_fail (index < QFU_BANK_COUNT, QFU_HASH_SHA256);
  return banks[index];
}

void
qfu_pcr_set_clear (QfuPcrSet *set)
{
  memset (set, 0, sizeof *set);
}

gboolean
qfu_pcr_set_put (QfuPcrSet *set, guint pcr, const QfuDigest *value)
{
  int bank = qfu_bank_index (value->hash);

  if (bank < 0 || pcr >= QFU_PCR_COUNT)
    return FALSE;
  set->value[bank][pcr] = *value;
  set->known[bank][pcr] = TRUE;
  return TRUE;
}

const QfuDigest *
qfu_pcr_set_get (const QfuPcrSet *set, guint hash, guint pcr)
{
  int bank = qfu_bank_index (hash);

  if (bank < 0 || pcr >= QFU_PCR_COUNT || !set->known[bank][pcr])
    return NULL;
  return &set->value[bank][pcr];
}

gboolean
qfu_pcr_is_drtm (guint pcr)
{
  return pcr >= FIRST_DRTM_PCR && pcr <= LAST_DRTM_PCR;
}

void
qfu_pcr_reset (QfuDigest *value, QfuHash hash, guint pcr, guint locality)
{
  qfu_pcr_start (value, hash, pcr, locality, FALSE);
}

void
qfu_pcr_start (QfuDigest *value, QfuHash hash, guint pcr, guint locality, gboolean launched)
{
  memset (value, 0, sizeof *value);
  value->hash = hash;
  value->size = qfu_hash_size (hash);
  if (qfu_pcr_is_drtm (pcr) && !launched)
    memset (value->data, 0xff, value->size);
  if (pcr == 0)
    value->data[value->size - 1] = (guint8)locality;
}

void
qfu_pcr_extend (QfuDigest *value, const QfuDigest *digest)
{
  QfuHasher *hasher = qfu_hasher_new (value->hash);

  qfu_hasher_update (hasher, value->data, value->size);
  qfu_hasher_update (hasher, digest->data, digest->size);
  qfu_hasher_finish (hasher, value);
}

const char *
qfu_pcr_status_name (QfuPcrStatus status)
{
  return status_names[status];
}

guint
qfu_pcr_status_from_name (const char *name)
{
  for (guint i = QFU_PCR_PREDICTED; i < G_N_ELEMENTS (status_names); i++) {
    if (strcmp (status_names[i], name) == 0)
      return i;
  }
  return 0;
}

const char *
qfu_pcr_source_name (QfuPcrSource source)
{
  return source_names[source];
}

guint
qfu_pcr_source_from_name (const char *name)
{
  for (guint i = QFU_SOURCE_FORECAST; i < G_N_ELEMENTS (source_names); i++) {
    if (strcmp (source_names[i], name) == 0)
      return i;
  }
  return 0;
}

void
qfu_forecast_clear (QfuForecast *forecast)
{
  g_clear_pointer (&forecast->reason, g_free);
}

static void
forecast_clear (gpointer forecast)
{
  qfu_forecast_clear (forecast);
}

GArray *
qfu_forecasts_new (void)
{
  GArray *forecasts = g_array_new (FALSE, TRUE, sizeof (QfuForecast));

  g_array_set_clear_func (forecasts, forecast_clear);
  return forecasts;
}

void
qfu_forecasts_add (GArray *forecasts,
                   guint pcr,
                   QfuHash bank,
                   QfuPcrStatus status,
                   const QfuDigest *value,
                   const char *reason)
{
  QfuForecast forecast = {pcr, bank, status, {0}, g_strdup (reason), QFU_SOURCE_FORECAST};

  if (value != NULL)
    forecast.value = *value;
  g_array_append_val (forecasts, forecast);
}

void
qfu_forecasts_add_value (
    GArray *forecasts, guint pcr, const QfuDigest *value, QfuPcrSource source, const char *reason)
{
  QfuPcrStatus status = source == QFU_SOURCE_MEASURED ? QFU_PCR_UNCHANGED : QFU_PCR_PREDICTED;
  QfuForecast forecast = {pcr, value->hash, status, *value, g_strdup (reason), source};

  g_array_append_val (forecasts, forecast);
}
