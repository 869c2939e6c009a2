/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Sets @error to @problem, an error of ours, with the code of fwupd's whose meaning is nearest; the
 * text stays. */
void fu_qubes_coreboot_set_error (GError **error, const GError *problem);
