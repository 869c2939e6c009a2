/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-hint.h"

#include "qfu-build.h"
#include "testconfig.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A machine on which nothing is in the way of a programmer. */
static const QfuFlashFacts good = {
    .root = TRUE,
    .strict = QFU_YES,
    .iomem_relaxed = TRUE,
    .dropin = TRUE,
    .device = TRUE,
    .device_named = TRUE,
    .device_writable = QFU_YES,
    .intel_driver = TRUE,
    .coreboot_bus = TRUE,
};

/* One fact that differs, and words of the hint that comes first. */
static const struct {
  const char *name;
  const char *programmer;
  gsize offset;
  int value;
  const char *part;
} cases[] = {
#define FLAG(name, programmer, member, value, part)                                                \
  {                                                                                                \
    name, programmer, G_STRUCT_OFFSET (QfuFlashFacts, member), value, part                         \
  }
    FLAG ("root", "internal", root, FALSE, "needs root"),
    FLAG ("root-mtd", "linux_mtd", root, FALSE, "needs root"),
    FLAG ("lockdown", "internal", locked_down, TRUE, "linux_mtd:dev=0"),
    FLAG ("no-mem", "internal", mem_error, ENOENT, "CONFIG_DEVMEM"),
    FLAG ("closed-mem", "internal", mem_error, EPERM, "container"),
    FLAG ("no-dropin", "internal", dropin, FALSE, QFU_FWUPD_DROPIN),
    FLAG ("no-dropin-mtd", "linux_mtd", dropin, FALSE, QFU_FWUPD_DROPIN),
    FLAG ("no-dropin-spi", "linux_spi", dropin, FALSE, QFU_FWUPD_DROPIN),
    FLAG ("strict", "internal", iomem_relaxed, FALSE, "iomem=relaxed"),
    FLAG ("mtd", "linux_mtd", device, FALSE, "/proc/mtd"),
    FLAG ("mtd-read-only", "linux_mtd", device_writable, QFU_NO, "spi_intel.writeable=1"),
    FLAG ("spi", "linux_spi", device, FALSE, "module spidev"),
    FLAG ("spi-unnamed", "linux_spi", device_named, FALSE, "/dev/spidev0.0"),
    FLAG ("root-cbmem", QFU_FLASH_CBMEM, root, FALSE, "needs root"),
};

/* Several facts that differ. */
static const struct {
  const char *name;
  const char *programmer;
  QfuFlashFacts facts;
  const char *part;
} combined[] = {
    {"unit-closes-mem",
     "internal",
     {.root = TRUE, .in_unit = TRUE, .dropin = TRUE, .mem_error = EPERM, .iomem_relaxed = TRUE},
     "daemon-reload"},
    {"no-mtd-driver", "linux_mtd", {.root = TRUE, .dropin = TRUE}, "spi_intel_pci"},
    {"qubes", "internal", {.root = TRUE, .dropin = TRUE, .strict = QFU_UNKNOWN}, "dom0"},
    {"cbmem-none", QFU_FLASH_CBMEM, {.root = TRUE, .mem_error = ENOENT}, "CONFIG_GOOGLE_CBMEM"},
    {"cbmem-lockdown", QFU_FLASH_CBMEM, {.root = TRUE, .locked_down = TRUE}, "without lockdown"},
    {"cbmem-strict", QFU_FLASH_CBMEM, {.root = TRUE, .strict = QFU_YES}, "iomem=relaxed"},
};

static void
assert_hint (const char *programmer, const QfuFlashFacts *facts, const char *part)
{
  const char *hint = qfu_flash_hint (programmer, facts);

  if (strstr (hint, part) == NULL)
    g_error ("'%s' is not in '%s'", part, hint);
}

static void
test_one_fact (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  QfuFlashFacts facts = good;

  memcpy ((char *)&facts + cases[i].offset, &cases[i].value, sizeof cases[i].value);
  assert_hint (cases[i].programmer, &facts, cases[i].part);
}

static void
test_combined (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  assert_hint (combined[i].programmer, &combined[i].facts, combined[i].part);
}

static void
test_good (void)
{
  static const char *const names[] = {"internal", "linux_mtd", "linux_spi", QFU_FLASH_CBMEM,
                                      "dummy"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GPtrArray) hints = qfu_flash_hints (names[i], &good);

    g_assert_cmpuint (hints->len, ==, 0);
  }
  assert_hint ("internal", &good, "flashrom -V");
  assert_hint ("dummy", &good, "man flashrom");
}

