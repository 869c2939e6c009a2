/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-members.h"
#include "qfu-signature.h"

/**
 * QfuCabRole:
 * @QFU_CAB_ROLE_EXTRA: nothing that a firmware needs
 * @QFU_CAB_ROLE_JCAT: checksums and signatures of the others
 * @QFU_CAB_ROLE_METAINFO: says what the firmware is
 * @QFU_CAB_ROLE_PAYLOAD: the firmware, as the metainfo names it
 * @QFU_CAB_ROLE_MANIFEST: what the vendor expects the firmware to measure
 *
 * What a file in a cab is for.
 */
typedef enum {
  QFU_CAB_ROLE_EXTRA,
  QFU_CAB_ROLE_JCAT,
  QFU_CAB_ROLE_METAINFO,
  QFU_CAB_ROLE_PAYLOAD,
  QFU_CAB_ROLE_MANIFEST,
} QfuCabRole;

/* "extra", "jcat", "metainfo", "payload" or "manifest". */
const char *qfu_cab_role_name (QfuCabRole role);

/**
 * QfuCabItem:
 * @name: the file's name in the cab
 * @role: what it is for, as far as it got known
 * @blob: its bytes
 * @checksums: (array zero-terminated): names of the algorithms whose checksum of it the jcat file
 * states; all are right when it has a signature
 * @signature: (nullable): the good signature over it
 * @reason: (nullable): why it has none; %NULL also for the jcat file, which is not signed itself
 */
typedef struct {
  char *name;
  QfuCabRole role;
  QfuUntrustedBlob *blob;
  char **checksums;
  QfuSignature *signature;
  char *reason;
} QfuCabItem;

/* (transfer full) (element-type QfuCabItem): an extra item without a signature for each of @members
 * (element-type QfuCabMember), which lose what is in them. */
GPtrArray *qfu_cab_items_new (GPtrArray *members);

/* (transfer none) (nullable): the item called @name. */
QfuCabItem *qfu_cab_items_find (const GPtrArray *items, const char *name);

/**
 * qfu_cab_items_find_one:
 * @items: (element-type QfuCabItem): the files in a cab
 * @suffix: how the name of the wanted one ends
 * @count: (out): how many names end so
 *
 * Returns: (transfer none) (nullable): the item when there is exactly one
 */
QfuCabItem *qfu_cab_items_find_one (const GPtrArray *items, const char *suffix, guint *count);
