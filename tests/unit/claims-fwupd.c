/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "claims-fwupd.h"

#include "claims-rom.h"

void
claims_setting (GPtrArray *frames, const char *name, const char *value)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SETTING);

  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_VALUE, value);
  g_ptr_array_add (frames, message);
}

void
claims_history (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    claims_named (frames, QFU_FRAME_HISTORY, QFU_FIELD_ID, i);
    claims_add_number (frames, QFU_FIELD_STATUS, QFU_UPDATE_LAST);
  }
}

void
claims_reports (GPtrArray *frames, guint64 n)
{
  claims_history (frames, 1);
  for (guint i = 0; i < n; i++)
    claims_setting (frames, "QubesFwupdRecord", "1");
}

void
claims_update_state (GPtrArray *frames, guint64 n)
{
  claims_named (frames, QFU_FRAME_HISTORY, QFU_FIELD_ID, 0);
  claims_add_number (frames, QFU_FIELD_STATUS, n);
}

static void
attribute (GPtrArray *frames, guint i, guint64 level, guint64 flags)
{
  claims_named (frames, QFU_FRAME_ATTRIBUTE, QFU_FIELD_ID, i);
  claims_add_number (frames, QFU_FIELD_LEVEL, level);
  claims_add_number (frames, QFU_FIELD_FLAGS, flags);
}

static void
security_id (GPtrArray *frames)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SECURITY);

  qfu_message_add_text (message, QFU_FIELD_VALUE, "HSI:1 (v2.0.20)");
  g_ptr_array_add (frames, message);
}

void
claims_attributes (GPtrArray *frames, guint64 n)
{
  security_id (frames);
  for (guint i = 0; i < n; i++)
    attribute (frames, i, 1, QFU_SECURITY_SUCCESS);
}

void
claims_attribute_level (GPtrArray *frames, guint64 n)
{
  security_id (frames);
  attribute (frames, 0, n, 0);
}

void
claims_attribute_flags (GPtrArray *frames, guint64 n)
{
  security_id (frames);
  attribute (frames, 0, 0, n);
}
