/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-name.h"

#include "testconfig.h"

static void
test_names (void)
{
  static const struct {
    const char *name;
    const char *sent;
  } cases[] = {
      {"Webcam", "Webcam"},
      {"Webcam\xe2\x84\xa2", "Webcam(TM)"},
      {"caf\xc3\xa9", "cafe"},
      {"\xe6\x97\xa5", "?"},
      {"a\x1b[2Jb\n", "a?[2Jb?"},
      {"not \xff UTF-8", "not ? UTF-8"},
      {"", ""},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_USB_DEVICE);

    qfu_message_add_name (message, QFU_FIELD_NAME, cases[i].name);
    g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_NAME, 0), ==, cases[i].sent);
  }
}

static void
test_none (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_USB_DEVICE);

  qfu_message_add_name (message, QFU_FIELD_NAME, NULL);
  g_assert_cmpuint (qfu_message_count (message, QFU_FIELD_NAME), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/name/names", test_names);
  g_test_add_func ("/name/none", test_none);
  return g_test_run ();
}
