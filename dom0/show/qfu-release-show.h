/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-component.h"
#include "qfu-options.h"

#include <json-glib/json-glib.h>

/* Facts about a release: when it came, how large and how urgent it is, what it fixes, how long it
 * takes, and its notes. */
void qfu_release_say (const QfuOptions *options, const QfuComponentRelease *release);
/* Of these, what counts for a decision: how urgent it is, and what it fixes. */
void qfu_release_say_worth (const QfuOptions *options, const QfuComponentRelease *release);
/* The same as members of the object that @builder is in: `released`, `size`, `urgency`, `cves`,
 * `duration`, `description` and `sha256`. */
void qfu_release_json (JsonBuilder *builder, const QfuComponentRelease *release);
