/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fit.h"
#include "testconfig.h"

#include <string.h>

#define A "11111111-1111-1111-1111-111111111111"
#define B "22222222-2222-2222-2222-222222222222"

static char *guids[] = {(char *)A, NULL};
static char *protocols[] = {(char *)"org.flashrom", NULL};
static char *none[] = {NULL};
static const QfuDevice board = {.version = (char *)"1.10",
                                .version_format = (char *)"pair",
                                .guids = guids,
                                .protocols = protocols,
                                .vendor_ids = none,
                                .flags = QFU_DEVICE_UPDATABLE};

/* A component that fits the board. */
static QfuComponent
fitting (void)
{
  return (QfuComponent){.id = (char *)"org.example",
                        .guids = guids,
                        .protocol = (char *)"org.flashrom",
                        .requirements = g_ptr_array_new (),
                        .releases = g_ptr_array_new ()};
}

static void
drop (QfuComponent *component)
{
  g_ptr_array_unref (component->requirements);
  g_ptr_array_unref (component->releases);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuComponent, drop)

static void
assert_objection (const QfuComponent *component,
                  const char *version,
                  const QfuDevice *device,
                  const QfuPolicy *policy,
                  const char *expected)
{
  const QfuComponentRelease release = {.version = (char *)version};
  g_autofree char *reason = qfu_fit_objection (component, &release, device, policy);

  g_test_message ("%s: %s", version, reason == NULL ? "fits" : reason);
  if (expected == NULL)
    g_assert_null (reason);
  else
    g_assert_true (reason != NULL && strstr (reason, expected) != NULL);
}

static void
test_versions (void)
{
  g_auto (QfuComponent) component = fitting ();
  const QfuPolicy strict = {0};
  const QfuPolicy older = {.allow_older = TRUE};
  const QfuPolicy again = {.allow_reinstall = TRUE};
  QfuDevice unknown = board;

  unknown.version = NULL;
  assert_objection (&component, "1.11", &board, &strict, NULL);
  assert_objection (&component, "1.9", &board, &strict, "older");
  assert_objection (&component, "1.9", &board, &again, "older");
  assert_objection (&component, "1.9", &board, &older, NULL);
  assert_objection (&component, "1.10", &board, &strict, "present version");
  assert_objection (&component, "1.10", &board, &older, "present version");
  assert_objection (&component, "1.10", &board, &again, NULL);
  assert_objection (&component, "1.11", &unknown, &older, "not known");
}

static void
test_device (void)
{
  g_auto (QfuComponent) component = fitting ();
  g_auto (QfuComponent) foreign = fitting ();
  const QfuPolicy policy = {.allow_older = TRUE};
  QfuDevice fixed = board;
  QfuDevice locked = board;
  QfuDevice branch = board;
  QfuDevice lowest = board;

  fixed.flags = 0;
  locked.flags |= QFU_DEVICE_LOCKED;
  branch.branch = (char *)"other";
  lowest.version_lowest = (char *)"1.5";
  foreign.protocol = (char *)"com.acme";
  assert_objection (&component, "1.11", &fixed, &policy, "cannot be updated");
  assert_objection (&component, "1.11", &locked, &policy, "locked");
  assert_objection (&component, "1.11", &branch, &policy, "of the branch (default)");
  assert_objection (&component, "1.4", &lowest, &policy, "nothing older than 1.5");
  assert_objection (&component, "1.5", &lowest, &policy, NULL);
  assert_objection (&foreign, "1.11", &board, &policy, "does not speak");
}

/* A USB qube that chose how versions count would choose which is the newer one. */
static void
test_domain (void)
{
  g_auto (QfuComponent) component = fitting ();
  g_auto (QfuComponent) silent = fitting ();
  const QfuPolicy strict = {0};
  QfuDevice webcam = board;

  webcam.domain = (char *)"sys-usb";
  webcam.version = (char *)"1.10";
  component.version_format = (char *)"pair";
  assert_objection (&component, "1.11", &webcam, &strict, NULL);
  assert_objection (&component, "1.9", &webcam, &strict, "older");
  webcam.version_format = (char *)"plain"; /* by which 1.9 is the newer one */
  assert_objection (&component, "1.11", &webcam, &strict, "and sys-usb says plain");
  assert_objection (&component, "1.9", &webcam, &strict, "of the format pair");
  assert_objection (&silent, "1.11", &webcam, &strict, NULL);
  assert_objection (&silent, "1.9", &webcam, &strict, "older");
  webcam.version_format = (char *)"unknown";
  assert_objection (&component, "1.11", &webcam, &strict, NULL);
  g_assert_cmpstr (qfu_fit_version_format (&component, &webcam), ==, "pair");
  g_assert_null (qfu_fit_version_format (&silent, &webcam));
  component.version_format = (char *)"plain";
  webcam.problem = (char *)"it claims what is dom0's";
  assert_objection (&component, "1.9", &webcam, &strict, "it claims what is dom0's");
  webcam.problem = NULL;
  assert_objection (&component, "1.9", &webcam, &strict, NULL);
  assert_objection (&component, "1.10", &webcam, &strict, "present version");
}

