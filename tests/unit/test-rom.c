/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-rom.h"
#include "testconfig.h"

#include <signal.h>
#include <string.h>

#define IMAGE "0123456789"

typedef struct {
  char *directory;
  QfuConfig *config;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user)
{
  g_autofree char *worker_user = g_strdup_printf ("%d", TEST_WORKER_UID);

  f->directory = test_directory ();
  f->config = test_config (f->directory, worker_user);
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual ("CONFIG_PCR_SRTM=4\n", "romstage");
  g_autoptr (QfuUntrustedBlob) blob = test_blob (image->data, image->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = qfu_rom_read (f->config, blob, &error);
  const QfuRomFile *file;
  QfuDigest expected;
  QfuDigest digest;

  g_assert_no_error (error);
  g_assert_cmpuint (rom->size, ==, image->len);
  g_assert_cmpuint (qfu_rom_region (rom, "COREBOOT")->offset, ==, 0x1000);
  g_assert_null (qfu_rom_region (rom, "FW_MAIN_A"));
  g_assert_cmpstr (qfu_rom_setting (rom, "CONFIG_PCR_SRTM"), ==, "4");
  g_assert_cmpstr (qfu_rom_region_setting (rom, 1, "CONFIG_PCR_SRTM"), ==, "4");
  g_assert_null (qfu_rom_region_setting (rom, 0, "CONFIG_PCR_SRTM"));
  file = qfu_rom_file (rom, 1, "fallback/romstage");
  g_assert_nonnull (file);
  g_assert_null (qfu_rom_file (rom, 0, "fallback/romstage"));
  qfu_digest_compute (QFU_HASH_SHA256, "romstage", strlen ("romstage"), &expected);
  g_assert_true (qfu_untrusted_blob_hash_range (blob, QFU_HASH_SHA256, file->offset, file->size,
                                                &digest, &error));
  g_assert_true (qfu_digest_equal (&digest, &expected));
}

static void
test_no_map (Fixture *f, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (IMAGE, strlen (IMAGE));
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_rom_read (f->config, blob, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static QfuMessage *
region (const char *name, guint64 offset, guint64 size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_REGION);

  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, 0);
  return message;
}

static QfuMessage *
file (guint64 where, guint64 offset, guint64 size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_FILE);

  qfu_message_add_number (message, QFU_FIELD_REGION, where);
  qfu_message_add_text (message, QFU_FIELD_NAME, "f");
  qfu_message_add_number (message, QFU_FIELD_KIND, 0x11);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  return message;
}

static QfuMessage *
setting (const char *name)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SETTING);

  qfu_message_add_number (message, QFU_FIELD_REGION, 0);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_VALUE, "y");
  return message;
}

static void
assert_lie_refused (Fixture *f, QfuMessage *first, QfuMessage *second, QfuError code)
{
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (IMAGE, strlen (IMAGE));
  g_autoptr (GError) error = NULL;

  if (first != NULL)
    g_ptr_array_add (messages, first);
  if (second != NULL)
    g_ptr_array_add (messages, second);
  liar_install (f->config, f->directory, messages, TRUE);
  g_assert_null (qfu_rom_read (f->config, blob, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
}

/* What an owned worker could try: ranges outside the image or the region above all. */
static void
test_lies (Fixture *f, gconstpointer user)
{
  const QfuError protocol = QFU_ERROR_PROTOCOL;

  assert_lie_refused (f, NULL, NULL, QFU_ERROR_FORMAT);
  assert_lie_refused (f, region ("A", 0, 11), NULL, protocol);
  assert_lie_refused (f, region ("A", 11, 0), NULL, protocol);
  assert_lie_refused (f, region ("A", 1, G_MAXUINT64), NULL, protocol);
  assert_lie_refused (f, region ("A", 0, 5), region ("A", 5, 5), protocol);
  assert_lie_refused (f, file (0, 0, 1), NULL, protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (1, 2, 1), protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (0, 1, 1), protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (0, 6, 2), protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (0, 7, G_MAXUINT64), protocol);
  assert_lie_refused (f, region ("A", 0, 5), setting ("PATH"), QFU_ERROR_LIMIT);
  assert_lie_refused (f, region ("A", 0, 5), qfu_message_new (QFU_FRAME_DATA), protocol);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  (void)signal (SIGPIPE, SIG_IGN); /* owned workers end early */
  g_test_add ("/rom/read", Fixture, NULL, set_up, test_read, tear_down);
  g_test_add ("/rom/no-map", Fixture, NULL, set_up, test_no_map, tear_down);
  g_test_add ("/rom/lies", Fixture, NULL, set_up, test_lies, tear_down);
  return g_test_run ();
}
