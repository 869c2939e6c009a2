/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for the configuration file, which root reads. */
#include "fuzz.h"
#include "qfu-config.h"
#include "qfu-error.h"
#include "qfu-fd.h"

#include <sys/mman.h>

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_auto (QfuFd) fd = memfd_create ("config", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (QfuConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
  g_assert_true (g_setenv ("QFU_CONFIG", path, TRUE));
  config = qfu_config_load (&error);
  if (config == NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    return 0;
  }
  g_assert_no_error (error);
  g_assert_true (g_str_equal (config->transport, "qrexec") || config->command[0] != '\0');
  g_assert_true (config->state[0] != '\0' && config->cache[0] != '\0');
  return 0;
}
