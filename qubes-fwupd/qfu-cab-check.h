/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-item.h"
#include "qfu-component.h"
#include "qfu-manifest.h"

/* Whether @problem is the fault of a file that was looked at, and not of this system. */
gboolean qfu_cab_blames (const GError *problem);

/**
 * QfuCabContent:
 *
 * What in a cab belongs together: a metainfo file and a payload, each with a good signature of its
 * own by one certificate, and the payload is the file whose SHA-256 the signed metainfo states for
 * its release. Made by qfu_cab_check() only.
 *
 * Trust: as far as the workers for `signature` and `metainfo` are; every digest was computed here.
 * The cabinet that it came in is nobody's word.
 */
typedef struct _QfuCabContent QfuCabContent;

void qfu_cab_content_free (QfuCabContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCabContent, qfu_cab_content_free)

/* (transfer none): the metainfo file and the payload, with their signatures. */
const QfuCabItem *qfu_cab_content_metainfo (const QfuCabContent *content);
const QfuCabItem *qfu_cab_content_payload (const QfuCabContent *content);
/* (transfer none) (nullable): what the vendor declares of the payload, signed by the same
 * certificate. */
const QfuCabItem *qfu_cab_content_manifest (const QfuCabContent *content, QfuManifestForm form);
/* (transfer none): what the metainfo says, and its release that the payload is. */
const QfuComponent *qfu_cab_content_component (const QfuCabContent *content);
const QfuComponentRelease *qfu_cab_content_release (const QfuCabContent *content);

/**
 * QfuCabReport:
 * @reasons: (array zero-terminated): why the cab is rejected, for people; none: it is accepted
 * @items: (element-type QfuCabItem): the files in the cab; empty when it cannot be unpacked
 * @component: (nullable): what the signed metainfo file says
 * @release: (nullable): the release that the payload is, of @component
 * @content: (nullable): what belongs together, whatever else is in the cab or wrong with it
 *
 * What a check of a cab on its own, without metadata, found. It is a report for a person: jcat
 * signs files and not the container that joins them. Later steps demand @content.
 */
typedef struct {
  char **reasons;
  GPtrArray *items;
  const QfuComponent *component;
  const QfuComponentRelease *release;
  QfuCabContent *content;
  QfuComponent *owned_component; /* unless @content has it */
} QfuCabReport;

/**
 * qfu_cab_check:
 * @config: where the worker is
 * @cab: the bytes
 * @keys_dir: directory with the certificates of the accepted authorities
 * @now: the time to judge by, seconds since 1970
 * @error: only when the check could not be made: keys, worker or memory are missing
 *
 * The cab is accepted when it unpacks, and is an exact cabinet (qfu_cab_members_exact()); has one
 * jcat file, one metainfo file, the payload that this names, at most one manifest in each form, and
 * nothing else; every file but the
 * jcat has the checksum that the jcat says and a good signature by an accepted authority, all by
 * one certificate; and the payload has the SHA-256 that the signed metainfo states for its first
 * release, which is the one that fwupd takes. The metainfo is parsed only after its signature was
 * found good.
 *
 * Returns: (transfer full): the report
 */
QfuCabReport *qfu_cab_check (const QfuConfig *config,
                             const QfuUntrustedBlob *cab,
                             const char *keys_dir,
                             gint64 now,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_cab_report_free (QfuCabReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCabReport, qfu_cab_report_free)
