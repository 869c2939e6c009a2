/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/**
 * LLVMFuzzerTestOneInput:
 * @data: an input
 * @size: its length in bytes
 *
 * What libFuzzer calls with every input that it makes, and replay.c with every file. Anything but a
 * return is a finding.
 *
 * Returns: 0
 */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* @message survives the wire: encoded and decoded it is the same. %FALSE when it is too long for a
 * frame, which the worker would refuse to send. */
gboolean fuzz_check_message (const QfuMessage *message);
