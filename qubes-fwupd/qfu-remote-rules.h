/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuRemoteRules:
 * @metadata_keys: folder of the authorities whose signature on its metadata counts; never empty
 * @firmware_keys: folder of the authorities whose signature on what is in its cabs counts; never
 * empty
 * @devices: (array zero-terminated): GUIDs (lower case) and vendor ids that it may offer firmware
 * for; empty: any
 * @system_firmware: whether it may offer firmware of devices that fwupd calls internal
 *
 * What one remote of fwupd may do, as it counts: a key that the configuration does not set has its
 * default here. The strings are owned by the configuration.
 *
 * Trust: the configuration belongs to root.
 */
typedef struct {
  const char *metadata_keys;
  const char *const *devices;
  gboolean system_firmware;
  const char *firmware_keys;
} QfuRemoteRules;

/**
 * QfuRemoteGroup:
 *
 * One group `[Remote ID]` of the configuration file, as it was written.
 */
typedef struct _QfuRemoteGroup QfuRemoteGroup;

/**
 * qfu_remote_group_new:
 * @group: name of the group in the file
 * @error: #QFU_ERROR_USAGE: it is not "Remote ID" with an ID of [A-Za-z0-9._-]
 *
 * Returns: (transfer full): the group without a key
 */
QfuRemoteGroup *qfu_remote_group_new (const char *group, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_remote_group_free (QfuRemoteGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRemoteGroup, qfu_remote_group_free)

/* (transfer none): the remote's id. */
const char *qfu_remote_group_id (const QfuRemoteGroup *group);

/**
 * qfu_remote_group_set:
 * @key: MetadataKeys, FirmwareKeys, Devices or SystemFirmware
 * @value: as the file has it
 * @error: #QFU_ERROR_USAGE naming group, key, value and what is allowed
 *
 * Takes over one line of the group.
 */
gboolean qfu_remote_group_set (QfuRemoteGroup *group,
                               const char *key,
                               const char *value,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_remote_rules:
 * @group: (nullable): what the file says of it; owns the strings
 * @id: the remote
 * @metadata_keys: MetadataKeys of [Trust], for a remote without its own; owned by the caller
 * @firmware_keys: FirmwareKeys of [Trust], the same
 *
 * Returns: what counts. Only `lvfs` may offer system firmware unless the group says otherwise.
 */
QfuRemoteRules qfu_remote_rules (const QfuRemoteGroup *group,
                                 const char *id,
                                 const char *metadata_keys,
                                 const char *firmware_keys);
