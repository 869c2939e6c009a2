/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"
#include "qfu-secret.h"

/**
 * qfu_secrets_find:
 * @options: --secrets names files to read instead of looking on this machine
 *
 * Looks for what is sealed to this machine's TPM: labels of Anti Evil Maid, LUKS2 volumes, Heads.
 * What is there but cannot be read is one of the secrets, and is warned of.
 *
 * Trust: headers are read by cryptsetup and its output by a worker. Of block devices, those alone
 * that this domain has opened itself: any VM can write a header to a volume of its own.
 *
 * Returns: (transfer full) (nullable) (element-type QfuSecret): the secrets; %NULL when the options
 * say that another machine is asked about
 */
GPtrArray *qfu_secrets_find (const QfuConfig *config, const QfuOptions *options);
