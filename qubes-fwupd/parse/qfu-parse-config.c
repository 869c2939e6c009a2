/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-config.h"

#include "qfu-error.h"

#include <lzma.h>
#include <string.h>

#define COMPRESSION_NONE 0
#define COMPRESSION_LZMA 1

static const char *const prefixes[] = {
    "CONFIG_TPM",
    "CONFIG_PCR_",
    "CONFIG_VBOOT",
    "CONFIG_CBFS_",
    "CONFIG_MAINBOARD_",
    "CONFIG_LOCALVERSION=",
    "CONFIG_BOOTBLOCK",
    "CONFIG_USE_OPTION_TABLE=",
    "CONFIG_PAYLOAD_",
    "CONFIG_ROM_SIZE=",
    "CONFIG_COREBOOT_ROMSI",
    "CONFIG_HAVE_CMOS_DEFAULT=",
    "CONFIG_STATIC_OPT",
    "CONFIG_INTEL_TXT",
    "CONFIG_MEASURED_BOOT",
    "CONFIG_SEPARATE_VERSTAGE",
    "CONFIG_CHROMEOS=",
    "CONFIG_CACHE_MRC",
    "CONFIG_FMDFILE=",
};

static gboolean
too_much (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "file config: %s", what);
  return FALSE;
}

static char *
decompress (const guint8 *data, gsize size, gsize plain_size, GError **error)
{
  g_autofree char *plain = NULL;
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret result;

  if (plain_size == 0 || plain_size > QFU_CONFIG_PLAIN_MAX) {
    too_much (error, "its size when decompressed");
    return NULL;
  }
  plain = g_malloc (plain_size + 1);
  if (lzma_alone_decoder (&stream, QFU_CONFIG_LZMA_MEMORY_MAX) != LZMA_OK) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, "file config: no memory to decompress");
    return NULL;
  }
  stream.next_in = data;
  stream.avail_in = size;
  stream.next_out = (guint8 *)plain;
  stream.avail_out = plain_size + 1; /* one byte more tells that it would go on */
  result = lzma_code (&stream, LZMA_RUN);
  lzma_end (&stream);
  if (result == LZMA_MEMLIMIT_ERROR) {
    too_much (error, "the memory that it takes to decompress");
    return NULL;
  }
  if ((result != LZMA_OK && result != LZMA_STREAM_END) || stream.avail_out != 1) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "file config does not decompress");
    return NULL;
  }
  plain[plain_size] = '\0';
  return g_steal_pointer (&plain);
}

static gboolean
wanted (const char *line)
{
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++) {
    if (g_str_has_prefix (line, prefixes[i]))
      return TRUE;
  }
  return FALSE;
}

static gboolean
send_setting (
    const char *name, const char *value, guint region, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SETTING);

  qfu_message_add_number (message, QFU_FIELD_REGION, region);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_VALUE, value);
  return qfu_parse_emit (sink, message, error);
}

static gboolean
send_line (char *line, guint region, const QfuParseSink *sink, GError **error)
{
  char *equals = strchr (line, '=');

  *equals = '\0';
  return send_setting (line, equals + 1, region, sink, error);
}

static gboolean
send_lines (char *text, guint region, const QfuParseSink *sink, GError **error)
{
  char *rest = text;
  guint count = 0;

  for (char *line = strsep (&rest, "\n"); line != NULL; line = strsep (&rest, "\n")) {
    char *equals;

    g_strchomp (line);
    equals = strchr (line, '=');
    if (equals == NULL || !wanted (line))
      continue;
    if (equals - line > QFU_CONFIG_NAME_MAX || strlen (equals + 1) > QFU_CONFIG_VALUE_MAX)
      return too_much (error, "a setting is too long");
    if (++count > QFU_CONFIG_SETTINGS_MAX)
      return too_much (error, "too many settings");
    if (!send_line (line, region, sink, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_config_settings (const QfuParseInput *image,
                     const QfuCbfsFile *file,
                     guint region,
                     const QfuParseSink *sink,
                     GError **error)
{
  g_autofree char *text = NULL;
  const guint8 *data = image->data + file->offset;

  if (file->compression == COMPRESSION_NONE && file->size > QFU_CONFIG_PLAIN_MAX)
    return too_much (error, "its size");
  if (file->compression == COMPRESSION_LZMA)
    text = decompress (data, file->size, file->plain_size, error);
  else if (file->compression == COMPRESSION_NONE)
    text = g_strndup ((const char *)data, file->size);
  else
    return TRUE;
  return text != NULL && send_lines (text, region, sink, error);
}

static gboolean
is_value (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isprint (text[i]))
      return FALSE;
  }
  return length > 0 && length <= QFU_CONFIG_VALUE_MAX;
}

gboolean
qfu_config_build_info (const QfuParseInput *image,
                       const QfuCbfsFile *file,
                       guint region,
                       const QfuParseSink *sink,
                       GError **error)
{
  static const char *const names[] = {"COREBOOT_VERSION", "MAINBOARD_VENDOR",
                                      "MAINBOARD_PART_NUMBER"};
  g_autofree char *text = NULL;

  if (file->compression != COMPRESSION_NONE || file->size > QFU_BUILD_INFO_MAX)
    return TRUE;
  text = g_strndup ((const char *)image->data + file->offset, file->size);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *start = g_strconcat ("\n", names[i], ": ", NULL);
    g_autofree char *name = g_strconcat ("BUILD_", names[i], NULL);
    g_autofree char *lines = g_strconcat ("\n", text, NULL);
    char *value = strstr (lines, start);

    if (value == NULL)
      continue;
    value += strlen (start);
    value[strcspn (value, "\n")] = '\0';
    g_strstrip (value);
    if (is_value (value) && !send_setting (name, value, region, sink, error))
      return FALSE;
  }
  return TRUE;
}
