/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* %TRUE when @algorithm, a name of GnuTLS, is one that a quantum computer does not break. */
gboolean qfu_postquantum_is (const char *algorithm);

/* Whether the GnuTLS that runs here has such an algorithm at all. */
gboolean qfu_postquantum_known (void);

/* (transfer none): name and version of the library, such as "GnuTLS 3.7.9". */
const char *qfu_postquantum_library (void);