/* What fwupd would not install either, it says by flags. */
static void
test_fwupd (void)
{
  g_auto (QfuComponent) component = fitting ();
  QfuRequirement present = {QFU_REQUIREMENT_FIRMWARE, (char *)"ge", (char *)"1.2", NULL};
  const QfuPolicy policy = {0};
  QfuDevice hidden = board;
  QfuDevice silent = board;
  QfuDevice checked = board;

  hidden.flags = QFU_DEVICE_HIDDEN;
  assert_objection (&component, "1.11", &hidden, &policy, "cannot be updated");
  hidden.problem = (char *)"battery low";
  assert_objection (&component, "1.11", &hidden, &policy, "does not update the device now: batt");
  silent.protocols = none;
  assert_objection (&component, "1.11", &silent, &policy, "does not speak org.flashrom");
  component.protocol = NULL;
  assert_objection (&component, "1.11", &silent, &policy, NULL);
  checked.flags |= QFU_DEVICE_VERSION_CHECK;
  assert_objection (&component, "1.11", &checked, &policy, "from which versions");
  g_ptr_array_add (component.requirements, &present);
  assert_objection (&component, "1.11", &checked, &policy, NULL);
}

static const char *const any[] = {NULL};

/* What a remote may offer is said by the configuration, and not by the remote. */
static void
test_remote (void)
{
  static char *vendors[] = {(char *)"USB:0x1209", (char *)"DMI:ACME", NULL};
  const char *const by_guid[] = {B, A, NULL};
  const char *const by_vendor[] = {"DMI:ACME", NULL};
  const char *const others[] = {B, "DMI:ACM", "USB:0x120", NULL};
  g_auto (QfuComponent) component = fitting ();
  QfuDevice internal = board;
  QfuPolicy policy = {.remote = "vendor", .rules = {"/keys", any, FALSE}};

  internal.flags |= QFU_DEVICE_INTERNAL;
  internal.vendor_ids = vendors;
  assert_objection (&component, "1.11", &board, &policy, NULL);
  assert_objection (&component, "1.11", &internal, &policy, "SystemFirmware=true");
  assert_objection (&component, "1.11", &internal, &policy, "[Remote vendor]");
  policy.rules.system_firmware = TRUE;
  assert_objection (&component, "1.11", &internal, &policy, NULL);
  policy.rules.devices = by_guid;
  assert_objection (&component, "1.11", &internal, &policy, NULL);
  policy.rules.devices = by_vendor;
  assert_objection (&component, "1.11", &internal, &policy, NULL);
  assert_objection (&component, "1.11", &board, &policy, "Devices=");
  policy.rules.devices = others;
  assert_objection (&component, "1.11", &internal, &policy, "Devices=");
  assert_objection (&component, "1.11", &internal, &policy, "[Remote vendor]");
  policy.remote = NULL;
  assert_objection (&component, "1.11", &internal, &policy, NULL);
}

static void
test_requirements (void)
{
  g_auto (QfuComponent) component = fitting ();
  QfuRequirement fulfilled = {QFU_REQUIREMENT_FIRMWARE, (char *)"ge", (char *)"1.2", NULL};
  QfuRequirement unknown = {QFU_REQUIREMENT_UNKNOWN, NULL, NULL, (char *)"moon full"};
  const QfuPolicy policy = {0};

  g_ptr_array_add (component.requirements, &fulfilled);
  assert_objection (&component, "1.11", &board, &policy, NULL);
  g_ptr_array_add (component.requirements, &unknown);
  assert_objection (&component, "1.11", &board, &policy, "moon full");
}

static void
test_guids (void)
{
  g_auto (QfuComponent) component = fitting ();
  const char *const mine[] = {B, A, NULL};
  const char *const others[] = {B, NULL};
  const char *const nothing[] = {NULL};

  g_assert_true (qfu_fit_guids (&component, mine));
  g_assert_false (qfu_fit_guids (&component, others));
  g_assert_false (qfu_fit_guids (&component, nothing));
}

/* The device's word on how versions compare counts more than the metadata's. */
static void
test_order (void)
{
  g_auto (QfuComponent) component = fitting ();
  const QfuComponentRelease release = {.version = (char *)"1.9"};
  QfuDevice unsaid = board;

  component.version_format = (char *)"plain";
  unsaid.version_format = (char *)"unknown";
  g_assert_cmpstr (qfu_fit_version_format (&component, &board), ==, "pair");
  g_assert_cmpstr (qfu_fit_version_format (&component, &unsaid), ==, "plain");
  g_assert_cmpint (qfu_fit_order (&component, &release, &board), <, 0);
  unsaid.version = NULL;
  g_assert_cmpint (qfu_fit_order (&component, &release, &unsaid), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/fit/versions", test_versions);
  g_test_add_func ("/fit/device", test_device);
  g_test_add_func ("/fit/domain", test_domain);
  g_test_add_func ("/fit/fwupd", test_fwupd);
  g_test_add_func ("/fit/remote", test_remote);
  g_test_add_func ("/fit/requirements", test_requirements);
  g_test_add_func ("/fit/guids", test_guids);
  g_test_add_func ("/fit/order", test_order);
  return g_test_run ();
}
