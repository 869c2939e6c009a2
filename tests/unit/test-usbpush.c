/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-usbpush.h"
#include "signed.h"
#include "usbpeer.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
/* More than a pipe holds, so that an agent that does not read it is noticed. */
#define SIZE (3 * 1024 * 1024)
#define TAKE "request hello take:" G_STRINGIFY (3145728)
#define GOES_ON "the write may still go on"
#define HALF "the device may hold a part of the firmware"

typedef struct {
  TestHome home;
  Pki *authority;
  Pki *leaf;
  QfuCatalog *catalog;
  QfuVerifiedCab *cab;
  QfuDevice device;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  g_autofree guint8 *bytes = g_malloc (SIZE);
  g_autoptr (GError) error = NULL;
  QfuUntrustedBlob *blob;

  for (gsize i = 0; i < SIZE; i++)
    bytes[i] = (guint8)(i % 251);
  test_home_set_up (&fixture->home, NULL);
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  signed_keys (fixture->home.config->metadata_keys, fixture->authority);
  blob = test_blob (bytes, SIZE);
  fixture->catalog = signed_catalog_of_cab (fixture->home.config, fixture->leaf, blob, NULL);
  fixture->cab = qfu_cab_verify (blob, signed_release (fixture->catalog), &error);
  g_assert_no_error (error);
  fixture->device = (QfuDevice){.id = (char *)ID, .domain = (char *)USB_VM};
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  qfu_verified_cab_free (fixture->cab);
  qfu_catalog_free (fixture->catalog);
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  test_home_tear_down (&fixture->home, NULL);
}

/* What was told. */
typedef struct {
  GString *text;
  guint committed;
} Told;

static void
tell_progress (guint percent, const char *doing, gpointer user)
{
  Told *told = user;

  g_assert_cmpuint (told->committed, ==, 1);
  g_string_append_printf (told->text, "%u %s;", percent, doing != NULL ? doing : "-");
}

static void
tell_action (QfuUsbAction action, gpointer user)
{
  Told *told = user;

  g_string_append_printf (told->text, "action %u;", (guint)action);
}

static void
tell_committed (gpointer user)
{
  Told *told = user;

  told->committed++;
}

static gboolean
push (Fixture *fixture, Told *told, GError **error)
{
  const QfuUsbPush what = {
      .device = &fixture->device, .flags = QFU_INSTALL_ALLOW_OLDER, .cab = fixture->cab};
  const QfuUsbWatch watch = {tell_progress, tell_action, tell_committed, told};

  told->text = told->text != NULL ? told->text : g_string_new (NULL);
  return qfu_usb_push (fixture->home.config, &what, &watch, error);
}

static void
told_clear (Told *told)
{
  if (told->text != NULL)
    (void)g_string_free (told->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Told, told_clear)

/* The request that the peer was sent. */
static void
check_request (const Fixture *fixture, const char *path)
{
  const QfuUntrustedBlob *blob = qfu_verified_cab_blob (fixture->cab);
  const QfuDigest *sha256 = qfu_untrusted_blob_sha256 (blob);
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  const guint8 *digest;
  QfuFrameType type;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_true (qfu_message_decode_header ((const guint8 *)bytes, &type, &length, &error));
  g_assert_cmpuint (type, ==, QFU_FRAME_PUSH);
  message = qfu_message_decode (type, (const guint8 *)bytes + QFU_WIRE_HEADER_SIZE, length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_ID, 0), ==, ID);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_PROTOCOL, 0, 9, 0), ==, 1);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_SIZE, 0, SIZE, 0), ==, SIZE);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, 9, 0), ==,
                    QFU_INSTALL_ALLOW_OLDER);
  digest = qfu_message_bytes (message, QFU_FIELD_SHA256, 0, &length);
  g_assert_cmpmem (digest, length, sha256->data, sha256->size);
}

