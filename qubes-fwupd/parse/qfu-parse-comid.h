/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse-cbor.h"

/**
 * QfuMeasurement:
 * @has_pcr: whether its key is a number
 * @pcr: the number
 * @file: its key when that is a name
 * @version: of the firmware
 * @name: in words
 * @digests: (element-type QfuDigest): what was measured
 * @raw: bytes in a form of the profile's own
 *
 * A measurement of CoMID, as far as the profile knows them. What it does not say is %NULL.
 */
typedef struct {
  gboolean has_pcr;
  guint64 pcr;
  char *file;
  char *version;
  char *name;
  GArray *digests;
  QfuCbor raw;
} QfuMeasurement;

void qfu_measurement_clear (QfuMeasurement *measurement);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuMeasurement, qfu_measurement_clear)

/* A map or an array of exactly so many pairs or elements, and a text that has to be @expected. */
gboolean qfu_comid_map (QfuCbor *cbor, guint64 pairs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
qfu_comid_array (QfuCbor *cbor, guint64 elements, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
qfu_comid_text (QfuCbor *cbor, const char *expected, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads into @measurement, which has to be zero. */
gboolean qfu_comid_measurement (QfuCbor *cbor,
                                QfuMeasurement *measurement,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_comid_triple:
 * @cbor: a reference triple, [environment, [measurement…]]
 * @max: how many measurements are taken
 * @model: (out): the one thing that the environment says
 * @count: (out): how many measurements follow
 */
gboolean qfu_comid_triple (QfuCbor *cbor, guint64 max, char **model, guint64 *count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
