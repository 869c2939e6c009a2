/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-wire-table.h"
#include "testconfig.h"

#include <string.h>

#define NUMBERS_MAX 1024 /* above every number in use */

static void
test_fields (void)
{
  guint count = 0;

  for (guint i = 0; i < NUMBERS_MAX; i++) {
    const QfuFieldSpec *spec = qfu_wire_field_spec (i);

    if (spec == NULL)
      continue;
    count++;
    g_assert_cmpuint (spec->field, ==, i);
    g_assert_cmpuint (spec->max, >, 0);
    g_assert_cmpuint (spec->max, <=, QFU_WIRE_PAYLOAD_MAX - QFU_WIRE_FIELD_HEADER_SIZE);
    g_assert_true (spec->kind != QFU_KIND_NUMBER || spec->max == 8);
  }
  g_assert_cmpuint (count, >=, 45);
  g_assert_null (qfu_wire_field_spec (0));
}

static void
test_frames (void)
{
  guint count = 0;

  for (guint type = 0; type < NUMBERS_MAX; type++) {
    const QfuFrameSpec *spec = qfu_wire_frame_spec (type);

    if (spec == NULL)
      continue;
    count++;
    g_assert_cmpuint (spec->type, ==, type);
    for (gsize i = 0; i < QFU_FRAME_FIELDS_MAX && spec->fields[i].field != 0; i++) {
      const QfuFrameField *field = &spec->fields[i];

      g_assert_nonnull (qfu_wire_field_spec (field->field));
      g_assert_cmpuint (field->min, <=, field->max);
      g_assert_cmpuint (field->max, >, 0);
      /* a row that names a field twice would be found once */
      g_assert_true (qfu_wire_frame_field (spec, field->field) == field);
    }
    g_assert_null (qfu_wire_frame_field (spec, 0));
  }
  g_assert_cmpuint (count, >=, 24);
  g_assert_null (qfu_wire_frame_spec (0));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/wire-table/fields", test_fields);
  g_test_add_func ("/wire-table/frames", test_frames);
  return g_test_run ();
}
