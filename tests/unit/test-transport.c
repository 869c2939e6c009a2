/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-transport.h"

#include "qfu-error.h"
#include "qfu-message.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "testconfig.h"

#define PATIENCE 60 /* seconds, far more than anything needs on a busy machine */

#define URL "https://mirror.example/firmware.cab"
#define MAXIMUM 100000

static char *folder;

/* A configuration whose agent is the peer with @script, and has time. */
static QfuConfig *
configure (const char *script)
{
  g_autofree char *path = g_build_filename (folder, "conf", NULL);
  g_autofree char *text =
      g_strdup_printf ("[Transport]\nType=exec\nCommand=%s %s\n"
                       "ConnectSeconds=%d\nFirstByteSeconds=%d\n"
                       "IdleSeconds=%d\nTotalSeconds=%d\nMinimumRate=0\n",
                       peer_path (), script, PATIENCE, PATIENCE, PATIENCE, 2 * PATIENCE);
  QfuConfig *config;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("QFU_CONFIG", path, TRUE);
  config = qfu_config_load (NULL);
  g_assert_nonnull (config);
  g_assert_cmpint (g_unlink (path), ==, 0);
  return config;
}

static void
expect_no_children (void)
{
  int status;

  (void)alarm (PATIENCE);
  while (waitpid (-1, &status, 0) >= 0)
    continue;
  g_assert_cmpint (errno, ==, ECHILD);
  (void)alarm (0);
}

static QfuUntrustedBlob *
content (guint64 size)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (size, NULL);

  for (guint64 i = 0; i < size; i++) {
    guint8 byte = (guint8)(i % 251);
    g_assert_true (qfu_blob_builder_append (builder, &byte, 1, NULL));
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
}

static void
count_progress (guint64 done, guint64 total, gpointer user)
{
  guint64 *last = user;

  g_assert_cmpuint (done, >, last[0]);
  last[0] = done;
  last[1] = total;
}

static void
test_good (void)
{
  static const struct {
    const char *script;
    guint64 size;
    guint64 total;
  } cases[] = {
      {"request noise hello size:70000 data:70000 end:70000 stdin-end", 70000, 70000},
      {"request hello progress:0 progress:0 data:70000 end:70000", 70000, 0},
      {"request hello size:100000 data:100000 end:100000", MAXIMUM, MAXIMUM},
      {"request hello size:0 end:0", 0, 0},
      {"hello size:1 data:1 end:1", 1, 1},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuConfig) config = configure (cases[i].script);
    g_autoptr (QfuUntrustedBlob) expected = content (cases[i].size);
    QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM};
    g_autoptr (GError) error = NULL;
    guint64 progress[2] = {0, 0};
    g_autoptr (QfuUntrustedBlob) blob = NULL;

    fetch.sha256 = qfu_untrusted_blob_sha256 (expected);
    blob = qfu_transport_fetch (config, &fetch, count_progress, progress, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, cases[i].size);
    g_assert_cmpuint (progress[0], ==, cases[i].size);
    g_assert_cmpuint (progress[1], ==, cases[i].total);
    expect_no_children ();
  }
}

