/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

#include <json-glib/json-glib.h>

#define QFU_OUTCOME_SCHEMA "qubes-fwupd-attestation-1"

/* What the last attestation found: State/attestation.json, as schemas/attestation.schema.json says.
 *
 * Trust: written by root; anybody may read it. It is a notice for people and programs that show it;
 * nothing is decided by it. */

/* Replaces the outcome by @document, an object as the schema says. The store's lock must
 * be held. */
gboolean qfu_outcome_save (const QfuConfig *config,
                           JsonNode *document,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_outcome_load:
 * @error: #QFU_ERROR_NOT_FOUND when nothing was attested yet, #QFU_ERROR_FORMAT,
 * #QFU_ERROR_REFUSED, #QFU_ERROR_IO
 *
 * Returns: (transfer full): the outcome, with members `result`, `bootId`, `log` that are texts and
 * `time` that is a number, or %NULL
 */
JsonNode *qfu_outcome_load (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
