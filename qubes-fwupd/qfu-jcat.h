/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"

/**
 * QfuJcat:
 *
 * What a worker found in a jcat file: items (files), each with checksums and signatures.
 *
 * Trust: all of it is the worker's claim about anybody's bytes. Names are printable ASCII. A
 * checksum counts once it equals a digest of ours, a signature once qfu_signature_verify() says so.
 */
typedef struct _QfuJcat QfuJcat;

/* Kinds of blobs, as the jcat format numbers them; others are ignored. */
typedef enum {
  QFU_JCAT_SHA256 = 1,
  QFU_JCAT_PKCS7 = 3,
  QFU_JCAT_SHA512 = 10,
} QfuJcatKind;

typedef struct {
  guint kind; /* a #QfuJcatKind or another number */
  GBytes *data;
} QfuJcatBlob;

typedef struct {
  char *id;
  char **aliases;
  GArray *blobs; /* of QfuJcatBlob */
} QfuJcatItem;

/**
 * qfu_jcat_read:
 * @config: where the worker is
 * @blob: a jcat file
 * @error: what the worker says, or #QFU_ERROR_PROTOCOL or #QFU_ERROR_LIMIT when it lies
 *
 * Has a worker list what is in @blob.
 */
QfuJcat *qfu_jcat_read (const QfuConfig *config,
                        const QfuUntrustedBlob *blob,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_jcat_free (QfuJcat *jcat);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuJcat, qfu_jcat_free)

guint qfu_jcat_size (const QfuJcat *jcat);
/* (transfer none): the @index-th item. */
const QfuJcatItem *qfu_jcat_item (const QfuJcat *jcat, guint index);
/* Whether the item's ID or an alias of it is @name. */
gboolean qfu_jcat_item_is (const QfuJcatItem *item, const char *name);

/* Whether an item called @name has a blob of @kind. */
gboolean qfu_jcat_states (const QfuJcat *jcat, const char *name, QfuJcatKind kind);

/* (transfer full) (array zero-terminated): names of the algorithms whose checksum of @name is
 * stated, each once. */
char **qfu_jcat_stated (const QfuJcat *jcat, const char *name);

/**
 * QfuJcatEntry:
 * @id: the item's name
 * @aliases: (array zero-terminated) (nullable): its other names
 * @sha256: the digest of the file, computed here
 * @pkcs7: a signature that verified, from qfu_signature_pkcs7()
 *
 * One file of a jcat file that is written anew.
 */
typedef struct {
  const char *id;
  const char *const *aliases;
  const QfuDigest *sha256;
  GBytes *pkcs7;
} QfuJcatEntry;

/**
 * qfu_jcat_write:
 * @entries: (array length=n_entries): what verified
 *
 * Writes a jcat file that holds nothing but what was verified, for fwupd, which parses it again as
 * root. The same entries give the same bytes.
 *
 * Returns: (transfer full): the gzip'd file
 */
GBytes *qfu_jcat_write (const QfuJcatEntry *entries, gsize n_entries);

/**
 * qfu_jcat_rebuild:
 * @id: the item's name
 * @aliases: (array zero-terminated) (nullable): its other names
 * @sha256: the digest of the file, computed here
 * @pkcs7: a signature that verified, from qfu_signature_pkcs7()
 *
 * qfu_jcat_write() for one file.
 *
 * Returns: (transfer full): the gzip'd file
 */
GBytes *qfu_jcat_rebuild (const char *id,
                          const char *const *aliases,
                          const QfuDigest *sha256,
                          GBytes *pkcs7);
