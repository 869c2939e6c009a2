/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-select.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

#define FIRST "0123456789abcdef0123456789abcdef01234567"
#define SECOND "0123aaaa89abcdef0123456789abcdef01234567"
#define THIRD "ffff456789abcdef0123456789abcdef01234567"
#define SHARED "b585990a-003e-5270-89d5-3705a17f9a43"
#define OWN "11111111-2222-3333-4444-555555555555"

#define FOURTH "4444456789abcdef0123456789abcdef01234567"
#define FIFTH "5555456789abcdef0123456789abcdef01234567"

static const char *const qubes[] = {"sys-usb", "sys-usb2", "sys-off", NULL};

static QfuDevice *
add (GPtrArray *devices, const char *id, const char *name, const char *guid, guint flags)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_DEVICE);
  g_autoptr (GError) error = NULL;
  QfuDevice *device;

  qfu_message_add_text (message, QFU_FIELD_ID, id);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_GUID, guid);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  device = qfu_device_new (message, &error);
  g_assert_no_error (error);
  g_ptr_array_add (devices, device);
  return device;
}

static GPtrArray *
machine (void)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);

  (void)add (devices, FIRST, "Dock", SHARED, QFU_DEVICE_UPDATABLE);
  (void)add (devices, SECOND, "dock", SHARED, 0);
  (void)add (devices, THIRD, "System Firmware", OWN, QFU_DEVICE_UPDATABLE);
  return devices;
}

static void
add_usb (GPtrArray *devices, const char *domain, const char *id, const char *name, const char *guid)
{
  QfuDevice *device = add (devices, id, name, guid, QFU_DEVICE_UPDATABLE);

  device->domain = g_strdup (domain);
}

/* The qubes' devices come first in the list, and claim what dom0's have. */
static GPtrArray *
machine_with_qubes (void)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  g_autoptr (GPtrArray) own = machine ();

  add_usb (devices, "sys-usb", THIRD, "System Firmware", OWN);
  add_usb (devices, "sys-usb", FOURTH, "Webcam", SHARED);
  add_usb (devices, "sys-usb2", FOURTH, "Webcam", SHARED);
  add_usb (devices, "sys-usb2", FIFTH, "ffff456789", OWN);
  (void)add (devices, FIRST, "sys-usb2:Webcam", OWN, QFU_DEVICE_UPDATABLE);
  g_ptr_array_extend_and_steal (devices, g_steal_pointer (&own));
  return devices;
}

static const struct {
  const char *wanted;
  const char *id; /* %NULL: an error */
  QfuError code;
} cases[] = {
    {FIRST, FIRST, 0},
    {"FFFF456789ABCDEF0123456789ABCDEF01234567", THIRD, 0},
    {OWN, THIRD, 0},
    {SHARED, NULL, QFU_ERROR_USAGE},
    {"Dock", FIRST, 0}, /* as it is written comes before any case */
    {"dock", SECOND, 0},
    {"DOCK", NULL, QFU_ERROR_USAGE},
    {"system firmware", THIRD, 0},
    {"System", NULL, QFU_ERROR_NOT_FOUND},
    {"ffff", THIRD, 0},
    {"FFFF4", THIRD, 0},
    {"0123a", SECOND, 0},
    {"01234", FIRST, 0},
    {"0123", NULL, QFU_ERROR_USAGE},
    {"fff", NULL, QFU_ERROR_NOT_FOUND}, /* too short to mean an id */
    {"", NULL, QFU_ERROR_NOT_FOUND},
};

static void
test_device (void)
{
  g_autoptr (GPtrArray) devices = machine ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const QfuChoice choice = {.devices = devices};
    g_autoptr (GError) error = NULL;
    const QfuDevice *device = qfu_select_device (&choice, cases[i].wanted, &error);

    g_test_message ("%s", cases[i].wanted);
    if (cases[i].id == NULL) {
      g_assert_null (device);
      g_assert_error (error, QFU_ERROR, (int)cases[i].code);
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpstr (device->id, ==, cases[i].id);
  }
}

static void
test_ambiguous (void)
{
  g_autoptr (GPtrArray) devices = machine ();
  const QfuChoice choice = {.devices = devices};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_select_device (&choice, SHARED, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "Dock (" FIRST "), dock (" SECOND ")"));
}

