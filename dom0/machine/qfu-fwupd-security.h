/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-fwupd-flags.h"

/**
 * QfuSecurityAttribute:
 * @id: fwupd's name of it, such as `org.fwupd.hsi.Spi.Bios`
 * @name: (nullable): what to call it
 * @plugin: (nullable): fwupd's plugin that looked
 * @level: 1 to 5: of which level of the host's security it is a condition; 0: of none
 * @result: (nullable): what was found, in a word of fwupd's
 * @expected: (nullable): the word that would be good
 * @flags: QFU_SECURITY_…
 * @description: (nullable): paragraphs of fwupd's
 */
typedef struct {
  char *id;
  char *name;
  char *plugin;
  guint level;
  char *result;
  char *expected;
  guint flags;
  char *description;
} QfuSecurityAttribute;

/**
 * QfuSecurity:
 * @id: (nullable): fwupd's word for all of it, such as `HSI:1! (v2.0.20)`
 * @attributes: (element-type QfuSecurityAttribute): what it rests on
 *
 * How fwupd judges the host: its host security id.
 *
 * Trust: fwupd's word; nothing of ours rests on it.
 */
typedef struct {
  char *id;
  GPtrArray *attributes;
} QfuSecurity;

QfuSecurity *qfu_fwupd_security (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_security_free (QfuSecurity *security);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuSecurity, qfu_security_free)
