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

static void
add (GPtrArray *devices, const char *id, const char *name, const char *guid, guint flags)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_DEVICE);
  g_autoptr (GError) error = NULL;

  qfu_message_add_text (message, QFU_FIELD_ID, id);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_GUID, guid);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  g_ptr_array_add (devices, qfu_device_new (message, &error));
  g_assert_no_error (error);
}

static GPtrArray *
machine (void)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);

  add (devices, FIRST, "Dock", SHARED, QFU_DEVICE_UPDATABLE);
  add (devices, SECOND, "dock", SHARED, 0);
  add (devices, THIRD, "System Firmware", OWN, QFU_DEVICE_UPDATABLE);
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
    g_autoptr (GError) error = NULL;
    const QfuDevice *device = qfu_select_device (devices, cases[i].wanted, &error);

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
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_select_device (devices, SHARED, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "Dock (" FIRST "), dock (" SECOND ")"));
}

static void
test_devices (void)
{
  g_autoptr (GPtrArray) devices = machine ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = qfu_select_devices (devices, NULL, &error);
  g_autoptr (GPtrArray) one = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_true (g_ptr_array_index (all, 0) == g_ptr_array_index (devices, 0));
  g_assert_true (g_ptr_array_index (all, 1) == g_ptr_array_index (devices, 2));
  /* by name also one that cannot be updated: what is said of it tells why */
  one = qfu_select_devices (devices, SECOND, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_true (g_ptr_array_index (one, 0) == g_ptr_array_index (devices, 1));
  g_assert_null (qfu_select_devices (devices, "Webcam", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/select/device", test_device);
  g_test_add_func ("/select/ambiguous", test_ambiguous);
  g_test_add_func ("/select/devices", test_devices);
  return g_test_run ();
}
