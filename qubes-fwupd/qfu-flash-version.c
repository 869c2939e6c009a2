/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-version.h"

#include <libflashrom.h>

const char *
qfu_flash_version (void)
{
  return flashrom_version_info ();
}
