/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rules.h"

#include <string.h>

#define DEFAULT_SRTM 2
#define DEFAULT_RUNTIME 3
#define DEFAULT_MODE 1
#define DEFAULT_VERSION 10
#define TYPE_STAGE 0x11u
#define TYPE_SELF 0x20u
#define TYPE_FIT 0x21u
#define TYPE_MRC 0x61u
#define TYPE_MRC_CACHE 0xacu

static const char *const deciding[] = {"CONFIG_CBFS_VERIFICATION", "CONFIG_TPM_MEASURED_BOOT",
                                       "CONFIG_VBOOT"};
static const char *const doubtful[] = {
    "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK",
    "CONFIG_USE_OPTION_TABLE",
    "CONFIG_VBOOT_STARTS_IN_BOOTBLOCK",
    "CONFIG_VBOOT_STARTS_IN_ROMSTAGE",
    "CONFIG_SEPARATE_VERSTAGE",
    "CONFIG_BOOTBLOCK_CONSOLE",
};
static const struct {
  const char *name;
  QfuHash hash;
} algorithms[] = {
    {"CONFIG_TPM_HASH_SHA1", QFU_HASH_SHA1},
    {"CONFIG_TPM_HASH_SHA256", QFU_HASH_SHA256},
    {"CONFIG_TPM_HASH_SHA384", QFU_HASH_SHA384},
    {"CONFIG_TPM_HASH_SHA512", QFU_HASH_SHA512},
};

static guint
number (const QfuRom *rom, const char *name, guint fallback)
{
  const char *text = qfu_rom_setting (rom, name);
  guint64 value;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, QFU_PCR_COUNT - 1, &value, NULL))
    return fallback;
  return (guint)value;
}

guint
qfu_rules_srtm (const QfuRom *rom)
{
  return number (rom, "CONFIG_PCR_SRTM", DEFAULT_SRTM);
}

guint
qfu_rules_vboot_pcr (const QfuRom *rom, guint value)
{
  static const struct {
    const char *name;
    guint fallback;
  } settings[] = {{"CONFIG_PCR_BOOT_MODE", DEFAULT_MODE},
                  {"CONFIG_PCR_HWID", DEFAULT_MODE},
                  {"CONFIG_PCR_FW_VER", DEFAULT_VERSION}};

  g_return_val_if_fail (value < G_N_ELEMENTS (settings), DEFAULT_MODE);
  return number (rom, settings[value].name, settings[value].fallback);
}

/* What `build_info` says is no setting: it names version and board alone. */
static gboolean
is_of_config (gpointer key, gpointer value, gpointer unused)
{
  const char *colon = strrchr (key, ':');

  return g_str_has_prefix (colon != NULL ? colon + 1 : key, "CONFIG_");
}

gboolean
qfu_rules_known (const QfuRom *rom)
{
  return g_hash_table_find (rom->settings, is_of_config, NULL) != NULL;
}

gboolean
qfu_rules_is_set (const QfuRom *rom, const char *name)
{
  return g_strcmp0 (qfu_rom_setting (rom, name), "y") == 0;
}

/* Of an image that does not choose, for its own log or because it is older than that choice: by the
 * kind of TPM. One that takes both kinds is told by @fallback, of which SHA-1 may mean either. */
static QfuHash
usual_hash (const QfuRom *rom, QfuHash fallback)
{
  gboolean tpm1 = qfu_rules_is_set (rom, "CONFIG_TPM1");
  gboolean tpm2 = qfu_rules_is_set (rom, "CONFIG_TPM2");

  if (qfu_rules_is_set (rom, "CONFIG_TPM_LOG_TPM1") || (tpm1 && !tpm2))
    return QFU_HASH_SHA1;
  if (tpm2 && (!tpm1 || fallback != QFU_HASH_SHA1))
    return QFU_HASH_SHA256;
  return fallback;
}

QfuHash
qfu_rules_hash (const QfuRom *rom, QfuHash fallback)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (qfu_rules_is_set (rom, algorithms[i].name))
      return algorithms[i].hash;
  }
  return usual_hash (rom, fallback);
}

/* Names of run-time data are words in quotes. */
static gboolean
is_runtime_data (const QfuRom *rom, const char *name)
{
  const char *text = qfu_rom_setting (rom, "CONFIG_TPM_MEASURED_BOOT_RUNTIME_DATA");
  g_auto (GStrv) words = text != NULL ? g_strsplit_set (text, "\" ", -1) : NULL;

  return words != NULL && g_strv_contains ((const char *const *)words, name);
}

