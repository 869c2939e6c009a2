/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki.h"
#include "qfu-cab.h"
#include "qfu-config.h"

#define SIGNED_GUID "b585990a-003e-5270-89d5-3705a17f9a43"

/* A file, who signs it, and when. */
typedef struct {
  const char *name;
  GBytes *data;
  const Pki *signer;
  gint64 signed_at; /* PKI_NOW (0) for the present */
} SignedFile;

/* Writes the certificate of @authority as the only key in @directory. */
void signed_keys (const char *directory, const Pki *authority);
/* (transfer full): a jcat file with a checksum and a signature for each file. */
GBytes *signed_jcat (const SignedFile *files, gsize n_files);
/* (transfer full): metainfo of version 1 of org.example.@name, whose payload is @payload as
 * rom.bin. */
GBytes *signed_metainfo (const char *name, GBytes *payload);
/* (transfer full): a cabinet with the files and firmware.jcat, made of @in_jcat or, when %NULL, of
 * @files. */
QfuUntrustedBlob *signed_cab (const SignedFile *files, gsize n_files, const SignedFile *in_jcat);
/* (transfer full): metadata signed by @leaf, as firmware.xml.gz of the remote `test`. */
QfuSignedMetadata *
signed_metadata (const QfuConfig *config, const Pki *leaf, GBytes *gzip, gint64 signed_at);
/* (transfer full): the catalog of @xml for @guids, signed by @leaf, through the real workers. */
QfuCatalog *signed_catalog (const QfuConfig *config,
                            const Pki *leaf,
                            const char *xml,
                            const char *const *guids);
/* (transfer full): a catalog of one release, version 2 for SIGNED_GUID, whose file is @cab and
 * whose rom.bin has the SHA-256 @content (%NULL: it says nothing of that). */
QfuCatalog *signed_catalog_of_cab (const QfuConfig *config,
                                   const Pki *leaf,
                                   const QfuUntrustedBlob *cab,
                                   const char *content);
/* (transfer none): that release. */
const QfuRelease *signed_release (const QfuCatalog *catalog);
/* (transfer full): the bytes of @data as a blob. */
QfuUntrustedBlob *signed_blob (GBytes *data);
/* (transfer full): the characters of @text. */
GBytes *signed_text (const char *text);
