/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <string.h>
#include <time.h>

const PkiValidity pki_authority = {PKI_LONG_AGO, PKI_FAR_AHEAD, GNUTLS_KEY_KEY_CERT_SIGN, TRUE};
const PkiValidity pki_leaf = {PKI_LONG_AGO, PKI_FAR_AHEAD, GNUTLS_KEY_DIGITAL_SIGNATURE, FALSE};

static gint64 fixed_time;

static time_t
return_fixed_time (time_t *out)
{
  if (out != NULL)
    *out = (time_t)fixed_time;
  return (time_t)fixed_time;
}

#define must(call) must_work (call, #call)

static void
must_work (int rc, const char *call)
{
  if (rc < 0)
    g_error ("%s: %s", call, gnutls_strerror (rc));
}

Pki *
pki_new (const char *name, const Pki *issuer, const PkiValidity *validity)
{
  static guint8 serial = 1;
  Pki *pki = g_new0 (Pki, 1);
  g_autofree char *dn = g_strdup_printf ("CN=%s,O=Tests", name);
  guint8 key_id[20];
  gsize size = sizeof key_id;

  must (gnutls_x509_privkey_init (&pki->x509_key));
  must (gnutls_x509_privkey_generate (pki->x509_key, GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  must (gnutls_privkey_init (&pki->key));
  must (gnutls_privkey_import_x509 (pki->key, pki->x509_key, GNUTLS_PRIVKEY_IMPORT_COPY));
  must (gnutls_x509_crt_init (&pki->crt));
  must (gnutls_x509_crt_set_version (pki->crt, 3));
  must (gnutls_x509_crt_set_key (pki->crt, pki->x509_key));
  must (gnutls_x509_crt_set_dn (pki->crt, dn, NULL));
  must (gnutls_x509_crt_set_serial (pki->crt, &serial, 1));
  serial++;
  must (gnutls_x509_crt_set_activation_time (pki->crt, (time_t)validity->from));
  must (gnutls_x509_crt_set_expiration_time (pki->crt, (time_t)validity->to));
  must (gnutls_x509_crt_set_basic_constraints (pki->crt, validity->ca, -1));
  must (gnutls_x509_crt_get_key_id (pki->crt, GNUTLS_KEYID_USE_SHA1, key_id, &size));
  must (gnutls_x509_crt_set_subject_key_id (pki->crt, key_id, size));
  if (validity->usage != 0)
    must (gnutls_x509_crt_set_key_usage (pki->crt, validity->usage));
  must (gnutls_x509_crt_privkey_sign (pki->crt, issuer == NULL ? pki->crt : issuer->crt,
                                      issuer == NULL ? pki->key : issuer->key, GNUTLS_DIG_SHA256,
                                      0));
  return pki;
}

void
pki_free (Pki *pki)
{
  gnutls_x509_crt_deinit (pki->crt);
  gnutls_privkey_deinit (pki->key);
  gnutls_x509_privkey_deinit (pki->x509_key);
  g_free (pki);
}

char *
pki_pem (const Pki *pki)
{
  gnutls_datum_t out;
  char *pem;

  must (gnutls_x509_crt_export2 (pki->crt, GNUTLS_X509_FMT_PEM, &out));
  pem = g_strndup ((const char *)out.data, out.size);
  gnutls_free (out.data);
  return pem;
}

GBytes *
pki_sign (const Pki *pki,
          GBytes *data,
          gint64 signed_at,
          gnutls_digest_algorithm_t hash,
          unsigned flags,
          gnutls_x509_crt_fmt_t format)
{
  gnutls_pkcs7_t pkcs7;
  gnutls_datum_t out;
  gsize size;
  gnutls_datum_t in = {(guint8 *)g_bytes_get_data (data, &size), 0};
  GBytes *bytes;

  in.size = (unsigned)size;
  must (gnutls_pkcs7_init (&pkcs7));
  if (signed_at != PKI_NOW) {
    fixed_time = signed_at;
    gnutls_global_set_time_function (return_fixed_time);
  }
  must (gnutls_pkcs7_sign (pkcs7, pki->crt, pki->key, &in, NULL, NULL, hash, flags));
  gnutls_global_set_time_function (time);
  must (gnutls_pkcs7_export2 (pkcs7, format, &out));
  bytes = g_bytes_new (out.data, out.size);
  gnutls_free (out.data);
  gnutls_pkcs7_deinit (pkcs7);
  return bytes;
}

GBytes *
pki_sign_now (const Pki *pki, GBytes *data)
{
  return pki_sign (pki, data, PKI_NOW, GNUTLS_DIG_SHA256,
                   GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME, GNUTLS_X509_FMT_PEM);
}

#define DER_SEQUENCE_BIT 0x20 /* the value is made of others */
#define ML_DSA_87_SIZE 4627   /* bytes of a signature */

static void
der_append (GByteArray *out, guint8 tag, const guint8 *value, gsize size)
{
  guint8 head[4] = {tag, (guint8)size};
  guint n = 2;

  g_assert (size < 1 << 16);
  if (size > 255) {
    head[1] = 0x82;
    head[2] = (guint8)(size >> 8);
    head[3] = (guint8)size;
    n = 4;
  } else if (size > 127) {
    head[1] = 0x81;
    head[2] = (guint8)size;
    n = 3;
  }
  g_byte_array_append (out, head, n);
  g_byte_array_append (out, value, (guint)size);
}

/* Copies DER and exchanges the algorithm of every signature, and the signer's value; lengths grow
 * all the way up. */
static void
der_to_ml_dsa (const guint8 *data, gsize size, GByteArray *out)
{
  static const guint8 ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  static const guint8 ml_dsa_87[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13};
  gboolean signer = FALSE; /* in a SignerInfo, the algorithm comes before the value */

  for (gsize at = 0; at < size;) {
    guint8 tag = data[at];
    gsize bytes = data[at + 1] > 0x80 ? data[at + 1] & 0x7f : 0;
    gsize length = bytes == 0 ? data[at + 1] : 0;
    const guint8 *value = data + at + 2 + bytes;

    for (gsize i = 0; i < bytes; i++)
      length = length << 8 | data[at + 2 + i];
    g_assert (value + length <= data + size);
    if ((tag & DER_SEQUENCE_BIT) != 0) {
      g_autoptr (GByteArray) inner = g_byte_array_new ();

      der_to_ml_dsa (value, length, inner);
      der_append (out, tag, inner->data, inner->len);
      signer = length == sizeof ecdsa + 2 && memcmp (value + 2, ecdsa, sizeof ecdsa) == 0;
    } else if (tag == 0x06 && length == sizeof ecdsa && memcmp (value, ecdsa, length) == 0) {
      der_append (out, tag, ml_dsa_87, sizeof ml_dsa_87);
    } else if (tag == 0x04 && signer) {
      g_autofree guint8 *random = g_malloc (ML_DSA_87_SIZE);

      for (gsize i = 0; i < ML_DSA_87_SIZE; i++)
        random[i] = (guint8)(i * 131 + 7);
      der_append (out, tag, random, ML_DSA_87_SIZE);
    } else {
      der_append (out, tag, value, length);
    }
    at = (gsize)(value - data) + length;
  }
}

GBytes *
pki_sign_ml_dsa (const Pki *pki, GBytes *data)
{
  g_autoptr (GBytes) der =
      pki_sign (pki, data, PKI_NOW, GNUTLS_DIG_SHA256,
                GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME, GNUTLS_X509_FMT_DER);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *base64 = NULL;

  der_to_ml_dsa (g_bytes_get_data (der, NULL), g_bytes_get_size (der), out);
  base64 = g_base64_encode (out->data, out->len);
  return g_bytes_new_take (
      g_strdup_printf ("-----BEGIN PKCS7-----\n%s\n-----END PKCS7-----\n", base64),
      strlen ("-----BEGIN PKCS7-----\n\n-----END PKCS7-----\n") + strlen (base64));
}

char *
pki_pem_ml_dsa (const Pki *pki)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *base64 = NULL;
  gnutls_datum_t der;

  must (gnutls_x509_crt_export2 (pki->crt, GNUTLS_X509_FMT_DER, &der));
  der_to_ml_dsa (der.data, der.size, out);
  gnutls_free (der.data);
  base64 = g_base64_encode (out->data, out->len);
  return g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64);
}

GBytes *
pki_gzip (const char *text, gsize size)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));

  g_assert_true (g_output_stream_write_all (stream, text, size, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

char *
pki_json_blob (guint kind, GBytes *data)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  g_autofree char *escaped = g_strescape (text, NULL);

  return g_strdup_printf ("{\"Kind\":%u,\"Flags\":1,\"Data\":\"%s\"}", kind, escaped);
}