static void
test_all (void)
{
  QfuFlashFacts facts = {.locked_down = TRUE, .mem_error = EPERM};
  g_autoptr (GPtrArray) internal = qfu_flash_hints ("internal", &facts);
  g_autoptr (GPtrArray) dummy = qfu_flash_hints ("dummy", &facts);

  g_assert_cmpuint (internal->len, ==, 3);
  g_assert_cmpuint (dummy->len, ==, 0);
}

static void
put (const char *root, const char *path, const char *text)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_bare_machine (void)
{
  g_autofree char *root = test_directory ();
  QfuFlashFacts facts = qfu_flash_facts (root, "linux_mtd", NULL);

  g_assert_cmpint (facts.root, ==, geteuid () == 0);
  g_assert_false (facts.locked_down || facts.iomem_relaxed || facts.in_unit || facts.dropin);
  g_assert_false (facts.device || facts.device_named || facts.intel_driver || facts.coreboot_bus);
  g_assert_cmpint (facts.mem_error, ==, ENOENT);
  g_assert_cmpint ((int)facts.strict, ==, QFU_UNKNOWN);
  g_assert_cmpint ((int)facts.device_writable, ==, QFU_UNKNOWN);
  test_directory_remove (root);
}

static void
test_full_machine (void)
{
  g_autofree char *root = test_directory ();
  g_autofree char *config = NULL;
  struct utsname kernel;
  QfuFlashFacts facts;

  g_assert_cmpint (uname (&kernel), ==, 0);
  config = g_strconcat ("/boot/config-", kernel.release, NULL);
  put (root, config, "CONFIG_DEVMEM=y\nCONFIG_IO_STRICT_DEVMEM=y\n");
  put (root, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  put (root, "/proc/cmdline", "placeholder root=/dev/x iomem=relaxed\n");
  put (root, "/proc/self/cgroup", "0::/system.slice/fwupd.service\n");
  put (root, "/dev/mem", "");
  put (root, "/dev/mtd1", "");
  put (root, "/sys/class/mtd/mtd1/flags", "0x800\n");
  put (root, "/sys/module/spi_intel/refcnt", "0\n");
  put (root, "/sys/bus/coreboot/devices/coreboot1", "");
  g_assert_false (qfu_flash_facts (root, "linux_mtd", "dev=1").coreboot_bus);
  put (root, "/sys/bus/coreboot/devices/cbmem-434f4e53", "");
  put (root, QFU_FWUPD_DROPIN, "");
  facts = qfu_flash_facts (root, "linux_mtd", "dev=1");
  g_assert_true (facts.locked_down && facts.iomem_relaxed && facts.in_unit && facts.dropin);
  g_assert_true (facts.device && facts.device_named && facts.intel_driver && facts.coreboot_bus);
  g_assert_cmpint (facts.mem_error, ==, 0);
  g_assert_cmpint ((int)facts.strict, ==, QFU_YES);
  g_assert_cmpint ((int)facts.device_writable, ==, QFU_NO);

  put (root, config, "CONFIG_DEVMEM=y\n");
  put (root, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
  put (root, "/proc/cmdline", "iomem=relaxed2\n");
  put (root, "/sys/class/mtd/mtd1/flags", "0xc00\n");
  facts = qfu_flash_facts (root, "linux_mtd", "dev=1");
  g_assert_false (facts.locked_down || facts.iomem_relaxed);
  g_assert_cmpint ((int)facts.strict, ==, QFU_NO);
  g_assert_cmpint ((int)facts.device_writable, ==, QFU_YES);
  put (root, "/sys/class/mtd/mtd1/flags", "many\n");
  facts = qfu_flash_facts (root, "linux_mtd", "dev=1");
  g_assert_cmpint ((int)facts.device_writable, ==, QFU_UNKNOWN);
  facts = qfu_flash_facts (root, "linux_spi", "spispeed=1,dev=/dev/mtd1");
  g_assert_true (facts.device && facts.device_named);
  test_directory_remove (root);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/flash-hint/fact/%s", cases[i].name);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_one_fact);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (combined); i++) {
    g_autofree char *path = g_strdup_printf ("/flash-hint/facts/%s", combined[i].name);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_combined);
  }
  g_test_add_func ("/flash-hint/good", test_good);
  g_test_add_func ("/flash-hint/all", test_all);
  g_test_add_func ("/flash-hint/bare-machine", test_bare_machine);
  g_test_add_func ("/flash-hint/full-machine", test_full_machine);
  return g_test_run ();
}