static const struct {
  const char *script;
  QfuError code;
  const char *text; /* in the message */
  guint flags;
} hostile[] = {
    /* the agent is missing, refused, dies */
    {"exit:127", QFU_ERROR_UNREACHABLE, "qubes-fwupd-vm", 0},
    {"request exit:126", QFU_ERROR_UNREACHABLE, "refused", 0},
    {"request exit:125", QFU_ERROR_UNREACHABLE, "no such VM", 0},
    {"request exit:137", QFU_ERROR_UNREACHABLE, "killed", 0},
    {"request signal:9", QFU_ERROR_UNREACHABLE, "killed", 0},
    {"request hello size:10 data:5 exit:255", QFU_ERROR_UNREACHABLE, "connection broke", 0},
    {"request hello exit:0", QFU_ERROR_UNREACHABLE, "status 0", 0},
    {"request hello size:10 data:5 header:5,5 raw:cut exit:255", QFU_ERROR_UNREACHABLE, "broke", 0},
    {"request hello close hang", QFU_ERROR_UNREACHABLE, "silent", 0},
    /* the agent's own word */
    {"request hello error:4", QFU_ERROR_UNREACHABLE, "cannot be reached", 0},
    {"request hello error:4,503", QFU_ERROR_UNREACHABLE, "HTTP status 503", 0},
    {"request hello error:10,404", QFU_ERROR_NOT_FOUND, "HTTP status 404", 0},
    {"request hello error:9", QFU_ERROR_UNREACHABLE, "TLS", 0},
    {"request hello error:17,302", QFU_ERROR_UNREACHABLE, "redirects", 0},
    {"request hello error:6", QFU_ERROR_LIMIT, "larger", 0},
    {"request hello data:5 error:8", QFU_ERROR_MISMATCH, "SHA-256", 0},
    {"request error:5", QFU_ERROR_PROTOCOL, "too old", 0},
    {"request error:2", QFU_ERROR_PROTOCOL, "too old", 0},
    {"request error:1", QFU_ERROR_UNREACHABLE, "log", 0},
    {"request error:19", QFU_ERROR_METERED, "metered", QFU_REQUEST_NOT_METERED},
    {"request hello error:20", QFU_ERROR_OFFLINE, "no network", QFU_REQUEST_UNATTENDED},
    {"request error:19", QFU_ERROR_PROTOCOL, "not asked", QFU_REQUEST_UNATTENDED},
    {"request error:20", QFU_ERROR_PROTOCOL, "not asked", QFU_REQUEST_NOT_METERED},
    {"request error:21", QFU_ERROR_PROTOCOL, "unknown error", QFU_REQUEST_ALL},
    {"request error:14", QFU_ERROR_PROTOCOL, "unknown error", 0},
    {"request error:0", QFU_ERROR_PROTOCOL, "unknown error", 0},
    {"request error:999999", QFU_ERROR_PROTOCOL, "unknown error", 0},
    /* order */
    {"request size:5 data:5 end:5", QFU_ERROR_PROTOCOL, "HELLO", 0},
    {"request hello:2", QFU_ERROR_PROTOCOL, "PROTOCOL", 0},
    {"request hello hello", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {"request hello size:5 size:5", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {"request hello data:5 size:5", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {"request hello data:5 progress:5", QFU_ERROR_PROTOCOL, "out of turn", 0},
    {"request hello data:5 header:8,0", QFU_ERROR_PROTOCOL, "out of turn", 0},
    /* sizes */
    {"request hello size:100001 data:1", QFU_ERROR_LIMIT, "larger", 0},
    {"request hello size:18446744073709551615", QFU_ERROR_LIMIT, "larger", 0},
    {"request hello data:100001 end:100001", QFU_ERROR_LIMIT, "100000", 0},
    {"request hello endless:data", QFU_ERROR_LIMIT, "100000", 0},
    {"request hello size:5 data:6 end:6", QFU_ERROR_PROTOCOL, "announced", 0},
    {"request hello size:6 data:5 end:5", QFU_ERROR_PROTOCOL, "number of bytes", 0},
    {"request hello data:5 end:6", QFU_ERROR_PROTOCOL, "number of bytes", 0},
    {"request hello data:5 bare-end", QFU_ERROR_PROTOCOL, "TOTAL", 0},
    {"request hello resume:10,5 data:5 end:10", QFU_ERROR_PROTOCOL, "another place", 0},
    {"request hello endless:empty", QFU_ERROR_PROTOCOL, "without bytes", 0},
    /* after the end */
    {"request hello data:5 end:5 raw:x", QFU_ERROR_PROTOCOL, "after the end", 0},
    {"request hello data:5 end:5 exit:1", QFU_ERROR_PROTOCOL, "status 1", 0},
    {"request hello data:5 end:5 hang", QFU_ERROR_LIMIT, "in time", 0},
    /* garbage */
    {"request raw:\"login: incorrect\"", QFU_ERROR_PROTOCOL, "unknown type", 0},
    {"request header:2,65537", QFU_ERROR_PROTOCOL, "too long", 0},
    {"request hello header:3,16 raw:xxxxxxxxxxxxxxxx", QFU_ERROR_PROTOCOL, "SIZE", 0},
    /* time */
    {"hang", QFU_ERROR_LIMIT, "did not answer", 0},
    {"request hang", QFU_ERROR_LIMIT, "did not answer", 0},
    {"request hello hang", QFU_ERROR_LIMIT, "did not go on", 0},
    {"request hello endless:progress", QFU_ERROR_LIMIT, "did not go on", 0},
    {"request hello size:99 data:5 hang", QFU_ERROR_LIMIT, "did not go on", 0},
    {"request hello size:99 data:5 header:5,9 raw:x hang", QFU_ERROR_LIMIT, "did not go on", 0},
    {"request hello endless:drip", QFU_ERROR_LIMIT, "MinimumRate", 0},
    {"request hello child:1 data:5 end:5", QFU_ERROR_LIMIT, "in time", 0},
};

/* The deadline that a case misses is short, and no other. */
static void
hurry (QfuConfig *config, const char *text)
{
  if (strcmp (text, "did not answer") == 0)
    config->connect_seconds = 1;
  if (strcmp (text, "did not go on") == 0)
    config->first_byte_seconds = config->idle_seconds = 1;
  if (strcmp (text, "MinimumRate") == 0) {
    config->minimum_rate = 1000;
    config->idle_seconds = 3; /* as long as it is not judged, and longer than it pauses */
  }
}

static void
test_hostile (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autoptr (QfuConfig) config = configure (hostile[i].script);
    QfuFetch fetch = {
        .kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM, .flags = hostile[i].flags};
    gint64 begin = g_get_monotonic_time ();
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuUntrustedBlob) blob = NULL;

    hurry (config, hostile[i].text);
    blob = qfu_transport_fetch (config, &fetch, NULL, NULL, &error);
    g_test_message ("%s: %s", hostile[i].script, error == NULL ? "no error" : error->message);
    g_assert_null (blob);
    g_assert_error (error, QFU_ERROR, (int)hostile[i].code);
    g_assert_nonnull (strstr (error->message, hostile[i].text));
    g_assert_nonnull (strstr (error->message, URL));
    for (const char *p = error->message; *p != '\0'; p++)
      g_assert_true (g_ascii_isprint (*p));
    g_assert_cmpint (g_get_monotonic_time () - begin, <, PATIENCE * G_USEC_PER_SEC);
    expect_no_children ();
  }
}

static void
test_total (void)
{
  g_autoptr (QfuConfig) config = configure ("request hello endless:drip");
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM};
  g_autoptr (GError) error = NULL;

  config->total_seconds = 2;
  g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "whole file"));
  expect_no_children ();
}

