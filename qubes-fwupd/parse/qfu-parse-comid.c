/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-comid.h"

#include "qfu-error.h"
#include "qfu-pcr.h"

#include <string.h>

enum { TAG_BYTES = 560 };
enum { ENVIRONMENT_CLASS = 0, CLASS_MODEL = 2 };
enum { MEASUREMENT_KEY = 0, MEASUREMENT_VALUE = 1 };
enum { VALUE_VERSION = 0, VALUE_DIGESTS = 2, VALUE_RAW = 4, VALUE_NAME = 11 };

void
qfu_measurement_clear (QfuMeasurement *m)
{
  g_clear_pointer (&m->file, g_free);
  g_clear_pointer (&m->version, g_free);
  g_clear_pointer (&m->name, g_free);
  g_clear_pointer (&m->digests, g_array_unref);
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "CoMID: %s", what);
  return FALSE;
}

gboolean
qfu_comid_map (QfuCbor *cbor, guint64 pairs, GError **error)
{
  guint64 count;

  return qfu_cbor_map (cbor, pairs, &count, error) &&
         (count == pairs || fail (error, "a map lacks a member"));
}

gboolean
qfu_comid_array (QfuCbor *cbor, guint64 elements, GError **error)
{
  guint64 count;

  return qfu_cbor_array (cbor, elements, &count, error) &&
         (count == elements || fail (error, "an array lacks an element"));
}

gboolean
qfu_comid_text (QfuCbor *cbor, const char *expected, GError **error)
{
  g_autofree char *text = qfu_cbor_text (cbor, strlen (expected), error);

  if (text == NULL)
    return FALSE;
  return strcmp (text, expected) == 0 || fail (error, "another name than the format has");
}

/* [algorithm, value]; the algorithm is a number of IANA's registry of named information, or for
 * SHA-1, which has none there, its textual name. */
static gboolean
read_digest (QfuCbor *cbor, QfuDigest *digest, GError **error)
{
  static const struct {
    guint64 number;
    QfuHash hash;
  } algorithms[] = {{1, QFU_HASH_SHA256}, {7, QFU_HASH_SHA384}, {8, QFU_HASH_SHA512}};
  guint hash = 0;
  QfuCbor value;

  if (!qfu_comid_array (cbor, 2, error))
    return FALSE;
  if (qfu_cbor_peek (cbor) == QFU_CBOR_TEXT) {
    if (!qfu_comid_text (cbor, "sha-1", error))
      return FALSE;
    hash = QFU_HASH_SHA1;
  } else {
    guint64 number;

    if (!qfu_cbor_uint (cbor, &number, error))
      return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
      if (algorithms[i].number == number)
        hash = algorithms[i].hash;
    }
  }
  return qfu_cbor_bytes (cbor, &value, error) &&
         (qfu_digest_set (digest, hash, value.data, value.size) ||
          fail (error, "a digest that is none"));
}

static gboolean
read_digests (QfuCbor *cbor, GArray **digests, GError **error)
{
  guint64 count;

  if (!qfu_cbor_array (cbor, QFU_BANK_COUNT, &count, error))
    return FALSE;
  *digests = g_array_new (FALSE, TRUE, sizeof (QfuDigest));
  for (guint64 i = 0; i < count; i++) {
    QfuDigest digest;

    if (!read_digest (cbor, &digest, error))
      return FALSE;
    g_array_append_val (*digests, digest);
  }
  return TRUE;
}

/* The mval of a measurement, of @left members. */
static gboolean
read_values (QfuCbor *cbor, QfuMeasurement *m, guint64 left, GError **error)
{
  if (left > 0 && qfu_cbor_has_key (cbor, VALUE_VERSION)) {
    left--;
    if (!qfu_comid_map (cbor, 1, error) || !qfu_cbor_key (cbor, 0, error))
      return FALSE;
    m->version = qfu_cbor_text (cbor, qfu_wire_field_spec (QFU_FIELD_VERSION)->max, error);
    if (m->version == NULL)
      return FALSE;
  }
  if (left > 0 && qfu_cbor_has_key (cbor, VALUE_DIGESTS)) {
    left--;
    if (!read_digests (cbor, &m->digests, error))
      return FALSE;
  }
  if (left > 0 && qfu_cbor_has_key (cbor, VALUE_RAW)) {
    left--;
    if (!qfu_cbor_tag (cbor, TAG_BYTES, error) || !qfu_cbor_bytes (cbor, &m->raw, error))
      return FALSE;
  }
  if (left > 0 && qfu_cbor_has_key (cbor, VALUE_NAME)) {
    left--;
    m->name = qfu_cbor_text (cbor, QFU_MANIFEST_CONDITION_MAX, error);
    if (m->name == NULL)
      return FALSE;
  }
  return left == 0 || fail (error, "a measurement of another kind");
}

static gboolean
read_key (QfuCbor *cbor, QfuMeasurement *m, GError **error)
{
  if (qfu_cbor_peek (cbor) == QFU_CBOR_TEXT) {
    m->file = qfu_cbor_text (cbor, QFU_CBFS_NAME_MAX - 1, error);
    return m->file != NULL;
  }
  m->has_pcr = TRUE;
  return qfu_cbor_uint (cbor, &m->pcr, error);
}

gboolean
qfu_comid_measurement (QfuCbor *cbor, QfuMeasurement *m, GError **error)
{
  guint64 count;
  guint64 values;

  if (!qfu_cbor_map (cbor, 2, &count, error))
    return FALSE;
  if (count == 2 && (!qfu_cbor_key (cbor, MEASUREMENT_KEY, error) || !read_key (cbor, m, error)))
    return FALSE;
  if (count == 0)
    return fail (error, "a measurement of nothing");
  return qfu_cbor_key (cbor, MEASUREMENT_VALUE, error) && qfu_cbor_map (cbor, 4, &values, error) &&
         read_values (cbor, m, values, error);
}

/* [environment, [measurement…]]: reads what comes before the measurements. */
gboolean
qfu_comid_triple (QfuCbor *cbor, guint64 max, char **model, guint64 *count, GError **error)
{
  if (!qfu_comid_array (cbor, 2, error) || !qfu_comid_map (cbor, 1, error) ||
      !qfu_cbor_key (cbor, ENVIRONMENT_CLASS, error) || !qfu_comid_map (cbor, 1, error) ||
      !qfu_cbor_key (cbor, CLASS_MODEL, error))
    return FALSE;
  *model = qfu_cbor_text (cbor, QFU_FMAP_NAME_MAX - 1, error);
  return *model != NULL && qfu_cbor_array (cbor, max, count, error);
}
