/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preloaded into the daemon: calls from our plugin meet a libfwupd that says another version of
 * itself. (The daemon looks at it too, and would not start.) */

#include <dlfcn.h>
#include <string.h>

const char *fwupd_version_string (void);

__attribute__ ((visibility ("default"))) const char *
fwupd_version_string (void)
{
  const char *(*real) (void);
  Dl_info caller;

  if (dladdr (__builtin_return_address (0), &caller) != 0 &&
      strstr (caller.dli_fname, "qubes_coreboot") != NULL)
    return "2.999.0";
  *(void **)&real = dlsym (RTLD_NEXT, __func__);
  return real ();
}
