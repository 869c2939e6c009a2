/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-config-value.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static gboolean
set (QfuConfig *config,
     QfuConfigKind kind,
     gsize offset,
     const char *words,
     const char *text,
     GError **error)
{
  const QfuConfigKey key = {"Group", "Key", kind, offset, NULL, 2, 9, words};

  return qfu_config_value_set (config, &key, text, error);
}

static void
check_refused (
    QfuConfig *config, QfuConfigKind kind, const char *words, const char *text, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (set (config, kind, G_STRUCT_OFFSET (QfuConfig, prediction), words, text, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "[Group] Key="));
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_kinds (void)
{
  QfuConfig config = {0};

  g_assert_true (
      set (&config, QFU_CONFIG_NUMBER, G_STRUCT_OFFSET (QfuConfig, chip_size), NULL, " 9 ", NULL));
  g_assert_cmpuint (config.chip_size, ==, 9);
  g_assert_true (set (&config, QFU_CONFIG_FLAG, G_STRUCT_OFFSET (QfuConfig, require_post_quantum),
                      NULL, "true", NULL));
  g_assert_true (config.require_post_quantum);
  g_assert_true (
      set (&config, QFU_CONFIG_PATH, G_STRUCT_OFFSET (QfuConfig, state), NULL, "/x ", NULL));
  g_assert_cmpstr (config.state, ==, "/x");
  g_assert_true (set (&config, QFU_CONFIG_CHOICE, G_STRUCT_OFFSET (QfuConfig, prediction),
                      "one;two;three", "two", NULL));
  g_assert_cmpuint (config.prediction, ==, 1);
  g_assert_true (set (&config, QFU_CONFIG_PATHS, G_STRUCT_OFFSET (QfuConfig, secrets_luks), NULL,
                      " /a ;;/b", NULL));
  g_assert_cmpuint (g_strv_length (config.secrets_luks), ==, 2);
  g_assert_cmpstr (config.secrets_luks[1], ==, "/b");
  g_strfreev (config.secrets_luks);
  g_free (config.state);
}

static void
test_refused (void)
{
  QfuConfig config = {0};

  check_refused (&config, QFU_CONFIG_NUMBER, NULL, "1", "from 2 to 9");
  check_refused (&config, QFU_CONFIG_NUMBER, NULL, "10", "from 2 to 9");
  check_refused (&config, QFU_CONFIG_FLAG, NULL, "yes", "true or false");
  check_refused (&config, QFU_CONFIG_PATH, NULL, "x", "absolute path");
  check_refused (&config, QFU_CONFIG_CHOICE, "one;two", "three", "one, two");
  check_refused (&config, QFU_CONFIG_CHOICE, "one;two", "", "one, two");
  check_refused (&config, QFU_CONFIG_SERIALS, NULL, "0x1", "hexadecimal");
  check_refused (&config, QFU_CONFIG_PATHS, NULL, "/a;b", "Key=b: absolute paths, ';'");
  check_refused (&config, QFU_CONFIG_VMS, NULL, "a;b c", "Key=b c: names of VMs");
  check_refused (&config, QFU_CONFIG_VMS, NULL, "a,b", "Key=a,b: names of VMs");
  check_refused (&config, QFU_CONFIG_VMS, NULL, "sys-net;dom0", "Key=dom0: names of VMs");
  check_refused (&config, QFU_CONFIG_VMS, NULL, "-d", "Key=-d: names of VMs");
  check_refused (&config, QFU_CONFIG_PATHS, NULL, "cbmem", "absolute paths, ';'");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/config-value/kinds", test_kinds);
  g_test_add_func ("/config-value/refused", test_refused);
  return g_test_run ();
}