static void
test_digest (void)
{
  g_autoptr (QfuConfig) config = configure ("request hello data:5 end:5");
  g_autoptr (QfuUntrustedBlob) other = content (6);
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = MAXIMUM};
  g_autoptr (GError) error = NULL;

  fetch.sha256 = qfu_untrusted_blob_sha256 (other);
  g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
}

static void
test_urls (void)
{
  static const char *const bad[] = {"http://a/", "https://a b/", "https://u:p@a/", "file:///x"};
  g_autoptr (QfuConfig) config = configure ("exit:99");

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = bad[i], .maximum = MAXIMUM};
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  }
}

static void
test_maximum (void)
{
  static const guint64 bad[] = {0, QFU_TRANSPORT_MAX + 1, G_MAXUINT64};
  g_autoptr (QfuConfig) config = configure ("exit:99");

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = bad[i]};
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  }
}

/* As much as there may be can be asked for; nothing is set aside for it. */
static void
test_largest (void)
{
  g_autoptr (QfuConfig) config = configure ("request hello data:6 end:6");
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = URL, .maximum = QFU_TRANSPORT_MAX};
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = qfu_transport_fetch (config, &fetch, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, 6);
}

/* What dom0 says: nothing but the request, decoded here as an agent would. */
static void
test_request (void)
{
  g_autofree char *path = g_build_filename (folder, "request", NULL);
  g_autoptr (QfuConfig) config = configure ("request hello resume:10,4 data:6 end:10");
  g_autoptr (QfuUntrustedBlob) whole = content (10);
  g_autoptr (QfuUntrustedBlob) partial = content (4);
  QfuFetch fetch = {.kind = QFU_FETCH_CAB, .url = URL, .maximum = 10, .partial = partial};
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (QfuMessage) message = NULL;
  g_autofree char *sent = NULL;
  gsize length;

  fetch.sha256 = qfu_untrusted_blob_sha256 (whole);
  g_setenv ("PEER_REQUEST", path, TRUE);
  blob = qfu_transport_fetch (config, &fetch, NULL, NULL, NULL);
  g_unsetenv ("PEER_REQUEST");
  g_assert_true (qfu_untrusted_blob_equal_range (blob, 0, whole, 0, 10));
  g_assert_true (g_file_get_contents (path, &sent, &length, NULL));
  message = qfu_message_decode (QFU_FRAME_REQUEST, (const guint8 *)sent + 8, length - 8, NULL);
  g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_URL, 0), ==, URL);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_KIND, 0, 9, 0), ==, QFU_FETCH_CAB);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_MAXIMUM, 0, 99, 0), ==, 10);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_OFFSET, 0, 99, 0), ==, 4);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* What is left after a call that did not end well: its size, 0 for nothing. */
