/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki.h"
#include "qfu-error.h"
#include "qfu-signature.h"
#include "testconfig.h"

#define SIGNATURE_HEAD "{\"JcatVersionMajor\":0,\"JcatVersionMinor\":1,\"Items\":["
#define SIGNATURE_TAIL "]}"

/* A file, an authority, and a leaf of it; the time to judge by. */
typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  GBytes *bytes;
  QfuUntrustedBlob *data;
  QfuUntrustedBlob *keys;
  gint64 now;
} SignatureFixture;

void signature_set_up (SignatureFixture *f, gconstpointer unused);
void signature_tear_down (SignatureFixture *f, gconstpointer unused);
char *signature_checksum (guint kind, GChecksumType type, GBytes *bytes);
QfuJcat *signature_read_jcat (const SignatureFixture *f, GBytes *gzip);
QfuJcat *signature_jcat (const SignatureFixture *f,
                         const char *first,
                         const char *second,
                         const char *third);
QfuSignature *
signature_verify (const SignatureFixture *f, const QfuJcat *jcat, const char *name, GError **error);
void signature_expect (
    const SignatureFixture *f, QfuJcat *jcat, const char *name, QfuError code, const char *why);
void signature_expect_good (const SignatureFixture *f, QfuJcat *jcat);
