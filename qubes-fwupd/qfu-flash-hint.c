/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-hint.h"

#include "qfu-build.h"
#include "qfu-fd.h"
#include "qfu-lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MTD_WRITEABLE 0x400 /* of the flags in sysfs: the kernel's mtd-abi.h */

/* programmers that need the machine's own hardware; the dummy chip and those behind a cable do not
 */
#define HARDWARE "internal linux_mtd linux_spi"

/* What stands in the way of a programmer. */
typedef struct {
  const char *programmers; /* names, a space between them */
  gboolean (*applies) (const QfuFlashFacts *facts);
  const char *text;
} Row;

static gboolean
has_word (const char *text, const char *word)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);

  return g_strv_contains ((const char *const *)words, word);
}

static gboolean
no_root (const QfuFlashFacts *facts)
{
  return !facts->root;
}

static gboolean
locked_down (const QfuFlashFacts *facts)
{
  return facts->locked_down;
}

static gboolean
no_dropin (const QfuFlashFacts *facts)
{
  return !facts->dropin;
}

static gboolean
no_mem (const QfuFlashFacts *facts)
{
  return facts->mem_error == ENOENT || facts->mem_error == ENXIO;
}

static gboolean
mem_closed_by_unit (const QfuFlashFacts *facts)
{
  return facts->in_unit && !facts->locked_down && facts->mem_error == EPERM;
}

static gboolean
mem_closed (const QfuFlashFacts *facts)
{
  return facts->root && !facts->in_unit && !facts->locked_down &&
         (facts->mem_error == EPERM || facts->mem_error == EACCES);
}

static gboolean
mem_strict (const QfuFlashFacts *facts)
{
  return !facts->iomem_relaxed && facts->strict != QFU_NO && !facts->locked_down && !no_mem (facts);
}

static gboolean
no_cbmem (const QfuFlashFacts *facts)
{
  return !facts->coreboot_bus && no_mem (facts);
}

static gboolean
cbmem_locked_down (const QfuFlashFacts *facts)
{
  return !facts->coreboot_bus && facts->locked_down;
}

static gboolean
cbmem_strict (const QfuFlashFacts *facts)
{
  return !facts->coreboot_bus && mem_strict (facts);
}

static gboolean
no_device_named (const QfuFlashFacts *facts)
{
  return !facts->device_named;
}

static gboolean
no_device (const QfuFlashFacts *facts)
{
  return facts->device_named && !facts->device;
}

static gboolean
no_mtd_driver (const QfuFlashFacts *facts)
{
  return !facts->device && !facts->intel_driver;
}

static gboolean
no_mtd_device (const QfuFlashFacts *facts)
{
  return !facts->device && facts->intel_driver;
}

static gboolean
mtd_read_only (const QfuFlashFacts *facts)
{
  return facts->device && facts->device_writable == QFU_NO;
}

/* In the order in which they are met. */
static const Row rows[] = {
    {HARDWARE " " QFU_FLASH_CBMEM, no_root, "raw access to the machine needs root"},
    {"internal", locked_down,
     "the kernel is locked down, which closes /dev/mem: use Programmer=linux_mtd:dev=0 with the "
     "kernel's own driver (spi_intel_pci), or boot without lockdown"},
    {"internal", no_mem,
     "there is no /dev/mem (the kernel was built without CONFIG_DEVMEM): use "
     "Programmer=linux_mtd:dev=0 with the kernel's own driver (spi_intel_pci)"},
    {"internal", mem_closed_by_unit,
     "fwupd.service closes /dev/mem: " QFU_FWUPD_DROPIN " opens it, after `systemctl "
     "daemon-reload` and `systemctl restart fwupd`"},
    {"internal", mem_closed, "/dev/mem does not open, even for root: is this a container or VM?"},
    {HARDWARE, no_dropin,
     "there is no " QFU_FWUPD_DROPIN
     ", without which fwupd.service gives the plugin no flash chip"},
    {"internal", mem_strict,
     "the kernel keeps the flash controller's memory for its drivers (IO_STRICT_DEVMEM, as in "
     "Qubes' dom0): boot with iomem=relaxed on dom0's kernel command line"},
    {"linux_mtd", no_mtd_driver,
     "there is no such /dev/mtd*: load the module spi_intel_pci, with spi_intel.writeable=1 on the "
     "kernel's command line; where the flash controller is not Intel's, use Programmer=internal"},
    {"linux_mtd", no_mtd_device,
     "there is no such /dev/mtd*, though spi_intel is loaded: /proc/mtd lists those that are "
     "there, as in Programmer=linux_mtd:dev=0"},
    {"linux_mtd", mtd_read_only,
     "the kernel lends the chip for reading only: boot with spi_intel.writeable=1 on its command "
     "line (or `options spi_intel writeable=1` in /etc/modprobe.d); where the firmware has locked "
     "the chip, it stays read-only"},
    {"linux_spi", no_device_named,
     "it needs a device, as in Programmer=linux_spi:dev=/dev/spidev0.0"},
    {"linux_spi", no_device,
     "the device of linux_spi is not there: load the module spidev, and bind it to the bus of the "
     "chip"},
    {QFU_FLASH_CBMEM, no_cbmem,
     "there is neither /dev/mem nor the kernel's coreboot bus (CONFIG_GOOGLE_CBMEM)"},
    {QFU_FLASH_CBMEM, cbmem_locked_down,
     "the kernel is locked down, which closes /dev/mem, and has no coreboot bus "
     "(CONFIG_GOOGLE_CBMEM): boot without lockdown"},
    {QFU_FLASH_CBMEM, cbmem_strict,
     "this kernel has no coreboot bus, and may not show the memory that coreboot uses "
     "(STRICT_DEVMEM): if it does not, boot with iomem=relaxed"},
};

