/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-members.h"
#include "qfu-component.h"
#include "qfu-signature.h"

/**
 * QfuCabItem:
 * @name: the file's name in the cab
 * @size: bytes
 * @sha256: computed here
 * @signature: (nullable): the good signature over it
 * @reason: (nullable): why it has none; %NULL also for the jcat file, which is not signed itself
 */
typedef struct {
  char *name;
  guint64 size;
  QfuDigest sha256;
  QfuSignature *signature;
  char *reason;
} QfuCabItem;

/**
 * QfuCabReport:
 * @accepted: whether @reasons is empty
 * @reasons: (array zero-terminated): why the cab is rejected, for people
 * @items: (element-type QfuCabItem): the files in the cab; empty when it cannot be unpacked
 * @component: (nullable): what the signed metainfo file says
 *
 * What a check of a cab on its own, without metadata, found. It is a report for a person: no later
 * step takes it for a permission, because jcat signs files and not the container that joins them.
 */
typedef struct {
  gboolean accepted;
  char **reasons;
  GPtrArray *items;
  QfuComponent *component;
} QfuCabReport;

/**
 * qfu_cab_check:
 * @config: where the worker is
 * @cab: the bytes
 * @keys_dir: directory with the certificates of the accepted authorities
 * @error: only when the check could not be made: keys, worker or memory are missing
 *
 * The cab is accepted when it unpacks; has one jcat and one metainfo file; every file but the jcat
 * has the checksum that the jcat says and a good signature by an accepted authority, all by one
 * certificate; and the payload is the one whose SHA-256 the first release of the signed metainfo
 * states. The metainfo is parsed only after its signature was found good.
 *
 * Returns: (transfer full): the report
 */
QfuCabReport *qfu_cab_check (const QfuConfig *config,
                             const QfuUntrustedBlob *cab,
                             const char *keys_dir,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_cab_report_free (QfuCabReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCabReport, qfu_cab_report_free)
