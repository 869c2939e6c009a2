/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbmem-access.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096 /* what a kernel gives or refuses at once */

void
qfu_cbmem_access_set_open_error (const char *path, int code, GError **error)
{
  switch (code) {
  case ENOENT:
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "there is no %s: this kernel shows its memory to nobody (CONFIG_DEVMEM)", path);
    break;
  case EACCES:
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "%s is for root alone", path);
    break;
  case EPERM:
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "the kernel does not let programs open %s: it is locked down (see "
                 "/sys/kernel/security/lockdown), which ends with Secure Boot or lockdown= on its "
                 "command line; a kernel with the coreboot bus (CONFIG_GOOGLE_CBMEM) needs no %s",
                 path, path);
    break;
  default:
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "%s cannot be opened: %s", path,
                 g_strerror (code));
    break;
  }
}

void
qfu_cbmem_access_set_read_error (const char *path, guint64 address, int code, GError **error)
{
  if (code == EPERM)
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "the kernel keeps the memory at %#" G_GINT64_MODIFIER "x from programs "
                 "(STRICT_DEVMEM): boot with iomem=relaxed on its command line, or a kernel with "
                 "the coreboot bus (CONFIG_GOOGLE_CBMEM)",
                 address);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "%s cannot be read at %#" G_GINT64_MODIFIER "x: %s", path, address,
                 g_strerror (code));
}

gboolean
qfu_cbmem_access_open (const char *path, int *fd, GError **error)
{
  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (*fd >= 0)
    return TRUE;
  qfu_cbmem_access_set_open_error (path, errno, error);
  return FALSE;
}

/* Memory above what the kernel has mapped for itself can be mapped, but not read: so it is where a
 * machine has less than 4 GiB. */
static gssize
read_mapped (int fd, guint64 address, guint8 *out, gsize size)
{
  gsize skip = address % PAGE;
  guint8 *map = mmap (NULL, skip + size, PROT_READ, MAP_SHARED, fd, (off_t)(address - skip));

  if (map == MAP_FAILED)
    return -1;
  for (gsize i = 0; i < size; i++)
    out[i] = map[skip + i];
  (void)munmap (map, skip + size);
  return (gssize)size;
}

/* Reads at most what is left of one page. */
static gssize
read_page (int fd, guint64 address, guint8 *out, gsize size)
{
  gsize wanted = MIN (size, PAGE - address % PAGE);
  gssize n;

  do
    n = pread (fd, out, wanted, (off_t)address);
  while (n < 0 && errno == EINTR);
  return n < 0 && errno == EFAULT ? read_mapped (fd, address, out, wanted) : n;
}

GByteArray *
qfu_cbmem_access_read (int fd, const char *path, guint64 address, gsize size, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  while (bytes->len < size) {
    guint8 page[PAGE];
    gssize n = read_page (fd, address + bytes->len, page, size - bytes->len);

    if (n < 0 && bytes->len == 0) {
      qfu_cbmem_access_set_read_error (path, address, errno, error);
      return NULL;
    }
    if (n <= 0)
      break;
    g_byte_array_append (bytes, page, (guint)n);
  }
  return g_steal_pointer (&bytes);
}