static guint64
remains_of (const char *script)
{
  g_autoptr (QfuConfig) config = configure (script);
  g_autoptr (QfuUntrustedBlob) partial = content (4);
  g_autoptr (QfuUntrustedBlob) remains = NULL;
  QfuFetch fetch = {.kind = QFU_FETCH_CAB,
                    .url = URL,
                    .maximum = MAXIMUM,
                    .partial = partial,
                    .remains = &remains};

  config->idle_seconds = 1; /* for the one that hangs */
  g_assert_null (qfu_transport_fetch (config, &fetch, NULL, NULL, NULL));
  return remains == NULL ? 0 : qfu_untrusted_blob_size (remains);
}

static void
test_remains (void)
{
  g_assert_cmpuint (remains_of ("request hello size:9 data:5 exit:255"), ==, 5);
  g_assert_cmpuint (remains_of ("request hello resume:9,4 data:3 exit:255"), ==, 7);
  g_assert_cmpuint (remains_of ("request hello size:9 data:5 error:4"), ==, 5);
  g_assert_cmpuint (remains_of ("request hello size:9 data:5 hang"), ==, 5);
  g_assert_cmpuint (remains_of ("request hello size:9 exit:255"), ==, 0);
  g_assert_cmpuint (remains_of ("request hello size:9 data:5 hello"), ==, 0);
  g_assert_cmpuint (remains_of ("request hello data:5 error:8"), ==, 0);
  g_assert_cmpuint (remains_of ("request hello resume:9,3 data:6"), ==, 0);
  g_assert_cmpuint (remains_of ("request hello endless:data"), ==, 0);
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  folder = g_dir_make_tmp ("qfu-transport-XXXXXX", NULL);
  g_test_add_func ("/transport/good", test_good);
  g_test_add_func ("/transport/hostile", test_hostile);
  g_test_add_func ("/transport/total", test_total);
  g_test_add_func ("/transport/digest", test_digest);
  g_test_add_func ("/transport/urls", test_urls);
  g_test_add_func ("/transport/maximum", test_maximum);
  g_test_add_func ("/transport/largest", test_largest);
  g_test_add_func ("/transport/request", test_request);
  g_test_add_func ("/transport/remains", test_remains);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  return result;
}