static void
test_good (Fixture *fixture, gconstpointer user)
{
  g_autofree char *request = g_build_filename (fixture->home.directory, "request", NULL);
  g_autofree char *file = g_build_filename (fixture->home.directory, "file", NULL);
  g_autofree char *bytes = NULL;
  g_auto (Told) told = {0};
  g_autoptr (GError) error = NULL;
  gboolean ok;
  gsize size;

  g_setenv ("PEER_REQUEST", request, TRUE);
  g_setenv ("PEER_FILE", file, TRUE);
  usb_configure (fixture->home.config, TAKE " noise percent:0,2 action:1 percent:50,5 percent:51,0"
                                            " action:7 percent:100,6 bare-end");
  ok = push (fixture, &told, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpuint (told.committed, ==, 1);
  g_assert_cmpstr (told.text->str, ==,
                   "0 loading;action 1;50 writing;51 -;action 7;100 verifying;");
  check_request (fixture, request);
  g_assert_true (g_file_get_contents (file, &bytes, &size, NULL));
  g_assert_cmpuint (size, ==, SIZE);
  for (gsize i = 0; i < size; i++)
    g_assert_true ((guint8)bytes[i] == i % 251);
  g_unsetenv ("PEER_REQUEST");
  g_unsetenv ("PEER_FILE");
  usb_expect_no_children ();
}

/* Nobody has to listen. */
static void
test_unwatched (Fixture *fixture, gconstpointer user)
{
  const QfuUsbPush what = {.device = &fixture->device, .cab = fixture->cab};
  const QfuUsbWatch watch = {0};
  g_autoptr (GError) error = NULL;
  gboolean ok;

  usb_configure (fixture->home.config, TAKE " percent:1,5 action:2 bare-end");
  ok = qfu_usb_push (fixture->home.config, &what, &watch, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

typedef struct {
  const char *script;
  QfuError code;
  const char *text;
  guint seconds; /* in all; 0: as many as it takes */
} Row;

/* Before all bytes were sent: nothing was written, and nothing else is said. */
static const Row before[] = {
    {"exit:127", QFU_ERROR_NOT_FOUND, "qubes-fwupd-vm", 0},
    {"request exit:126", QFU_ERROR_UNREACHABLE, "refused", 0},
    {"request error:10", QFU_ERROR_NOT_FOUND, "not in the VM", 0},
    {"request error:17", QFU_ERROR_REFUSED, "attached to another", 0},
    {"request error:12", QFU_ERROR_UNSUPPORTED, "not installed", 0},
    {"request error:19", QFU_ERROR_PROTOCOL, "unknown error", 0},
    {"request hello:2", QFU_ERROR_PROTOCOL, "PROTOCOL", 0},
    {"request percent:1,5", QFU_ERROR_PROTOCOL, "begin with HELLO", 0},
    {"request action:1", QFU_ERROR_PROTOCOL, "begin with HELLO", 0},
    {"request raw:owned:12345", QFU_ERROR_PROTOCOL, "unknown type", 0},
    {"request hang", QFU_ERROR_LIMIT, "did not answer in time", 1},
    {"request hello hang", QFU_ERROR_LIMIT, "does not take the archive", 1},
    {"request hello exit:255", QFU_ERROR_UNREACHABLE, "broke", 0},
    {"request hello take:131072 exit:255", QFU_ERROR_UNREACHABLE, "broke", 0},
    {"request hello error:8", QFU_ERROR_MISMATCH, "did not arrive", 0},
    {"request hello bare-end", QFU_ERROR_PROTOCOL, "before it has the whole archive", 0},
};

static void
test_before (Fixture *fixture, gconstpointer user)
{
  for (gsize i = 0; i < G_N_ELEMENTS (before); i++) {
    g_auto (Told) told = {0};
    g_autoptr (GError) error = NULL;

    usb_configure (fixture->home.config, before[i].script);
    if (before[i].seconds > 0)
      fixture->home.config->usb_install_seconds = before[i].seconds;
    g_assert_false (push (fixture, &told, &error));
    usb_assert_failed (before[i].script, error, (int)before[i].code, before[i].text);
    g_assert_null (strstr (error->message, GOES_ON));
    g_assert_cmpuint (told.committed, ==, 0);
    g_assert_cmpstr (told.text->str, ==, "");
    usb_expect_no_children ();
  }
}

/* Behind the last byte: nobody knows what the VM does. */
static const Row after[] = {
    {TAKE " percent:5,5 exit:255", QFU_ERROR_UNREACHABLE, "broke", 0},
    {TAKE " signal:9", QFU_ERROR_UNREACHABLE, "killed", 0},
    {TAKE " exit:0", QFU_ERROR_UNREACHABLE, "status 0", 0},
    {TAKE " header:4,48 raw:owned exit:255", QFU_ERROR_UNREACHABLE, "broke", 0},
    {TAKE " percent:101,5", QFU_ERROR_PROTOCOL, "DONE", 0},
    {TAKE " progress:5", QFU_ERROR_PROTOCOL, "TOTAL", 0},
    {TAKE " action:0", QFU_ERROR_PROTOCOL, "KIND", 0},
    {TAKE " action:8", QFU_ERROR_PROTOCOL, "KIND", 0},
    {TAKE " hello", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {TAKE " data:5", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {TAKE " size:5", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {TAKE " header:121,0", QFU_ERROR_PROTOCOL, "QUBE", 0},
    {TAKE " raw:owned:12345", QFU_ERROR_PROTOCOL, "unknown type", 0},
    {TAKE " end:3145728", QFU_ERROR_PROTOCOL, "counts", 0},
    {TAKE " bare-end raw:owned", QFU_ERROR_PROTOCOL, "after the end", 0},
    {TAKE " bare-end exit:1", QFU_ERROR_PROTOCOL, "status 1", 0},
    {TAKE " endless:percent", QFU_ERROR_LIMIT, "more than the allowed 1048576 bytes", 0},
    {TAKE " hang", QFU_ERROR_LIMIT, "[Usb] InstallSeconds=", 2},
    {TAKE " endless:alive", QFU_ERROR_LIMIT, "[Usb] InstallSeconds=", 2},
    {TAKE " percent:1,5 hang", QFU_ERROR_LIMIT, "no sign of life", 0},
};

static void
test_after (Fixture *fixture, gconstpointer user)
{
  for (gsize i = 0; i < G_N_ELEMENTS (after); i++) {
    g_auto (Told) told = {0};
    g_autoptr (GError) error = NULL;

    usb_configure (fixture->home.config, after[i].script);
    fixture->home.config->idle_seconds = 1; /* an agent may be silent for longer */
    if (after[i].seconds > 0)
      fixture->home.config->usb_install_seconds = after[i].seconds;
    g_assert_false (push (fixture, &told, &error));
    usb_assert_failed (after[i].script, error, (int)after[i].code, after[i].text);
    g_assert_nonnull (strstr (error->message, GOES_ON));
    g_assert_nonnull (strstr (error->message, "get-devices"));
    g_assert_cmpuint (told.committed, ==, 1);
    usb_expect_no_children ();
  }
}

/* What the agent itself says of the end is known. */
static void
test_told (Fixture *fixture, gconstpointer user)
{
  static const Row rows[] = {
      {TAKE " percent:5,5 error:3,7", QFU_ERROR_IO, "could not write", 0},
      {TAKE " error:2,1", QFU_ERROR_IO, "fwupd in the VM has a problem", 0},
      {TAKE " error:1", QFU_ERROR_UNREACHABLE, "the agent has a problem", 0},
      {TAKE " error:9,12", QFU_ERROR_SIGNATURE, "signature", 0},
      {TAKE " error:17,16", QFU_ERROR_REFUSED, "battery", 0},
      {TAKE " error:11", QFU_ERROR_REFUSED, "no newer version", 0},
      {TAKE " error:8", QFU_ERROR_MISMATCH, "did not arrive", 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Told) told = {0};
    g_autoptr (GError) error = NULL;

    usb_configure (fixture->home.config, rows[i].script);
    g_assert_false (push (fixture, &told, &error));
    usb_assert_failed (rows[i].script, error, (int)rows[i].code, rows[i].text);
    g_assert_null (strstr (error->message, GOES_ON));
    g_assert_true ((strstr (error->message, HALF) != NULL) ==
                   (rows[i].code == QFU_ERROR_IO || rows[i].code == QFU_ERROR_UNREACHABLE));
  }
}

/* @user: how much longer the answer is than the longest */
static void
test_limit (Fixture *fixture, gconstpointer user)
{
  gsize wanted = QFU_USB_ANSWER_MAX + GPOINTER_TO_SIZE (user);
  gsize around = 2 * QFU_WIRE_HEADER_SIZE + 2 * sizeof (guint64); /* HELLO and END */
  g_autofree char *path = g_build_filename (fixture->home.directory, "answer", NULL);
  g_autofree char *script = g_strdup_printf (TAKE " file:%s bare-end", path);
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_auto (Told) told = {0};
  g_autoptr (GError) error = NULL;
  gboolean ok;

  while (stream->len < wanted - around) {
    GByteArray *payload = g_byte_array_new ();
    gsize left = wanted - around - stream->len;

    usb_put_number (payload, QFU_FIELD_DONE, 1);
    usb_put_number (payload, QFU_FIELD_TOTAL, 100);
    /* frames of 40 bytes, of 56 with a STATUS: what is left must be made of both */
    if (left % 40 != 0)
      usb_put_number (payload, QFU_FIELD_STATUS, 5);
    usb_put_frame (stream, QFU_FRAME_PROGRESS, payload);
  }
  g_assert_cmpuint (stream->len + around, ==, wanted);
  g_assert_true (g_file_set_contents (path, (const char *)stream->data, (gssize)stream->len, NULL));
  usb_configure (fixture->home.config, script);
  ok = push (fixture, &told, &error);
  if (wanted > QFU_USB_ANSWER_MAX)
    usb_assert_failed ("flood", error, QFU_ERROR_LIMIT, "more than the allowed 1048576 bytes");
  else
    g_assert_no_error (error);
  g_assert_true (ok == (wanted <= QFU_USB_ANSWER_MAX));
}

#define ADD(path, user, test) g_test_add (path, Fixture, user, set_up, test, tear_down)

/* fields are 16 bytes */
#define LIMIT(path, test)                                                                          \
  ADD (path "/at", NULL, test);                                                                    \
  ADD (path "/past", GSIZE_TO_POINTER (16), test)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("/usbpush/good", NULL, test_good);
  ADD ("/usbpush/unwatched", NULL, test_unwatched);
  ADD ("/usbpush/before", NULL, test_before);
  ADD ("/usbpush/after", NULL, test_after);
  ADD ("/usbpush/told", NULL, test_told);
  LIMIT ("/usbpush/limit/answer", test_limit);
  return g_test_run ();
}
