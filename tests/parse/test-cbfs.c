/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "qfu-error.h"
#include "qfu-parse-cbfs.h"

#include <string.h>

#define SIZE 0x1000

static gboolean
collect (gpointer user, const QfuCbfsFile *file, GError **error)
{
  g_string_append_printf (user, "%s@%zx+%zu:%x%s%s ", file->name, file->offset, file->size,
                          file->type, file->has_load_address ? "L" : "", file->unused ? "U" : "");
  return TRUE;
}

static char *
walk (const GByteArray *image, gsize offset, gsize size, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (image->data, image->len);
  const QfuParseInput input = {copy, image->len};
  GString *text = g_string_new (NULL);

  if (!qfu_cbfs_walk (&input, offset, size, collect, text, error)) {
    g_string_free (text, TRUE);
    return NULL;
  }
  return g_string_free (text, FALSE);
}

static void
assert_files (const GByteArray *image, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = walk (image, 0, image->len, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_refused (const GByteArray *image, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = walk (image, 0, image->len, &error);

  g_assert_null (text);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_files (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);
  guint pos = 0;

  assert_files (image, "");
  pos = image_file (image, pos, "a", 0x11, "12345");
  pos = image_file (image, pos, "gone", 0, "x");
  pos = image_file (image, pos, "", 0xffffffff, "free");
  pos = image_file (image, pos, "", 0x50, "nameless");
  /* the firmware looks at the next boundary when there is no header */
  image_file (image, pos + 128, "b", 0x50, "");
  assert_files (image, "a@40+5:11 @140+4:ffffffffU b@2c0+0:50 ");
}

static void
test_nested (void)
{
  g_autoptr (GByteArray) inner = image_new (0x200);
  g_autoptr (GByteArray) image = image_new (SIZE);
  g_autofree char *data = g_strnfill (0x200, 'x');

  image_file (image, 0, "outer", 0x20, data);
  image_file (inner, 0, "inner", 0x11, "hidden");
  memcpy (image->data + 0x80, inner->data, 0x100);
  image_file (image, 0x240, "after", 0x50, "y");
  assert_files (image, "outer@40+512:20 after@280+1:50 ");
}

static void
test_hostile (void)
{
  static const struct {
    guint at;
    guint32 value;
    const char *why;
  } cases[] = {
      {8, SIZE, "leaves its region"},
      {8, 0xffffffc0, "leaves its region"},
      {20, 0xffffffff, "leaves its region"},
      {20, 24, "in its header"},
      {20, 8, "in its header"},
      {20, 0, "in its header"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) image = image_new (SIZE);

    image_file (image, 0, "a", 0x11, "12345");
    image_put_be32 (image, cases[i].at, cases[i].value);
    assert_refused (image, cases[i].why);
  }
}

static void
test_names (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);

  image_file (image, 0, "a", 0x11, "1");
  memset (image->data + 24, 'n', 40);
  assert_refused (image, "name");
  image_file (image, 0, "a", 0x11, "1");
  image->data[24] = '\n';
  assert_refused (image, "name");
}

/* The region ends in the middle of what looks like a header. */
static void
test_end (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);

  image_file (image, SIZE - 128, "last", 0x11, "1234");
  assert_files (image, "last@fc0+4:11 ");
  for (guint size = SIZE - 128; size < SIZE - 60; size++) {
    g_autoptr (GByteArray) cut = g_byte_array_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;

    g_byte_array_append (cut, image->data, size);
    text = walk (cut, 0, size, &error);
    if (size < SIZE - 128 + 24)
      g_assert_cmpstr (text, ==, "");
    else
      g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_attributes (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);

  image_file (image, 0, "a", 0x11, "1");
  image_put_be32 (image, 16, 32);
  image_put_be32 (image, 32, 0x53746748);
  image_put_be32 (image, 36, 24);
  assert_files (image, "a@40+1:11L ");
  /* lengths that would loop or leave the list end it */
  image_put_be32 (image, 36, 0);
  assert_files (image, "a@40+1:11 ");
  image_put_be32 (image, 36, 0xfffffff8);
  assert_files (image, "a@40+1:11 ");
  image_put_be32 (image, 36, 12);
  assert_files (image, "a@40+1:11 ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cbfs/files", test_files);
  g_test_add_func ("/cbfs/nested", test_nested);
  g_test_add_func ("/cbfs/hostile", test_hostile);
  g_test_add_func ("/cbfs/names", test_names);
  g_test_add_func ("/cbfs/end", test_end);
  g_test_add_func ("/cbfs/attributes", test_attributes);
  return g_test_run ();
}
