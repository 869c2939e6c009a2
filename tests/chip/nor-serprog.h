/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nor-chip.h"

#include <signal.h>

/**
 * NorEnd:
 * @NOR_END_CLOSED: the peer went
 * @NOR_END_CUT: the power went; the peer has got no answer to its last command
 * @NOR_END_STOPPED: a signal arrived, or what @watch watches has ended
 */
typedef enum { NOR_END_CLOSED, NOR_END_CUT, NOR_END_STOPPED } NorEnd;

/**
 * nor_serprog_wait:
 * @fd: to wait for
 * @watch: another descriptor that ends the wait when it is readable; -1: none
 * @signals: (nullable): mask in the meantime
 *
 * Returns: whether @fd is readable
 */
gboolean nor_serprog_wait (int fd, int watch, const sigset_t *signals);

/**
 * nor_serprog_serve:
 * @connection: a stream socket
 *
 * Speaks version 1 of flashrom's protocol for serial programmers to one peer, for SPI alone.
 * Delays are the programmer's own and take no time.
 */
NorEnd nor_serprog_serve (int connection, NorChip *chip, int watch, const sigset_t *signals);
