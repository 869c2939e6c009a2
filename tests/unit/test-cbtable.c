/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbtable.h"

#include "cbtable.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "testconfig.h"

typedef TestHome Fixture;

static QfuCbtable *
read_table (Fixture *f, const GByteArray *records, guint count, GError **error)
{
  g_autoptr (GByteArray) bytes = cbtable_new (records, count);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (bytes->data, bytes->len);
  const QfuUntrustedBlob *const ranges[] = {blob};

  return qfu_cbtable_read (f->config, ranges, 1, QFU_CBTABLE_AT_START, error);
}

static void
test_areas (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) records = cbtable_areas (3);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuCbtable) table = read_table (f, records, 3, &error);
  const QfuCbmemEntry *last;

  g_assert_no_error (error);
  g_assert_cmpuint (table->forward, ==, 0);
  g_assert_cmpuint (table->areas->len, ==, 3);
  last = &g_array_index (table->areas, QfuCbmemEntry, 2);
  g_assert_cmpuint (last->id, ==, 2);
  g_assert_cmpuint (last->address, ==, 0x7f002000);
  g_assert_cmpuint (last->size, ==, 4096);
}

static void
test_forward (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) records = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuCbtable) table = NULL;

  cbtable_forward (records, 0x7ff00000);
  table = read_table (f, records, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (table->forward, ==, 0x7ff00000);
  g_assert_cmpuint (table->areas->len, ==, 0);
}

static void
test_absent (Fixture *f, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("LBIO", 4);
  const QfuUntrustedBlob *const ranges[] = {blob};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_cbtable_read (f->config, ranges, 1, 0, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

/* Registers of the chipset, and numbers that overflow. */
static void
test_addresses (Fixture *f, gconstpointer user)
{
  static const struct {
    guint64 address;
    guint32 size; /* 0: forward */
  } cases[] = {
      {QFU_CBTABLE_ADDRESS_MAX, 1},
      {QFU_CBTABLE_ADDRESS_MAX - 1, 2},
      {0x100000000, 1},
      {G_MAXUINT64, 1},
      {G_MAXUINT64 - 1, 0xffffffff},
      {4096, 0xfffffff0},
      {QFU_CBTABLE_ADDRESS_MAX, 0},
      {G_MAXUINT64, 0},
      {0, 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) records = g_byte_array_new ();
    g_autoptr (GError) error = NULL;

    g_test_message ("case %zu", i);
    if (cases[i].size == 0)
      cbtable_forward (records, cases[i].address);
    else
      cbtable_area (records, 1, cases[i].address, cases[i].size);
    g_assert_null (read_table (f, records, 1, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  }
}

/* An owned worker sends what no true one would. */
static void
test_claims (Fixture *f, gconstpointer user)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GPtrArray) frames =
        g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    g_autoptr (GByteArray) records = cbtable_areas (1);
    g_autoptr (GError) error = NULL;

    for (guint n = 0; n < 2 && i == 0; n++) {
      g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_FORWARD));
      qfu_message_add_number (g_ptr_array_index (frames, n), QFU_FIELD_ADDRESS, 4096);
    }
    if (i == 1) {
      g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_CHIP));
      qfu_message_add_text (g_ptr_array_index (frames, 0), QFU_FIELD_NAME, "x");
      qfu_message_add_number (g_ptr_array_index (frames, 0), QFU_FIELD_SIZE, 1);
    }
    liar_install (f->config, f->directory, frames, TRUE);
    g_assert_null (read_table (f, records, 1, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/cbtable/areas", test_areas);
  test_home_add ("/cbtable/forward", test_forward);
  test_home_add ("/cbtable/absent", test_absent);
  test_home_add ("/cbtable/addresses", test_addresses);
  test_home_add ("/cbtable/claims", test_claims);
  return g_test_run ();
}
