/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-digest.h"

#include <json-glib/json-glib.h>

/* Members of the object that @builder is in; %NULL text gives null. */
void qfu_json_text (JsonBuilder *builder, const char *name, const char *text);
void qfu_json_number (JsonBuilder *builder, const char *name, gint64 number);
void qfu_json_flag (JsonBuilder *builder, const char *name, gboolean flag);
void qfu_json_digest (JsonBuilder *builder, const char *name, const QfuDigest *digest);
/* (array zero-terminated) */
void qfu_json_texts (JsonBuilder *builder, const char *name, const char *const *texts);