static void
test_devices (void)
{
  g_autoptr (GPtrArray) devices = machine ();
  const QfuChoice choice = {.devices = devices};
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = qfu_select_devices (&choice, NULL, &error);
  g_autoptr (GPtrArray) one = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_true (g_ptr_array_index (all, 0) == g_ptr_array_index (devices, 0));
  g_assert_true (g_ptr_array_index (all, 1) == g_ptr_array_index (devices, 2));
  /* by name also one that cannot be updated: what is said of it tells why */
  one = qfu_select_devices (&choice, SECOND, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_true (g_ptr_array_index (one, 0) == g_ptr_array_index (devices, 1));
  g_assert_null (qfu_select_devices (&choice, "Webcam", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

static const struct {
  const char *wanted;
  const char *domain; /* of the one that is meant; %NULL: an error */
  const char *id;
  QfuError code;
} domain_cases[] = {
    /* whatever a qube claims, and however exactly, dom0's is meant */
    {THIRD, "dom0", THIRD, 0},
    {"System Firmware", "dom0", THIRD, 0},
    {"SYSTEM FIRMWARE", "dom0", THIRD, 0},
    {"ffff456789", "dom0", THIRD, 0}, /* the beginning of an id before a qube's name */
    {OWN, NULL, NULL, QFU_ERROR_USAGE},
    {"4444", NULL, NULL, QFU_ERROR_USAGE},
    {"Webcam", NULL, NULL, QFU_ERROR_USAGE},
    {"5555", "sys-usb2", FIFTH, 0},
    {"sys-usb:Webcam", "sys-usb", FOURTH, 0},
    {"sys-usb:webcam", "sys-usb", FOURTH, 0},
    {"sys-usb2:4444", "sys-usb2", FOURTH, 0},
    {"sys-usb2:Webcam", "sys-usb2", FOURTH, 0}, /* a domain, whatever a device is called */
    {"sys-usb:" SHARED, "sys-usb", FOURTH, 0},
    {"sys-usb:" THIRD, "sys-usb", THIRD, 0},
    {"sys-usb:5555", NULL, NULL, QFU_ERROR_NOT_FOUND},
    {"sys-usb:Dock", NULL, NULL, QFU_ERROR_NOT_FOUND},
    {"dom0:" THIRD, "dom0", THIRD, 0},
    {"dom0:sys-usb2:Webcam", "dom0", FIRST, 0},
    {"dom0:Webcam", NULL, NULL, QFU_ERROR_NOT_FOUND},
    {"dom0:", NULL, NULL, QFU_ERROR_NOT_FOUND},
    {"sys-off:Webcam", NULL, NULL, QFU_ERROR_NOT_FOUND},
    {"sys-net:Webcam", NULL, NULL, QFU_ERROR_NOT_FOUND},
};

static void
test_domains (void)
{
  g_autoptr (GPtrArray) devices = machine_with_qubes ();
  const QfuChoice choice = {devices, qubes};

  for (gsize i = 0; i < G_N_ELEMENTS (domain_cases); i++) {
    g_autoptr (GError) error = NULL;
    const QfuDevice *device = qfu_select_device (&choice, domain_cases[i].wanted, &error);

    g_test_message ("%s", domain_cases[i].wanted);
    if (domain_cases[i].domain == NULL) {
      g_assert_null (device);
      g_assert_error (error, QFU_ERROR, (int)domain_cases[i].code);
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpstr (qfu_device_domain (device), ==, domain_cases[i].domain);
    g_assert_cmpstr (device->id, ==, domain_cases[i].id);
  }
}

/* A qube that calls its device as the id of another qube's begins does not come before that. */
static void
test_other_qube (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  const QfuChoice choice = {devices, qubes};
  g_autoptr (GError) error = NULL;
  const QfuDevice *device;

  add_usb (devices, "sys-usb", FOURTH, "Webcam", SHARED);
  add_usb (devices, "sys-usb2", FIFTH, "44444567", SHARED);
  g_assert_null (qfu_select_device (&choice, "44444567", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "sys-usb:" FOURTH));
  g_assert_nonnull (strstr (error->message, "sys-usb2:" FIFTH));
  g_clear_error (&error);
  device = qfu_select_device (&choice, "sys-usb:44444567", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (device->id, ==, FOURTH);
}

/* What is listed can be given as it stands. */
static void
test_addresses (void)
{
  g_autoptr (GPtrArray) devices = machine_with_qubes ();
  const QfuChoice choice = {devices, qubes};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_select_device (&choice, "Webcam", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (
      strstr (error->message, "Webcam (sys-usb:" FOURTH "), Webcam (sys-usb2:" FOURTH ")"));
}

static void
test_domain_names (void)
{
  g_assert_cmpstr (qfu_select_domain (qubes, "sys-usb:x"), ==, "sys-usb");
  g_assert_cmpstr (qfu_select_domain (qubes, "sys-off:"), ==, "sys-off");
  g_assert_cmpstr (qfu_select_domain (NULL, "dom0:x"), ==, QFU_DOM0);
  g_assert_null (qfu_select_domain (NULL, "sys-usb:x"));
  g_assert_null (qfu_select_domain (qubes, "sys-usb"));
  g_assert_null (qfu_select_domain (qubes, "SYS-USB:x"));
  g_assert_null (qfu_select_domain (qubes, ":x"));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/select/device", test_device);
  g_test_add_func ("/select/ambiguous", test_ambiguous);
  g_test_add_func ("/select/devices", test_devices);
  g_test_add_func ("/select/domains", test_domains);
  g_test_add_func ("/select/other-qube", test_other_qube);
  g_test_add_func ("/select/addresses", test_addresses);
  g_test_add_func ("/select/domain-names", test_domain_names);
  return g_test_run ();
}
