/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-requirement.h"
#include "testconfig.h"

#define A "11111111-1111-1111-1111-111111111111"
#define B "22222222-2222-2222-2222-222222222222"

static const char *const machine[] = {A, NULL};
static char *vendor_ids[] = {(char *)"USB:0x273F", (char *)"DMI:ACME", NULL};
static const QfuDevice device = {
    .version = (char *)"1.10", .version_format = (char *)"pair", .vendor_ids = vendor_ids};
static const QfuPolicy policy = {.fwupd_version = "2.0.20", .hardware = machine};

typedef struct {
  QfuRequirementKind kind;
  const char *compare;
  const char *version;
  const char *value;
  gboolean holds;
} Row;

static const Row rows[] = {
    {QFU_REQUIREMENT_ID, "ge", "1.9.0", "org.freedesktop.fwupd", TRUE},
    {QFU_REQUIREMENT_ID, "ge", "2.0.20", "org.freedesktop.fwupd", TRUE},
    {QFU_REQUIREMENT_ID, "ge", "2.0.21", "org.freedesktop.fwupd", FALSE},
    {QFU_REQUIREMENT_ID, NULL, NULL, "org.freedesktop.fwupd", FALSE},
    {QFU_REQUIREMENT_ID, "regex", "2", "org.freedesktop.fwupd", FALSE},
    {QFU_REQUIREMENT_ID, "ge", "1", "org.example.other", FALSE},
    {QFU_REQUIREMENT_ID, "ge", "1", NULL, FALSE},
    {QFU_REQUIREMENT_ID, "ge", "2.6", "org.kernel", TRUE},
    {QFU_REQUIREMENT_ID, "lt", "2.6", "org.kernel", FALSE},
    {QFU_REQUIREMENT_FIRMWARE, "ge", "1.9", NULL, TRUE},
    {QFU_REQUIREMENT_FIRMWARE, "ge", "1.11", NULL, FALSE},
    {QFU_REQUIREMENT_FIRMWARE, "ne", "1.10", NULL, FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, "glob", "USB:0x27*", "vendor-id", TRUE},
    {QFU_REQUIREMENT_VENDOR_ID, "eq", "DMI:ACME", "vendor-id", TRUE},
    {QFU_REQUIREMENT_VENDOR_ID, "eq", "DMI:Other", "vendor-id", FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, "glob", "USB:0x17EF|USB:0x273F", "vendor-id", TRUE},
    {QFU_REQUIREMENT_VENDOR_ID, "glob", "USB:0x17EF|PCI:0x8086", "vendor-id", FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, NULL, NULL, "vendor-id", FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, "ne", "USB:0x0001", "vendor-id", FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, "ge", "A", "vendor-id", FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, "regex", "USB:.*", "vendor-id", FALSE},
    {QFU_REQUIREMENT_VENDOR_ID, "eq", NULL, "vendor-id", FALSE},
    {QFU_REQUIREMENT_HARDWARE, NULL, NULL, B "|" A, TRUE},
    {QFU_REQUIREMENT_HARDWARE, NULL, NULL, B, FALSE},
    {QFU_REQUIREMENT_HARDWARE, NULL, NULL, "", FALSE},
    {QFU_REQUIREMENT_HARDWARE, NULL, NULL, NULL, FALSE},
    {QFU_REQUIREMENT_NOT_HARDWARE, NULL, NULL, B, TRUE},
    {QFU_REQUIREMENT_NOT_HARDWARE, NULL, NULL, B "|" A, FALSE},
    {QFU_REQUIREMENT_NOT_HARDWARE, NULL, NULL, NULL, FALSE},
    {QFU_REQUIREMENT_CLIENT, NULL, NULL, "detach-action", FALSE},
    {QFU_REQUIREMENT_CLIENT, NULL, NULL, "switch-branch", TRUE},
    {QFU_REQUIREMENT_CLIENT, NULL, NULL, "switch-branch|requests", FALSE},
    {QFU_REQUIREMENT_CLIENT, NULL, NULL, "", FALSE},
    {QFU_REQUIREMENT_CLIENT, NULL, NULL, NULL, FALSE},
    {QFU_REQUIREMENT_PHASED, NULL, NULL, NULL, TRUE},
    {QFU_REQUIREMENT_UNKNOWN, NULL, NULL, "moon full", FALSE},
};

static void
test_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const QfuRequirement requirement = {rows[i].kind, (char *)rows[i].compare,
                                        (char *)rows[i].version, (char *)rows[i].value};
    g_autofree char *reason = NULL;

    g_test_message ("row %zu", i);
    g_assert_cmpint (qfu_requirement_holds (&requirement, &device, &policy, &reason), ==,
                     rows[i].holds);
    g_assert_true ((reason == NULL) == rows[i].holds);
  }
}

/* The agent in a USB qube tells what somebody has to do, and what kernel it runs on is for its
 * fwupd to look at. */
static void
test_domain (void)
{
  static const Row of_qube[] = {
      {QFU_REQUIREMENT_CLIENT, NULL, NULL, "switch-branch", TRUE},
      {QFU_REQUIREMENT_CLIENT, NULL, NULL, "detach-action|update-action", TRUE},
      {QFU_REQUIREMENT_CLIENT, NULL, NULL, "requests|requests-non-generic", TRUE},
      {QFU_REQUIREMENT_CLIENT, NULL, NULL, "requests|fde-warning", FALSE},
      {QFU_REQUIREMENT_CLIENT, NULL, NULL, "", FALSE},
      {QFU_REQUIREMENT_ID, "lt", "2.6", "org.kernel", TRUE},
      {QFU_REQUIREMENT_ID, "ge", "2.0.21", "org.freedesktop.fwupd", FALSE},
  };
  QfuDevice there = device;

  there.domain = (char *)"sys-usb";
  for (gsize i = 0; i < G_N_ELEMENTS (of_qube); i++) {
    const QfuRequirement requirement = {of_qube[i].kind, (char *)of_qube[i].compare,
                                        (char *)of_qube[i].version, (char *)of_qube[i].value};
    g_autofree char *reason = NULL;

    g_test_message ("row %zu", i);
    g_assert_cmpint (qfu_requirement_holds (&requirement, &there, &policy, &reason), ==,
                     of_qube[i].holds);
    g_assert_true ((reason == NULL) == of_qube[i].holds);
  }
}

/* What is not known does not hold, in either direction. */
static void
test_unknown_machine (void)
{
  static const QfuPolicy nothing = {0};
  static const QfuDevice bare = {.version_format = (char *)"unknown", .vendor_ids = vendor_ids};
  static const QfuRequirement wanted[] = {
      {QFU_REQUIREMENT_ID, (char *)"ge", (char *)"1", (char *)"org.freedesktop.fwupd"},
      {QFU_REQUIREMENT_FIRMWARE, (char *)"ge", (char *)"1", NULL},
      {QFU_REQUIREMENT_HARDWARE, NULL, NULL, (char *)A},
      {QFU_REQUIREMENT_NOT_HARDWARE, NULL, NULL, (char *)A},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++) {
    g_autofree char *reason = NULL;

    g_assert_false (qfu_requirement_holds (&wanted[i], &bare, &nothing, &reason));
    g_assert_nonnull (reason);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/requirement/rows", test_rows);
  g_test_add_func ("/requirement/domain", test_domain);
  g_test_add_func ("/requirement/unknown-machine", test_unknown_machine);
  return g_test_run ();
}
