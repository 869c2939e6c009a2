/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* (transfer none): how libflashrom names itself, such as "v1.3.0"; Debian's says "unknown". */
const char *qfu_flash_version (void);
