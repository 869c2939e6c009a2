/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"

/**
 * QfuChoice:
 * @devices: (element-type QfuDevice): of this machine and of its USB qubes
 * @domains: (array zero-terminated) (nullable): names of the USB qubes, those with devices and
 * those without
 *
 * What a person can mean.
 */
typedef struct {
  const GPtrArray *devices;
  const char *const *domains;
} QfuChoice;

/**
 * qfu_select_device:
 * @choice: all there are
 * @wanted: what a person calls one of them
 * @error: #QFU_ERROR_NOT_FOUND; #QFU_ERROR_USAGE when several are meant, listing them
 *
 * Finds the device with this id, else GUID, else name, else with an id that begins so (at least 4
 * characters), else with this name in whatever case. This machine's own devices are looked through
 * by all these ways first: whatever a USB qube says of its devices, none of them takes the place of
 * one of dom0's. Of devices of several USB qubes none comes before another's: what one of them is
 * called and what the id of the other begins with are two. `DOMAIN:WORD` looks for WORD among the
 * devices of that domain alone.
 *
 * Returns: (transfer none): the one that is meant
 */
QfuDevice *qfu_select_device (const QfuChoice *choice,
                              const char *wanted,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer container) (element-type QfuDevice): the one that @wanted means; with %NULL every one
 * that can be updated, or could but for a problem. */
GPtrArray *qfu_select_devices (const QfuChoice *choice,
                               const char *wanted,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none) (nullable): the domain that @wanted names in front of its word: dom0 or one of
 * @domains (array zero-terminated) (nullable). */
const char *qfu_select_domain (const char *const *domains, const char *wanted);
