/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "qfu-error.h"
#include "qfu-parse-config.h"

#include <lzma.h>
#include <string.h>

#define COMPRESSED 1

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  g_string_append_printf (user, "%s=%s;", qfu_message_text (message, QFU_FIELD_NAME, 0),
                          qfu_message_text (message, QFU_FIELD_VALUE, 0));
  return TRUE;
}

static char *
settings (const void *data, gsize size, guint32 compression, guint32 plain, GError **error)
{
  GString *text = g_string_new (NULL);
  const QfuParseSink sink = {emit, NULL, text};
  g_autofree guint8 *copy = g_memdup2 (data, size);
  const QfuParseInput image = {copy, size};
  const QfuCbfsFile file = {
      .name = "config", .size = size, .compression = compression, .plain_size = plain};

  if (!qfu_config_settings (&image, &file, 0, &sink, error)) {
    g_string_free (text, TRUE);
    return NULL;
  }
  return g_string_free (text, FALSE);
}

static GByteArray *
compress (const char *text, gsize size)
{
  GByteArray *out = g_byte_array_new ();
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;

  g_byte_array_set_size (out, (guint)size / 10 + 4096);
  g_assert_false (lzma_lzma_preset (&options, 0));
  g_assert_cmpint (lzma_alone_encoder (&stream, &options), ==, LZMA_OK);
  stream.next_in = (const guint8 *)text;
  stream.avail_in = size;
  stream.next_out = out->data;
  stream.avail_out = out->len;
  g_assert_cmpint (lzma_code (&stream, LZMA_FINISH), ==, LZMA_STREAM_END);
  g_byte_array_set_size (out, (guint)stream.total_out);
  lzma_end (&stream);
  return out;
}

static void
test_lines (void)
{
  static const char text[] = "#\n# CONFIG_VBOOT is not set\nCONFIG_TPM2=y\r\nCONFIG_CBFS_SIZE=0x1\n"
                             "CONFIG_SMM=y\nnonsense\n=\nCONFIG_PCR_SRTM=2";
  g_autoptr (GError) error = NULL;
  g_autofree char *out = settings (text, strlen (text), 0, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (out, ==, "CONFIG_TPM2=y;CONFIG_CBFS_SIZE=0x1;CONFIG_PCR_SRTM=2;");
}

static char *
build_info (const char *text, gsize size, guint32 compression)
{
  GString *out = g_string_new (NULL);
  const QfuParseSink sink = {emit, NULL, out};
  g_autofree guint8 *copy = g_memdup2 (text, size);
  const QfuParseInput image = {copy, size};
  const QfuCbfsFile file = {.name = "build_info", .size = size, .compression = compression};
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_config_build_info (&image, &file, 0, &sink, &error));
  g_assert_no_error (error);
  return g_string_free (out, FALSE);
}

static void
assert_build_info (const char *text, guint32 compression, const char *expected)
{
  g_autofree char *found = build_info (text, strlen (text), compression);

  g_assert_cmpstr (found, ==, expected);
}

static void
test_build_info (void)
{
  g_autofree char *value = g_strnfill (QFU_CONFIG_VALUE_MAX + 1, 'v');
  g_autofree char *longer = g_strconcat ("COREBOOT_VERSION: ", value, NULL);

  assert_build_info ("COREBOOT_VERSION: 25.03-1-gabc\r\nMAINBOARD_VENDOR: A B \n"
                     "MAINBOARD_PART_NUMBER: X1\nOTHER: 2\n",
                     0,
                     "BUILD_COREBOOT_VERSION=25.03-1-gabc;BUILD_MAINBOARD_VENDOR=A B;"
                     "BUILD_MAINBOARD_PART_NUMBER=X1;");
  /* the first one counts, at the start of a line alone */
  assert_build_info ("MY_COREBOOT_VERSION: 1\nCOREBOOT_VERSION: 2\nCOREBOOT_VERSION: 3", 0,
                     "BUILD_COREBOOT_VERSION=2;");
  assert_build_info ("COREBOOT_VERSION:\nMAINBOARD_VENDOR: \nMAINBOARD_PART_NUMBER: a\tb", 0, "");
  assert_build_info ("COREBOOT_VERSION: 1", COMPRESSED, "");
  assert_build_info (longer, 0, "");
}

static void
test_build_info_size (void)
{
  static const char line[] = "\nCOREBOOT_VERSION: 1";
  g_autofree char *filling = g_strnfill (QFU_BUILD_INFO_MAX - strlen (line), '\n');
  g_autofree char *at = g_strconcat (filling, line, NULL);
  g_autofree char *past = g_strconcat ("\n", at, NULL);

  assert_build_info (at, 0, "BUILD_COREBOOT_VERSION=1;");
  assert_build_info (past, 0, "");
}

static void
test_lzma (void)
{
  static const char text[] = "CONFIG_TPM2=y\nCONFIG_VBOOT=y\n";
  g_autoptr (GByteArray) packed = compress (text, strlen (text));
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;

  out = settings (packed->data, packed->len, 1, (guint32)strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (out, ==, "CONFIG_TPM2=y;CONFIG_VBOOT=y;");
  /* any other size than the stated one, a cut stream and noise */
  for (guint i = 0; i < 4; i++) {
    const guint32 plain = (guint32)strlen (text) + (i == 0) - (i == 1);
    const guint cut = i == 2 ? 8 : 0;
    g_autoptr (GError) why = NULL;

    packed->data[0] = i == 3 ? 0xff : packed->data[0];
    g_assert_null (settings (packed->data, packed->len - cut, 1, plain, &why));
    g_assert_error (why, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_bomb (void)
{
  const gsize size = 8 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, 'a');
  g_autoptr (GByteArray) packed = compress (text, size);
  g_autoptr (GError) small = NULL;
  g_autoptr (GError) large = NULL;

  g_assert_null (settings (packed->data, packed->len, 1, 8051, &small));
  g_assert_error (small, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_null (settings (packed->data, packed->len, 1, (guint32)size, &large));
  g_assert_error (large, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_limits (void)
{
  GString *many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *other = settings ("CONFIG_TPM2=y", 13, 2, 13, NULL);
  g_autofree char *text = NULL;

  g_assert_cmpstr (other, ==, "");
  for (guint i = 0; i <= QFU_CONFIG_SETTINGS_MAX; i++)
    g_string_append_printf (many, "CONFIG_TPM_%u=y\n", i);
  text = g_string_free (many, FALSE);
  g_assert_null (settings (text, strlen (text), 0, 0, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/lines", test_lines);
  g_test_add_func ("/config/build-info", test_build_info);
  g_test_add_func ("/config/limit/build-info", test_build_info_size);
  g_test_add_func ("/config/lzma", test_lzma);
  g_test_add_func ("/config/bomb", test_bomb);
  g_test_add_func ("/config/limits", test_limits);
  return g_test_run ();
}
