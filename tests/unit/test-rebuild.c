/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rebuild.h"

#include "cab-check-fixture.h"
#include "cab.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-worker-table.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

/* (transfer full): what belongs together in a cab with an extra member. */
static QfuCabContent *
content_of (CheckFixture *fixture)
{
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  g_autoptr (GBytes) extra = signed_text ("#!/bin/sh");
  const SignedFile files[] = {{"install.sh", extra, fixture->leaf},
                              {"rom.bin", rom, fixture->leaf},
                              {"board.metainfo.xml", info, fixture->leaf}};
  g_autoptr (QfuUntrustedBlob) blob = signed_cab (files, 3, NULL);
  g_autoptr (QfuCabReport) report = check_blob (fixture, blob);

  g_assert_nonnull (report->content);
  return g_steal_pointer (&report->content);
}

/* The new cab passes every check that the old one failed, and holds the same firmware. */
static void
test_good (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRebuiltCab) cab = qfu_rebuild_cab (fixture->config, content_of (fixture), &error);
  g_autoptr (QfuCabReport) report = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (qfu_cab_content_release (qfu_rebuilt_cab_content (cab))->version, ==, "1");
  report = check_blob (fixture, qfu_rebuilt_cab_blob (cab));
  g_assert_cmpstr (report->reasons[0], ==, NULL);
  g_assert_cmpuint (report->items->len, ==, 3);
  for (guint i = 0; i < 3; i++) {
    static const char *const names[] = {"board.metainfo.xml", "rom.bin", "firmware.jcat"};
    const QfuCabItem *item = g_ptr_array_index (report->items, i);

    g_assert_cmpstr (item->name, ==, names[i]);
  }
  g_assert_true (qfu_digest_equal (
      qfu_untrusted_blob_sha256 (qfu_cab_content_payload (report->content)->blob),
      qfu_untrusted_blob_sha256 (qfu_cab_content_payload (qfu_rebuilt_cab_content (cab))->blob)));
}

/* Made twice, it is the same. */
static void
test_again (CheckFixture *fixture, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRebuiltCab) first = qfu_rebuild_cab (fixture->config, content_of (fixture), &error);
  g_autoptr (QfuCabReport) report = NULL;
  g_autoptr (QfuRebuiltCab) second = NULL;

  g_assert_no_error (error);
  report = check_blob (fixture, qfu_rebuilt_cab_blob (first));
  second = qfu_rebuild_cab (fixture->config, g_steal_pointer (&report->content), &error);
  g_assert_no_error (error);
  g_assert_true (qfu_digest_equal (qfu_untrusted_blob_sha256 (qfu_rebuilt_cab_blob (first)),
                                   qfu_untrusted_blob_sha256 (qfu_rebuilt_cab_blob (second))));
}

/* A worker for pack that sends this cabinet; for everything else the real one. */
static void
lie (CheckFixture *fixture, const char *programs, GBytes *cabinet, guint64 announced, gboolean more)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autofree char *path =
      g_build_filename (fixture->directory, qfu_worker_limits (QFU_OP_PACK)->program, NULL);
  g_autofree char *data = g_build_filename (fixture->directory, "frames", NULL);
  g_autofree char *script =
      g_strdup_printf ("#!/bin/sh\n[ \"$1\" = pack ] || exec '%s/%s' \"$@\"\n"
                       "exec /bin/cat '%s'\n",
                       programs, qfu_worker_limits (QFU_OP_PACK)->program, data);
  gsize length;
  const guint8 *bytes = g_bytes_get_data (cabinet, &length);
  g_autoptr (GError) error = NULL;

  if (announced > 0) {
    QfuMessage *size = qfu_message_new (QFU_FRAME_SIZE);

    qfu_message_add_number (size, QFU_FIELD_SIZE, announced);
    g_ptr_array_add (frames, size);
  }
  for (guint i = 0; i < (more ? 2 : 1); i++) {
    QfuMessage *message = qfu_message_new (QFU_FRAME_DATA);

    qfu_message_set_data (message, bytes, length);
    g_ptr_array_add (frames, message);
  }
  liar_install (fixture->config, fixture->directory, frames, TRUE);
  g_file_set_contents (path, script, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
}

static GBytes *
cabinet_of (const CabFile *files, gsize n_files)
{
  GByteArray *cab = cab_build (files, n_files, NULL);

  return g_byte_array_free_to_bytes (cab);
}

static void
assert_caught (CheckFixture *fixture, QfuCabContent *content, QfuError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_rebuild_cab (fixture->config, content, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, QFU_ERROR, (int)code);
}

/* The worker that writes the cabinet is owned by what it reads. */
static void
test_liars (CheckFixture *fixture, gconstpointer user)
{
  g_autofree char *programs = g_strdup (fixture->config->programs);
  g_autoptr (QfuCabContent) content = content_of (fixture);
  g_autoptr (GBytes) rom = signed_text ("rom");
  g_autoptr (GBytes) info = signed_metainfo ("a", rom);
  const CabFile metainfo = {"board.metainfo.xml", g_bytes_get_data (info, NULL),
                            g_bytes_get_size (info), 0};
  const CabFile payload = {"rom.bin", "rom", 3, 0};
  const CabFile other = {"rom.bin", "r0m", 3, 0};
  const CabFile jcat = {"firmware.jcat", "{}", 2, 0};
  const CabFile script = {"install.sh", "#!/bin/sh", 9, 0};
  const struct {
    CabFile files[4];
    gsize n_files;
  } lies[] = {
      {{metainfo, other, jcat}, 3},           {{metainfo, payload, jcat}, 3},
      {{payload, metainfo, jcat}, 3},         {{metainfo, payload}, 2},
      {{metainfo, payload, jcat, script}, 4},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_autoptr (GBytes) cab = cabinet_of (lies[i].files, lies[i].n_files);

    lie (fixture, programs, cab, g_bytes_get_size (cab), FALSE);
    assert_caught (fixture, content, QFU_ERROR_MISMATCH);
  }
  lie (fixture, programs, rom, g_bytes_get_size (rom), FALSE); /* no cabinet */
  assert_caught (fixture, content, QFU_ERROR_FORMAT);
  lie (fixture, programs, rom, 0, FALSE); /* no SIZE */
  assert_caught (fixture, content, QFU_ERROR_PROTOCOL);
  lie (fixture, programs, rom, G_MAXUINT32, FALSE);
  assert_caught (fixture, content, QFU_ERROR_PROTOCOL);
  lie (fixture, programs, rom, g_bytes_get_size (rom) + 1, FALSE);
  assert_caught (fixture, content, QFU_ERROR_PROTOCOL);
  lie (fixture, programs, rom, g_bytes_get_size (rom), TRUE); /* something behind it */
  assert_caught (fixture, content, QFU_ERROR_PROTOCOL);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/rebuild/" name, CheckFixture, NULL, check_set_up, function, check_tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("good", test_good);
  ADD ("again", test_again);
  ADD ("liars", test_liars);
  return g_test_run ();
}
