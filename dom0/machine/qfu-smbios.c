/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-smbios.h"

#include "qfu-text.h"

#include <string.h>

#define LENGTH 128

static char *
read_text (const QfuConfig *config, const char *name)
{
  g_autofree char *path = g_build_filename (config->dmi, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  g_strstrip (text);
  if (text[0] == '\0')
    return NULL;
  if (strlen (text) > LENGTH)
    text[LENGTH] = '\0';
  return qfu_text_clean (text);
}

void
qfu_smbios_read (const QfuConfig *config, QfuSmbios *smbios)
{
  *smbios = (QfuSmbios){.bios_vendor = read_text (config, "bios_vendor"),
                        .bios_version = read_text (config, "bios_version"),
                        .manufacturer = read_text (config, "sys_vendor"),
                        .product = read_text (config, "product_name"),
                        .family = read_text (config, "product_family")};
}

void
qfu_smbios_clear (QfuSmbios *smbios)
{
  g_clear_pointer (&smbios->bios_vendor, g_free);
  g_clear_pointer (&smbios->bios_version, g_free);
  g_clear_pointer (&smbios->manufacturer, g_free);
  g_clear_pointer (&smbios->product, g_free);
  g_clear_pointer (&smbios->family, g_free);
}
