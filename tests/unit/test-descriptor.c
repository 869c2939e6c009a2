/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-descriptor.h"

#include "image.h"
#include "liar.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

#define SIZE 0x10000

static const guint32 registers[] = {
    IMAGE_FLREG (0, 0x1000),
    IMAGE_FLREG (0x8000, 0x8000),
    IMAGE_FLREG (0x2000, 0x6000),
};

typedef TestHome Fixture;

static QfuUntrustedBlob *
head_new (guint at)
{
  g_autoptr (GByteArray) image = image_new (4096);

  image_descriptor (image, at, registers, G_N_ELEMENTS (registers), 1u << 2);
  return test_blob (image->data, image->len);
}

static void
test_read (Fixture *f, gconstpointer unused)
{
  static const guint places[] = {16, 0};

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (QfuUntrustedBlob) head = head_new (places[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (GArray) regions = qfu_descriptor_read (f->config, head, SIZE, &error);
    const QfuIfdRegion *me;

    g_assert_no_error (error);
    g_assert_cmpuint (regions->len, ==, 3);
    me = &g_array_index (regions, QfuIfdRegion, 2);
    g_assert_cmpstr (me->name, ==, "SI_ME");
    g_assert_cmpuint (me->offset, ==, 0x2000);
    g_assert_cmpuint (me->size, ==, 0x6000);
    g_assert_true (me->closed);
    g_clear_pointer (&regions, g_array_unref);
    regions = qfu_descriptor_read (f->config, head, SIZE - 1, &error);
    g_assert_null (regions);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_none (Fixture *f, gconstpointer unused)
{
  g_autoptr (GByteArray) image = image_new (4096);
  g_autoptr (QfuUntrustedBlob) head = test_blob (image->data, image->len);
  g_autoptr (QfuUntrustedBlob) tiny = test_blob ("", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) regions = NULL;
  g_autoptr (GArray) none = NULL;

  regions = qfu_descriptor_read (f->config, head, SIZE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (regions->len, ==, 0);
  none = qfu_descriptor_read (f->config, tiny, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
}

/* What the image of head_new (16) holds. */
static const guint32 maps[] = {0x04040003, 0x00100008, 0x20};
static guint32 regions_of_head[16];
static const guint32 host = ~(1u << 2) << 8;

static QfuMessage *
descriptor (
    guint64 at, const guint32 *map, guint n, const guint32 *regions, guint count, guint32 master)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_DESCRIPTOR);

  qfu_message_add_number (message, QFU_FIELD_OFFSET, at);
  qfu_message_add_bytes (message, QFU_FIELD_REGISTERS, map, n * sizeof *map);
  qfu_message_add_bytes (message, QFU_FIELD_REGISTERS, regions, count * sizeof *regions);
  qfu_message_add_bytes (message, QFU_FIELD_REGISTERS, &master, sizeof master);
  return message;
}

static void
tell (Fixture *f, QfuMessage *first, QfuMessage *second, QfuError code)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuUntrustedBlob) head = head_new (16);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) regions = NULL;

  if (first != NULL)
    g_ptr_array_add (all, first);
  if (second != NULL)
    g_ptr_array_add (all, second);
  liar_install (f->config, f->directory, all, TRUE);
  regions = qfu_descriptor_read (f->config, head, SIZE, &error);
  if (code == 0) {
    g_assert_no_error (error);
    g_assert_cmpuint (regions->len, ==, 3);
    return;
  }
  g_assert_null (regions);
  g_assert_error (error, QFU_ERROR, (int)code);
}

/* An owned worker can hide no region, move none and open none. */
static void
test_lies (Fixture *f, gconstpointer unused)
{
  const QfuError protocol = QFU_ERROR_PROTOCOL;

  for (guint i = 0; i < G_N_ELEMENTS (regions_of_head); i++)
    regions_of_head[i] = i < G_N_ELEMENTS (registers) ? registers[i] : IMAGE_FLREG_UNUSED;
#define TRUTH descriptor (16, maps, 3, regions_of_head, 16, host)
  tell (f, TRUTH, NULL, 0);
  tell (f, TRUTH, TRUTH, protocol);
  tell (f, NULL, NULL, protocol);
  tell (f, qfu_message_new (QFU_FRAME_DATA), NULL, protocol);
  tell (f, descriptor (0, maps, 3, regions_of_head, 16, host), NULL, protocol);
  tell (f, descriptor (16, maps, 2, regions_of_head, 16, host), NULL, protocol);
  tell (f, descriptor (16, maps, 3, regions_of_head, 15, host), NULL, protocol);
  tell (f, descriptor (16, maps, 3, regions_of_head, 0, host), NULL, protocol);
  tell (f, descriptor (16, maps, 3, regions_of_head, 16, ~host), NULL, protocol);
  for (guint i = 0; i < G_N_ELEMENTS (maps); i++) {
    guint32 other[G_N_ELEMENTS (maps)];

    memcpy (other, maps, sizeof maps);
    other[i] ^= 1;
    tell (f, descriptor (16, other, 3, regions_of_head, 16, host), NULL, protocol);
  }
  for (guint i = 0; i < G_N_ELEMENTS (regions_of_head); i++) {
    regions_of_head[i] ^= 1;
    tell (f, TRUTH, NULL, protocol);
    regions_of_head[i] ^= 1;
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/descriptor/read", test_read);
  test_home_add ("/descriptor/none", test_none);
  test_home_add ("/descriptor/lies", test_lies);
  return g_test_run ();
}
