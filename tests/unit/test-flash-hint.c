/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-hint.h"
#include "testconfig.h"

#include <string.h>
#include <unistd.h>

static void
assert_hint (const char *programmer, const QfuFlashFacts *facts, const char *part)
{
  const char *hint = qfu_flash_hint (programmer, facts);

  g_assert_nonnull (strstr (hint, part));
}

static void
test_internal (void)
{
  QfuFlashFacts facts = {.root = TRUE};

  assert_hint ("internal", &facts, "iomem=relaxed");
  assert_hint ("internal", &facts, "fwupd.service.d/qubes-fwupd.conf");
  facts.locked_down = TRUE;
  assert_hint ("internal", &facts, "linux_mtd");
  facts.root = FALSE;
  assert_hint ("internal", &facts, "needs root");
}

static void
test_others (void)
{
  QfuFlashFacts facts = {.root = TRUE, .locked_down = TRUE};

  assert_hint ("linux_mtd", &facts, "spi_intel_pci");
  facts.mtd = TRUE;
  assert_hint ("linux_mtd", &facts, "writeable=1");
  facts.root = FALSE;
  assert_hint ("linux_mtd", &facts, "needs root");
  assert_hint ("linux_spi", &facts, "/dev/spidev");
  assert_hint ("dummy", &facts, "man flashrom");
}

static void
test_facts (void)
{
  QfuFlashFacts facts = qfu_flash_facts ();

  g_assert_cmpint (facts.root, ==, geteuid () == 0);
  g_assert_cmpint (facts.mtd, ==, access ("/dev/mtd0", F_OK) == 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/flash-hint/internal", test_internal);
  g_test_add_func ("/flash-hint/others", test_others);
  g_test_add_func ("/flash-hint/facts", test_facts);
  return g_test_run ();
}
