/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-payload.h"

#include "qfu-rules.h"

#include <string.h>

#define OUTSIDE QFU_TAIL_OUTSIDE
#define TABLES QFU_TAIL_TABLES
#define PAYLOAD QFU_TAIL_PAYLOAD
#define FILES QFU_TAIL_FILES

/* Words in the name of the payload's file, and settings that choose it. */
static const struct {
  const char *name;
  const char *settings[2];
  const char *word;
  guint8 sources[QFU_PAYLOAD_PCRS];
} kinds[QFU_PAYLOAD_N_KINDS] = {
    /* what is not known can change with each byte of it */
    [QFU_PAYLOAD_OTHER] = {"a payload of another kind",
                           {NULL},
                           NULL,
                           {PAYLOAD, TABLES, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD,
                            PAYLOAD, PAYLOAD}},
    /* separators in 0-7; SMBIOS in 1, option ROMs in 2, boot device in 4 and 5 */
    [QFU_PAYLOAD_SEABIOS] = {"SeaBIOS",
                             {"CONFIG_PAYLOAD_SEABIOS"},
                             "seabios",
                             {OUTSIDE, TABLES, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE,
                              OUTSIDE, OUTSIDE}},
    /* Linux itself extends none of these; what its initramfs does is a matter of the build */
    [QFU_PAYLOAD_LINUX] = {"Linux",
                           {"CONFIG_PAYLOAD_LINUX"},
                           "linux",
                           {PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD,
                            PAYLOAD, PAYLOAD}},
    /* commands in 8 and files in 9, of a configuration that lies in the image */
    [QFU_PAYLOAD_GRUB] = {"GRUB",
                          {"CONFIG_PAYLOAD_GRUB2", "CONFIG_PAYLOAD_GRUB"},
                          "grub",
                          {PAYLOAD, TABLES, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD,
                           FILES, FILES}},
    /* its volumes in 0, tables and variables in 1, settings in 5, variables in 7 */
    [QFU_PAYLOAD_EDK2] = {"edk2",
                          {"CONFIG_PAYLOAD_EDK2", "CONFIG_PAYLOAD_TIANOCORE"},
                          "uefipayload",
                          {FILES, FILES, OUTSIDE, OUTSIDE, OUTSIDE, FILES, OUTSIDE, FILES, OUTSIDE,
                           OUTSIDE}},
    /* boot path in 4, modules in 5, LUKS headers in 6, the user's files in 7 */
    [QFU_PAYLOAD_HEADS] = {"Heads",
                           {"CONFIG_PAYLOAD_HEADS"},
                           "heads",
                           {PAYLOAD, TABLES, PAYLOAD, PAYLOAD, OUTSIDE, PAYLOAD, OUTSIDE, FILES,
                            PAYLOAD, PAYLOAD}},
};

/* Heads and LinuxBoot are Linux to coreboot's settings: a word in the file's name says more. */
static const QfuPayloadKind by_word[] = {QFU_PAYLOAD_HEADS, QFU_PAYLOAD_SEABIOS, QFU_PAYLOAD_GRUB,
                                         QFU_PAYLOAD_EDK2, QFU_PAYLOAD_LINUX};

static gboolean
is_heads (const QfuRom *rom)
{
  const char *version = qfu_rom_setting (rom, "CONFIG_LOCALVERSION");
  g_autofree char *lower = version != NULL ? g_ascii_strdown (version, -1) : NULL;

  return lower != NULL && strstr (lower, "heads") != NULL;
}

static gboolean
is_chosen (const QfuRom *rom, QfuPayloadKind kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds[kind].settings); i++) {
    if (kinds[kind].settings[i] != NULL && qfu_rules_is_set (rom, kinds[kind].settings[i]))
      return TRUE;
  }
  return FALSE;
}

static QfuPayloadKind
kind_of_file (const QfuRom *rom)
{
  const char *path = qfu_rom_setting (rom, "CONFIG_PAYLOAD_FILE");
  const char *base = path != NULL ? strrchr (path, '/') : NULL;
  g_autofree char *lower = path != NULL ? g_ascii_strdown (base != NULL ? base : path, -1) : NULL;

  for (gsize i = 0; lower != NULL && i < G_N_ELEMENTS (by_word); i++) {
    if (strstr (lower, kinds[by_word[i]].word) != NULL)
      return by_word[i];
  }
  return QFU_PAYLOAD_OTHER;
}

QfuPayloadKind
qfu_payload_kind (const QfuRom *rom)
{
  QfuPayloadKind kind = is_heads (rom) ? QFU_PAYLOAD_HEADS : kind_of_file (rom);

  /* the settings of a known kind stand above the name of a file, of which a person may have any */
  for (guint i = QFU_PAYLOAD_SEABIOS; i < QFU_PAYLOAD_N_KINDS; i++) {
    if (is_chosen (rom, (QfuPayloadKind)i))
      return i == QFU_PAYLOAD_LINUX && kind == QFU_PAYLOAD_HEADS ? kind : (QfuPayloadKind)i;
  }
  return kind;
}

const char *
qfu_payload_name (QfuPayloadKind kind)
{
  return kinds[kind].name;
}

QfuTailSource
qfu_payload_source (QfuPayloadKind kind, guint pcr)
{
  return pcr < QFU_PAYLOAD_PCRS ? (QfuTailSource)kinds[kind].sources[pcr] : QFU_TAIL_OUTSIDE;
}
