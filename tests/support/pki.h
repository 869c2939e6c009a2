/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gnutls/x509.h>

#define PKI_NOW 0                                    /* for @signed_at: the present */
#define PKI_LONG_AGO G_GINT64_CONSTANT (1577836800)  /* 2020-01-01 */
#define PKI_FAR_AHEAD G_GINT64_CONSTANT (4102444800) /* 2100-01-01 */

/* A certificate and its key. */
typedef struct {
  gnutls_x509_crt_t crt;
  gnutls_x509_privkey_t x509_key;
  gnutls_privkey_t key;
} Pki;

typedef struct {
  gint64 from;
  gint64 to;
  unsigned usage; /* GNUTLS_KEY_…, 0: none stated */
  gboolean ca;
} PkiValidity;

extern const PkiValidity pki_authority; /* 2020 to 2100 */
extern const PkiValidity pki_leaf;      /* 2020 to 2100 */

/* @issuer %NULL: self-signed. */
Pki *pki_new (const char *name, const Pki *issuer, const PkiValidity *validity);
void pki_free (Pki *pki);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pki, pki_free)

/* (transfer full): the certificate in PEM format. */
char *pki_pem (const Pki *pki);
/* (transfer full): a detached PKCS#7 signature; @flags: GNUTLS_PKCS7_… */
GBytes *pki_sign (const Pki *pki,
                  GBytes *data,
                  gint64 signed_at,
                  gnutls_digest_algorithm_t hash,
                  unsigned flags,
                  gnutls_x509_crt_fmt_t format);
/* The usual one: now, SHA-256, with certificate and time, PEM. */
GBytes *pki_sign_now (const Pki *pki, GBytes *data);

/* (transfer full): what @pki would sign if its key were of ML-DSA-87: the signature of
 * pki_sign_now() in PEM, whose signer and certificates name that algorithm, with a value of its
 * length. No library that knows the algorithm finds it good. */
GBytes *pki_sign_ml_dsa (const Pki *pki, GBytes *data);

/* (transfer full): the certificate in PEM format, as if all its keys were of ML-DSA-87. */
char *pki_pem_ml_dsa (const Pki *pki);

/* (transfer full): gzip of a text. */
GBytes *pki_gzip (const char *text, gsize size);
/* (transfer full): the JSON of a blob with text data. */
char *pki_json_blob (guint kind, GBytes *data);
