/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How much of a format the parsers take. What is larger is refused with QFU_ERROR_LIMIT before
 * memory is spent on it; tests/parse tries each at the limit and one past it. */

/* jcat: the one of a cabinet has two items, four blobs each, in 3 KiB */
#define QFU_JCAT_COMPRESSED_MAX (1024 * 1024) /* bytes of gzip */
#define QFU_JCAT_JSON_MAX (4 * 1024 * 1024)   /* bytes of JSON */
#define QFU_JCAT_DEPTH_MAX 16                 /* nested arrays and objects; the format has 6 */
#define QFU_JCAT_VALUES_MAX (32 * 1024)       /* values in arrays and objects */
#define QFU_JCAT_ITEMS_MAX 64                 /* files described */
#define QFU_JCAT_BLOBS_MAX 16                 /* checksums and signatures of one file */
#define QFU_JCAT_ALIASES_MAX 8                /* other names of one file */
#define QFU_JCAT_NAME_MAX 256                 /* bytes of an ID or alias */
#define QFU_JCAT_BLOB_MAX (48 * 1024)         /* bytes of one blob, decoded */

/* signatures */
#define QFU_SIGNATURE_PKCS7_MAX (64 * 1024)         /* bytes of one PKCS#7 structure */
#define QFU_SIGNATURE_AUTHORITIES_MAX (1024 * 1024) /* bytes of PEM */
#define QFU_SIGNATURE_AUTHORITY_COUNT_MAX 64        /* certificates among them */
#define QFU_SIGNATURE_SIGNERS_MAX 8                 /* signers of one PKCS#7 structure */
#define QFU_SIGNATURE_CERTIFICATES_MAX 16           /* certificates in one PKCS#7 structure */
