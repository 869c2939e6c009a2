/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"
#include "qfu-options.h"

#include <json-glib/json-glib.h>

/* A device's name, and facts about it; GUIDs with --verbose. */
void qfu_device_say (const QfuOptions *options, const QfuDevice *device);
/* An object about it. */
void qfu_device_json (JsonBuilder *builder, const QfuDevice *device);

/* (transfer full): what a line about it begins with: its name, and before that the USB qube whose
 * word the name is. */
char *qfu_device_title (const QfuDevice *device);
/* (transfer none): the version that it runs, for people. */
const char *qfu_device_version (const QfuDevice *device);
/* (transfer none) (nullable): what has to happen before new firmware runs; %NULL: nothing. */
const char *qfu_device_takes_effect (const QfuDevice *device);
