/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-hasher.h"

#define QFU_PCR_COUNT 24
#define QFU_PCR_FIRMWARE_COUNT 8 /* 0 to 7 are the firmware's, by the TCG PC Client profile */
#define QFU_BANK_COUNT 4         /* SHA-1, SHA-256, SHA-384, SHA-512 */

/**
 * QfuPcrSet:
 * @known: which values are known, by bank index and PCR
 * @value: the values
 *
 * PCR values of all banks, as read from a TPM, replayed from a log, or given in a file. Banks are
 * indexed by qfu_bank_index().
 */
typedef struct {
  gboolean known[QFU_BANK_COUNT][QFU_PCR_COUNT];
  QfuDigest value[QFU_BANK_COUNT][QFU_PCR_COUNT];
} QfuPcrSet;

/* 0..3 in the order SHA-1, SHA-256, SHA-384, SHA-512; -1 for anything else. */
int qfu_bank_index (guint hash);
/* The algorithm of bank @index. */
QfuHash qfu_bank_hash (gsize index);

/* All values unknown. */
void qfu_pcr_set_clear (QfuPcrSet *set);
/* Records @value as PCR @pcr of the bank of its algorithm; %FALSE when @pcr is no PCR. */
gboolean
qfu_pcr_set_put (QfuPcrSet *set, guint pcr, const QfuDigest *value) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer none) (nullable): the value, %NULL when unknown. */
const QfuDigest *qfu_pcr_set_get (const QfuPcrSet *set, guint hash, guint pcr);

/* PCR value at start-up: zeros, all ones for the DRTM PCRs 17-22, @locality in the last byte of PCR
 * 0. */
void qfu_pcr_reset (QfuDigest *value, QfuHash hash, guint pcr, guint locality);
/* Whether it is one of PCRs 17-22, which a dynamic launch resets. */
gboolean qfu_pcr_is_drtm (guint pcr);
/* The same; after a dynamic launch the DRTM PCRs begin with zeros. */
void qfu_pcr_start (QfuDigest *value, QfuHash hash, guint pcr, guint locality, gboolean launched);
/* value = H(value || digest); TCG PC Client Platform Firmware Profile, 3.3. */
void qfu_pcr_extend (QfuDigest *value, const QfuDigest *digest);

/* tpm2_quote's file of values is a dump of tpm2-tss's structures, all numbers little-endian: a
 * TPML_PCR_SELECTION, a u32 count, and so many TPML_DIGEST. Their fixed sizes: */
#define QFU_PCRFILE_SELECTIONS                                                                     \
  16                          /* rooms for u16 algorithm, u8 size, 4 bytes of bits, 1 of room      \
                               */
#define QFU_PCRFILE_DIGESTS 8 /* rooms of a TPML_DIGEST for u16 size, 64 bytes */

/**
 * QfuPcrStatus:
 * @QFU_PCR_PREDICTED: the value will change to the one given
 * @QFU_PCR_UNCHANGED: nothing in the update touches it
 * @QFU_PCR_NOT_PREDICTABLE: cannot be said, for the reason given
 */
typedef enum {
  QFU_PCR_PREDICTED = 1,
  QFU_PCR_UNCHANGED = 2,
  QFU_PCR_NOT_PREDICTABLE = 3
} QfuPcrStatus;

/* "predicted", "unchanged", "not-predictable" and back (0 when unknown). */
const char *qfu_pcr_status_name (QfuPcrStatus status);
guint qfu_pcr_status_from_name (const char *name);

/**
 * QfuPcrSource:
 * @QFU_SOURCE_FORECAST: computed from image and log before the flash
 * @QFU_SOURCE_VENDOR: declared by the vendor; several of one PCR and bank are alternatives
 * @QFU_SOURCE_MEASURED: as the TPM of a boot had it, on a person's word
 *
 * Where a value comes from.
 */
typedef enum {
  QFU_SOURCE_FORECAST = 1,
  QFU_SOURCE_VENDOR = 2,
  QFU_SOURCE_MEASURED = 3
} QfuPcrSource;

/* "forecast", "vendor", "measured" and back (0 when unknown). */
const char *qfu_pcr_source_name (QfuPcrSource source);
guint qfu_pcr_source_from_name (const char *name);

/**
 * QfuForecast:
 * @pcr: index
 * @bank: algorithm of the bank
 * @status: what can be said
 * @value: the value after the next boot; size 0 when not predictable
 * @reason: (nullable): why it is not predictable, or where the value comes from; printable ASCII
 * @source: where the value comes from
 */
typedef struct {
  guint pcr;
  QfuHash bank;
  QfuPcrStatus status;
  QfuDigest value;
  char *reason;
  QfuPcrSource source;
} QfuForecast;

void qfu_forecast_clear (QfuForecast *forecast);
/* (transfer full) (element-type QfuForecast): an empty array that clears its elements. */
GArray *qfu_forecasts_new (void);
/* Appends a copy, from a forecast. */
void qfu_forecasts_add (GArray *forecasts,
                        guint pcr,
                        QfuHash bank,
                        QfuPcrStatus status,
                        const QfuDigest *value,
                        const char *reason);
/* Appends what somebody else said of a PCR: @source is the vendor, who says what it changes to, or
 * a measurement, which is to stay. */
void qfu_forecasts_add_value (
    GArray *forecasts, guint pcr, const QfuDigest *value, QfuPcrSource source, const char *reason);
