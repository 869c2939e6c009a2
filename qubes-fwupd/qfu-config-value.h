/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/* How the text of a key becomes a member of #QfuConfig. */

typedef enum {
  QFU_CONFIG_STRING,
  QFU_CONFIG_PATH, /* absolute */
  QFU_CONFIG_NUMBER,
  QFU_CONFIG_FLAG,
  QFU_CONFIG_CHOICE,
  QFU_CONFIG_SERIALS,
  QFU_CONFIG_SOURCES, /* of event logs */
  QFU_CONFIG_PATHS,   /* a list of absolute ones */
  QFU_CONFIG_VMS      /* a list of names */
} QfuConfigKind;

/**
 * QfuConfigKey:
 * @group: the group that it stands in
 * @key: its name
 * @kind: what its value is
 * @offset: of the member in #QfuConfig
 * @fallback: its value when it is not set
 * @min: of a number
 * @max: of a number
 * @words: of a choice: what is allowed, by its number, `;` between them
 *
 * A key of the configuration file.
 */
typedef struct {
  const char *group;
  const char *key;
  QfuConfigKind kind;
  gsize offset;
  const char *fallback;
  guint min;
  guint max;
  const char *words;
} QfuConfigKey;

/**
 * qfu_config_value_set:
 * @text: as the file has it
 * @error: #QFU_ERROR_USAGE naming key, value and what is allowed
 *
 * Puts the value of @key into @config.
 */
gboolean qfu_config_value_set (QfuConfig *config,
                               const QfuConfigKey *key,
                               const char *text,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
