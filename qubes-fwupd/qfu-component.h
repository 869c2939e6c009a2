/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-component-kind.h"
#include "qfu-digest.h"
#include "qfu-process.h"

/**
 * QfuRequirement:
 * @kind: what it is about
 * @compare: (nullable): how to compare, as qfu_version_matches() takes it
 * @version: (nullable): what to compare with
 * @value: (nullable): its text
 *
 * A condition for the installation of a component's releases.
 */
typedef struct {
  QfuRequirementKind kind;
  char *compare;
  char *version;
  char *value;
} QfuRequirement;

/**
 * QfuComponentRelease:
 * @version: never empty
 * @urgency: (nullable): `low`, `medium`, `high`, `critical`
 * @location: (nullable): https URL or relative path of the cab
 * @description: (nullable): lines of plain text
 * @content_name: (nullable): the payload's member in the cab, one path component
 * @time: seconds since 1970, 0 when not said
 * @size: bytes of the cab, 0 when not said
 * @installed_size: bytes of the payload, 0 when not said
 * @duration: seconds that an installation takes, 0 when not said
 * @has_sha256: whether @sha256 is set
 * @sha256: of the cab
 * @has_content: whether @content is set
 * @content: SHA-256 of the payload
 * @cves: (array zero-terminated): CVE numbers that it fixes
 * @device_checksums: (array zero-terminated): `sha256:<hex>` that the device reports afterwards
 */
typedef struct {
  char *version;
  char *urgency;
  char *location;
  char *description;
  char *content_name;
  guint64 time;
  guint64 size;
  guint64 installed_size;
  guint64 duration;
  gboolean has_sha256;
  QfuDigest sha256;
  gboolean has_content;
  QfuDigest content;
  char **cves;
  char **device_checksums;
} QfuComponentRelease;

/**
 * QfuComponent:
 * @id: AppStream id
 * @broken: (nullable): why nothing but @id and @guids could be read; there is no release then
 * @name: (nullable): what to call it
 * @summary: (nullable): a line about it
 * @vendor: (nullable): who made it
 * @branch: (nullable): the firmware branch
 * @version_format: (nullable): how to compare versions
 * @protocol: (nullable): the update protocol
 * @guids: (array zero-terminated): lower-case GUIDs of devices that it is for
 * @requirements: (element-type QfuRequirement): conditions
 * @releases: (element-type QfuComponentRelease): in the order of the file
 *
 * What metadata or a metainfo file says about one firmware. Plain data: that it was decoded says
 * nothing about who wrote it.
 *
 * Trust: values are within their ranges; their meaning is the worker's claim.
 */
typedef struct {
  char *id;
  char *broken;
  char *name;
  char *summary;
  char *vendor;
  char *branch;
  char *version_format;
  char *protocol;
  char **guids;
  GPtrArray *requirements;
  GPtrArray *releases;
} QfuComponent;

void qfu_component_free (QfuComponent *component);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuComponent, qfu_component_free)

/**
 * qfu_component_collect:
 * @process: a worker for `metainfo`
 * @error: as from qfu_component_add_frame(), and what the worker reports
 *
 * Reads everything that the worker sends.
 *
 * Returns: (transfer full) (element-type QfuComponent): the components
 */
GPtrArray *qfu_component_collect (QfuProcess *process, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_component_add_frame:
 * @components: (element-type QfuComponent): what was read so far
 * @message: a COMPONENT, or a REQUIREMENT or RELEASE that belongs to the last one
 * @error: #QFU_ERROR_PROTOCOL: a value is out of its range or a frame out of order;
 * #QFU_ERROR_FORMAT: the component is broken, with the reason
 */
gboolean qfu_component_add_frame (GPtrArray *components,
                                  const QfuMessage *message,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
