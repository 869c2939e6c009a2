/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/* How the name of a metainfo file ends. */
#define QFU_CAB_METAINFO_SUFFIX ".metainfo.xml"
/* How the name of the file with the signatures ends. */
#define QFU_CAB_JCAT_SUFFIX ".jcat"

/**
 * QfuCabMember:
 * @name: one path component of printable ASCII
 * @blob: what is in it
 *
 * A file in a cab, as a worker unpacked it.
 *
 * Trust: the worker's claim about anybody's bytes.
 */
typedef struct {
  char *name;
  QfuUntrustedBlob *blob;
} QfuCabMember;

void qfu_cab_member_free (QfuCabMember *member);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCabMember, qfu_cab_member_free)

/**
 * qfu_cab_members:
 * @config: where the worker is
 * @cab: a cabinet
 * @error: #QFU_ERROR_PROTOCOL when the worker lies, and what it reports
 *
 * Returns: (transfer full) (element-type QfuCabMember): the files in @cab, no two of one name
 */
GPtrArray *qfu_cab_members (const QfuConfig *config,
                            const QfuUntrustedBlob *cab,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, of a cabinet that holds nothing which a reader passes over: no gaps, no reserve, no
 * set, nothing behind it. Anything else is #QFU_ERROR_FORMAT or #QFU_ERROR_UNSUPPORTED. */
GPtrArray *qfu_cab_members_exact (const QfuConfig *config,
                                  const QfuUntrustedBlob *cab,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
