/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_adminapi_ask:
 * @socket_path: qubesd's socket
 * @seconds: until the whole answer must be there
 * @method: of the Admin API of Qubes, with `+` and its argument behind it
 * @vm: the name of the VM that it is about, or `dom0`
 * @error: #QFU_ERROR_UNREACHABLE when qubesd is not there or does not answer in time,
 * #QFU_ERROR_REFUSED when it says no, or knows no such method, VM or value; #QFU_ERROR_FORMAT for
 * another answer, or one of more than QFU_ADMINAPI_ANSWER_MAX bytes. The texts do not name @vm.
 *
 * One call of the Admin API, without a payload.
 *
 * Trust: qubesd is part of dom0; parts of what it tells come from VMs, and are checked by whoever
 * reads them.
 *
 * Returns: (transfer full): what follows the word of success
 */
char *qfu_adminapi_ask (const char *socket_path,
                        guint seconds,
                        const char *method,
                        const char *vm,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
