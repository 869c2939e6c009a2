/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
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
