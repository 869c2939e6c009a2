/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuFindingStatus:
 * @QFU_FINDING_AGREES: it is as declared
 * @QFU_FINDING_CONTRADICTS: it is not, which refuses an update
 * @QFU_FINDING_UNCHECKED: nothing can be said, for the reason given
 */
typedef enum {
  QFU_FINDING_AGREES,
  QFU_FINDING_CONTRADICTS,
  QFU_FINDING_UNCHECKED,
} QfuFindingStatus;

/* "agrees", "contradicts" or "unchecked". */
const char *qfu_finding_status_name (QfuFindingStatus status);

/**
 * QfuFinding:
 * @status: what was found
 * @object: what it is about: `image`, `version`, `REGION:FILE`, `recipe NAME`, `PCR 0`
 * @message: in words; printable ASCII
 */
typedef struct {
  QfuFindingStatus status;
  char *object;
  char *message;
} QfuFinding;

/* (transfer full) (element-type QfuFinding): an empty list that frees its elements. */
GPtrArray *qfu_findings_new (void);
void qfu_findings_add (GPtrArray *findings,
                       QfuFindingStatus status,
                       const char *object,
                       const char *format,
                       ...) G_GNUC_PRINTF (4, 5);
/* (transfer none) (nullable): the first contradiction. */
const QfuFinding *qfu_findings_contradiction (const GPtrArray *findings);