guint
qfu_rules_pcr (const QfuRom *rom, const QfuRomFile *file, guint fallback)
{
  guint runtime = number (rom, "CONFIG_PCR_RUNTIME_DATA", DEFAULT_RUNTIME);

  if (!qfu_rules_known (rom))
    return fallback;
  if (file == NULL)
    return qfu_rules_srtm (rom);
  switch (file->kind) {
  case TYPE_STAGE:
  case TYPE_SELF:
  case TYPE_FIT:
  case TYPE_MRC:
    return qfu_rules_srtm (rom);
  case TYPE_MRC_CACHE:
    return runtime;
  default:
    return is_runtime_data (rom, file->name) ? runtime : qfu_rules_srtm (rom);
  }
}

/* What a payload is, without where it was built and which version it has: the settings that choose
 * it and the letters of its file's name. */
static char *
payload_kind (const QfuRom *rom)
{
  const char *path = qfu_rom_setting (rom, "CONFIG_PAYLOAD_FILE");
  const char *base = path != NULL && strrchr (path, '/') != NULL ? strrchr (path, '/') : path;
  GString *kind = g_string_new (NULL);
  g_autoptr (GList) keys =
      g_list_sort (g_hash_table_get_keys (rom->settings), (GCompareFunc)strcmp);

  for (const GList *l = keys; l != NULL; l = l->next) {
    if (g_str_has_prefix (l->data, "CONFIG_PAYLOAD_") && qfu_rules_is_set (rom, l->data))
      g_string_append_printf (kind, "%s ", (const char *)l->data);
  }
  for (const char *p = base; p != NULL && *p != '\0' && *p != '.'; p++) {
    if (g_ascii_isalpha (*p))
      g_string_append_c (kind, *p);
  }
  return g_string_free (kind, FALSE);
}

gboolean
qfu_rules_same_payload (const QfuRom *a, const QfuRom *b)
{
  g_autofree char *one = payload_kind (a);
  g_autofree char *other = payload_kind (b);

  return strcmp (one, other) == 0;
}

static const char *
first_change (const QfuRom *a, const QfuRom *b, const char *const *names, gsize count)
{
  if (!qfu_rules_known (a) || !qfu_rules_known (b))
    return NULL;
  for (gsize i = 0; i < count; i++) {
    if (qfu_rules_is_set (a, names[i]) != qfu_rules_is_set (b, names[i]))
      return names[i];
  }
  return NULL;
}

const char *
qfu_rules_contradiction (const QfuRom *a, const QfuRom *b)
{
  return first_change (a, b, deciding, G_N_ELEMENTS (deciding));
}

const char *
qfu_rules_doubt (const QfuRom *a, const QfuRom *b)
{
  return first_change (a, b, doubtful, G_N_ELEMENTS (doubtful));
}

const char *
qfu_rules_region_differs (const QfuRom *rom, guint region)
{
  static const char *const names[] = {
      "CONFIG_TPM_HASH_SHA1",   "CONFIG_TPM_HASH_SHA256",   "CONFIG_TPM_HASH_SHA384",
      "CONFIG_TPM_HASH_SHA512", "CONFIG_TPM_MEASURED_BOOT", "CONFIG_TPM_MEASURED_BOOT_RUNTIME_DATA",
      "CONFIG_PCR_SRTM",        "CONFIG_PCR_RUNTIME_DATA",
  };

  /* a file without this line is none of settings */
  if (qfu_rom_region_setting (rom, region, "CONFIG_TPM_MEASURED_BOOT") == NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_strcmp0 (qfu_rom_region_setting (rom, region, names[i]),
                   qfu_rom_setting (rom, names[i])) != 0)
      return names[i];
  }
  return NULL;
}

gboolean
qfu_rules_unlogged (const QfuRom *rom)
{
  return qfu_rules_is_set (rom, "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK") &&
         qfu_rules_is_set (rom, "CONFIG_USE_OPTION_TABLE");
}

gboolean
qfu_rules_unlogged_boot (const QfuRom *rom, const QfuReplay *replay)
{
  return qfu_rules_unlogged (rom) || qfu_replay_is_full (replay);
}