GPtrArray *
qfu_flash_hints (const char *name, const QfuFlashFacts *facts)
{
  GPtrArray *hints = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (has_word (rows[i].programmers, name) && rows[i].applies (facts))
      g_ptr_array_add (hints, (gpointer)rows[i].text);
  }
  return hints;
}

const char *
qfu_flash_hint (const char *name, const QfuFlashFacts *facts)
{
  g_autoptr (GPtrArray) hints = qfu_flash_hints (name, facts);

  if (hints->len > 0)
    return g_ptr_array_index (hints, 0);
  return has_word (HARDWARE, name)
             ? "`flashrom -V` with the same programmer says more"
             : "is it a programmer of this libflashrom, with the arguments that it needs? `man "
               "flashrom` lists them";
}

/* The text of a file, "" when there is none. */
static char *
read_text (const char *root, const char *path)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  char *text = NULL;

  if (!g_file_get_contents (full, &text, NULL, NULL))
    return g_strdup ("");
  return text;
}

static gboolean
exists (const char *root, const char *path)
{
  g_autofree char *full = g_strconcat (root, path, NULL);

  return g_file_test (full, G_FILE_TEST_EXISTS);
}

static int
try_mem (const char *root)
{
  g_autofree char *path = g_strconcat (root, "/dev/mem", NULL);
  g_auto (QfuFd) fd = open (path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_SYNC);

  return fd < 0 ? errno : 0;
}

/* The kernel's configuration, where the distribution puts it. */
static QfuTristate
strict_devmem (const char *root)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  struct utsname kernel;

  if (uname (&kernel) != 0)
    return QFU_UNKNOWN;
  path = g_strconcat ("/boot/config-", kernel.release, NULL);
  text = read_text (root, path);
  if (text[0] == '\0')
    return QFU_UNKNOWN;
  return has_word (text, "CONFIG_IO_STRICT_DEVMEM=y") ? QFU_YES : QFU_NO;
}

/* (transfer full) (nullable): the value of `dev` in "dev=x,spispeed=y". */
static char *
device_argument (const char *arguments)
{
  g_auto (GStrv) parts = g_strsplit (arguments != NULL ? arguments : "", ",", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    if (g_str_has_prefix (parts[i], "dev="))
      return g_strdup (parts[i] + strlen ("dev="));
  }
  return NULL;
}

static QfuTristate
mtd_writable (const char *root, const char *number)
{
  g_autofree char *path = g_strdup_printf ("/sys/class/mtd/mtd%s/flags", number);
  g_autofree char *text = g_strchomp (read_text (root, path));
  guint64 flags;

  if (!g_str_has_prefix (text, "0x") ||
      !g_ascii_string_to_unsigned (text + 2, 16, 0, G_MAXUINT32, &flags, NULL))
    return QFU_UNKNOWN;
  return flags & MTD_WRITEABLE ? QFU_YES : QFU_NO;
}

static void
look_at_device (QfuFlashFacts *facts, const char *root, const char *name, const char *arguments)
{
  g_autofree char *named = device_argument (arguments);
  g_autofree char *path = NULL;

  facts->device_named = named != NULL;
  facts->device_writable = QFU_UNKNOWN;
  if (strcmp (name, "linux_mtd") == 0) {
    const char *number = named != NULL ? named : "0";

    path = g_strconcat ("/dev/mtd", number, NULL);
    facts->device_writable = mtd_writable (root, number);
  } else if (named != NULL) {
    path = g_strdup (named);
  }
  facts->device = path != NULL && exists (root, path);
}

gboolean
qfu_coreboot_bus_has_cbmem (const char *folder)
{
  g_autoptr (GDir) devices = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (devices != NULL && (name = g_dir_read_name (devices)) != NULL) {
    if (g_str_has_prefix (name, "cbmem-"))
      return TRUE;
  }
  return FALSE;
}

QfuFlashFacts
qfu_flash_facts (const char *root, const char *name, const char *arguments)
{
  const char *lockdown = qfu_lockdown_mode (root);
  g_autofree char *command_line = read_text (root, "/proc/cmdline");
  g_autofree char *cgroup = read_text (root, "/proc/self/cgroup");
  g_autofree char *bus = g_strconcat (root, "/sys/bus/coreboot/devices", NULL);
  QfuFlashFacts facts = {
      .root = geteuid () == 0,
      .locked_down = lockdown != NULL && strcmp (lockdown, "none") != 0,
      .mem_error = try_mem (root),
      .strict = strict_devmem (root),
      .iomem_relaxed = has_word (command_line, "iomem=relaxed"),
      .in_unit = strstr (cgroup, "/fwupd.service") != NULL,
      .dropin = exists (root, QFU_FWUPD_DROPIN),
      .intel_driver = exists (root, "/sys/module/spi_intel"),
      .coreboot_bus = qfu_coreboot_bus_has_cbmem (bus),
  };

  look_at_device (&facts, root, name, arguments);
  return facts;
}
