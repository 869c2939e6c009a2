/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_worker_user:
 * @name: a system user's name or a numeric uid ([Worker] User=); empty: qubes-fwupd-worker if there
 * is such a user, else an id that nobody has
 * @error: #QFU_ERROR_SANDBOX
 *
 * Whom the workers of this process become. It is looked up here, and once: in a worker it would be
 * code of the system's user database in a process that is still root, at every start. Root, and
 * `nobody`, whom unrelated programs share, are refused.
 *
 * Not for several threads at once.
 *
 * Returns: (transfer none): `UID:GID`, or `-` when this process is not root and its workers keep
 * its user; valid until the next call with another @name
 */
const char *qfu_worker_user (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
