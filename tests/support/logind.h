/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * TestLogind:
 *
 * Stands in for logind on a bus: gives locks, hears when one is given back, and is told to
 * reboot.
 */
typedef struct _TestLogind TestLogind;

/* Called in the main context that test_logind_new() was called in: @event is "inhibit WHAT WHO WHY
 * MODE", "released", or "reboot interactive". */
typedef void (*TestLogindFunc) (const char *event, gpointer user);

/* @address: of a bus where the name is free; @refuse: whether to deny everything. */
TestLogind *
test_logind_new (const char *address, gboolean refuse, TestLogindFunc func, gpointer user);
void test_logind_free (TestLogind *logind);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestLogind, test_logind_free)
