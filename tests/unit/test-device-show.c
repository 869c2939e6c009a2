/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is said of a device: more of one in a USB qube, and of dom0's what was always said. */
#include "qfu-device-show.h"
#include "qfu-fd.h"
#include "qfu-json.h"
#include "testconfig.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef01234567"

typedef struct {
  char *texts[3];
  QfuDevice device;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer domain)
{
  fixture->device =
      (QfuDevice){.id = (char *)ID,
                  .name = (char *)"Webcam",
                  .version = (char *)"1.2.2",
                  .version_format = (char *)"triplet",
                  .vendor_ids = fixture->texts,
                  .protocols = fixture->texts,
                  .guids = fixture->texts,
                  .flags = QFU_DEVICE_UPDATABLE | QFU_DEVICE_KEYBOARD | QFU_DEVICE_ELSEWHERE,
                  .problem = (char *)"it claims what is dom0's",
                  .domain = (char *)domain};
}

/* (transfer full) */
static char *
said (const QfuDevice *device)
{
  const QfuOptions options = {0};
  g_auto (QfuFd) before = dup (STDOUT_FILENO);
  int ends[2];
  char text[4096] = "";
  ssize_t size;

  (void)fflush (stdout);
  g_assert_no_errno (pipe (ends));
  g_assert_cmpint (dup2 (ends[1], STDOUT_FILENO), ==, STDOUT_FILENO);
  qfu_device_say (&options, device);
  (void)fflush (stdout);
  g_assert_cmpint (dup2 (before, STDOUT_FILENO), ==, STDOUT_FILENO);
  g_assert_no_errno (close (ends[1]));
  size = read (ends[0], text, sizeof text - 1);
  g_assert_cmpint (size, >, 0);
  g_assert_no_errno (close (ends[0]));
  return g_strdup (text);
}

static void
test_said (Fixture *fixture, gconstpointer domain)
{
  g_autofree char *text = said (&fixture->device);

  g_assert_nonnull (strstr (text, "Webcam\n"));
  g_assert_nonnull (strstr (text, "update      possible\n"));
  g_assert_true ((strstr (text, "state       a keyboard, attached to another qube\n") != NULL) ==
                 (domain != NULL));
  g_assert_true ((strstr (text, "problem     it claims what is dom0's\n") != NULL) ==
                 (domain != NULL));
}

static void
test_json (Fixture *fixture, gconstpointer domain)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;
  JsonObject *usb;

  qfu_device_json (builder, &fixture->device);
  root = json_builder_get_root (builder);
  object = json_node_get_object (root);
  g_assert_cmpstr (json_object_get_string_member (object, "domain"), ==,
                   domain == NULL ? "dom0" : domain);
  g_assert_cmpstr (json_object_get_string_member (object, "problem"), ==,
                   "it claims what is dom0's");
  if (domain == NULL) {
    g_assert_true (json_object_get_null_member (object, "usb"));
    return;
  }
  usb = json_object_get_object_member (object, "usb");
  g_assert_true (json_object_get_boolean_member (usb, "keyboard"));
  g_assert_true (json_object_get_boolean_member (usb, "attachedElsewhere"));
  g_assert_false (json_object_get_boolean_member (usb, "bootloader"));
  g_assert_false (json_object_get_boolean_member (usb, "emulated"));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/device-show/said/own", Fixture, NULL, set_up, test_said, NULL);
  g_test_add ("/device-show/said/usb", Fixture, "sys-usb", set_up, test_said, NULL);
  g_test_add ("/device-show/json/own", Fixture, NULL, set_up, test_json, NULL);
  g_test_add ("/device-show/json/usb", Fixture, "sys-usb", set_up, test_json, NULL);
  return g_test_run ();
}
