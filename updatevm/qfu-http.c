/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-http.h"

#include "qfu-error.h"
#include "qfu-hasher.h"
#include "qfu-limits.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#define POLL_MS 1000

typedef struct {
  const QfuRequest *request;
  QfuWire *wire;
  CURL *curl;
  QfuHasher *hasher; /* of the whole file; %NULL when it comes in parts or need not be checked */
  guint64 offset;    /* first byte that this attempt asks for */
  guint64 done;      /* bytes of the whole file that dom0 has */
  gboolean started;  /* the head of the response was judged */
  gboolean again;    /* the server cannot resume there: ask for the whole file */
  GError *error;
} Download;

/* curl's codes that say more than "unreachable". */
static const struct {
  CURLcode curl;
  QfuError code;
} curl_errors[] = {
    {CURLE_PEER_FAILED_VERIFICATION, QFU_ERROR_SIGNATURE},
    {CURLE_SSL_ISSUER_ERROR, QFU_ERROR_SIGNATURE},
    {CURLE_SSL_CACERT_BADFILE, QFU_ERROR_IO},
    {CURLE_OUT_OF_MEMORY, QFU_ERROR_IO},
    {CURLE_TOO_MANY_REDIRECTS, QFU_ERROR_REFUSED},
    {CURLE_UNSUPPORTED_PROTOCOL, QFU_ERROR_REFUSED},
    {CURLE_URL_MALFORMAT, QFU_ERROR_REFUSED},
    {CURLE_LOGIN_DENIED, QFU_ERROR_REFUSED},
    {CURLE_FILESIZE_EXCEEDED, QFU_ERROR_LIMIT},
};

static guint
http_status (const Download *download)
{
  long status = 0;

  (void)curl_easy_getinfo (download->curl, CURLINFO_RESPONSE_CODE, &status);
  return status > 0 && status < 1000 ? (guint)status : 0;
}

/* `bytes START-END/SIZE` to the end of the file, from where we asked; anything else will not do. */
static gboolean
range_size (const Download *download, guint64 *size)
{
  struct curl_header *header;
  g_auto (GStrv) parts = NULL;
  guint64 start;
  guint64 end;

  if (curl_easy_header (download->curl, "Content-Range", 0, CURLH_HEADER, -1, &header) !=
          CURLHE_OK ||
      !g_str_has_prefix (header->value, "bytes "))
    return FALSE;
  parts = g_strsplit_set (header->value + strlen ("bytes "), "-/", 4);
  return g_strv_length (parts) == 3 &&
         g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXINT64, &start, NULL) &&
         g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXINT64, &end, NULL) &&
         g_ascii_string_to_unsigned (parts[2], 10, 1, G_MAXINT64, size, NULL) &&
         start == download->offset && end == *size - 1;
}

static gboolean
send_size (const Download *download, guint64 size, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SIZE);

  if (size > download->request->maximum) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "the file has %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " are allowed",
                 size, download->request->maximum);
    return FALSE;
  }
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  if (download->offset > 0)
    qfu_message_add_number (message, QFU_FIELD_OFFSET, download->offset);
  return qfu_wire_send (download->wire, message, error);
}

/* Judges the head of the final response and announces the size if it is known. */
static gboolean
start_body (Download *download, GError **error)
{
  guint status = http_status (download);
  curl_off_t length = -1;
  guint64 size;

  download->started = TRUE;
  if (status == 206 && download->offset > 0) {
    if (range_size (download, &size)) {
      download->done = download->offset;
      return send_size (download, size, error);
    }
    download->again = TRUE;
    return FALSE;
  }
  if (status != 200) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "HTTP status %u", status);
    return FALSE;
  }
  download->offset = 0;
  if (download->request->has_sha256)
    download->hasher = qfu_hasher_new (QFU_HASH_SHA256);
  (void)curl_easy_getinfo (download->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length < 0 || send_size (download, (guint64)length, error);
}

/* Returns how much was taken; anything but all makes curl stop. */
static size_t
on_body (char *data, size_t one, size_t size, void *user)
{
  Download *download = user;

  if (!download->started && !start_body (download, &download->error))
    return CURL_WRITEFUNC_ERROR;
  if (size > download->request->maximum - download->done) {
    g_set_error (&download->error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "the file has more than the allowed %" G_GUINT64_FORMAT " bytes",
                 download->request->maximum);
    return CURL_WRITEFUNC_ERROR;
  }
  if (!qfu_wire_send_data (download->wire, data, size, &download->error))
    return CURL_WRITEFUNC_ERROR;
  if (download->hasher != NULL)
    qfu_hasher_update (download->hasher, data, size);
  download->done += size;
  return size;
}

#define SET(option, value)                                                                         \
  do {                                                                                             \
    if (curl_easy_setopt (curl, option, value) != CURLE_OK)                                        \
      return FALSE;                                                                                \
  } while (0)

static gboolean
set_policy (CURL *curl)
{
  SET (CURLOPT_PROTOCOLS_STR, "https");
  SET (CURLOPT_REDIR_PROTOCOLS_STR, "https");
  SET (CURLOPT_FOLLOWLOCATION, 1L);
  SET (CURLOPT_MAXREDIRS, (long)QFU_HTTP_REDIRECTS_MAX);
  SET (CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  SET (CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET (CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET (CURLOPT_SSL_VERIFYPEER, 1L);
  SET (CURLOPT_SSL_VERIFYHOST, 2L);
  SET (CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  SET (CURLOPT_HTTP_CONTENT_DECODING, 0L);
  SET (CURLOPT_FAILONERROR, 1L);
  SET (CURLOPT_NOSIGNAL, 1L);
  SET (CURLOPT_NOPROGRESS, 1L);
  SET (CURLOPT_QUICK_EXIT, 1L);
  SET (CURLOPT_USERAGENT, "qubes-fwupd/" QFU_VERSION);
  return TRUE;
}

static gboolean
set_options (Download *download, const QfuAgentConfig *config)
{
  CURL *curl = download->curl;
  g_autofree char *range = g_strdup_printf ("%" G_GUINT64_FORMAT "-", download->offset);

  if (!set_policy (curl))
    return FALSE;
  SET (CURLOPT_URL, download->request->url);
  SET (CURLOPT_CONNECTTIMEOUT, (long)config->connect_seconds);
  SET (CURLOPT_LOW_SPEED_LIMIT, 1L);
  SET (CURLOPT_LOW_SPEED_TIME, (long)config->idle_seconds);
  SET (CURLOPT_TIMEOUT, (long)config->total_seconds);
  if (strcmp (config->proxy, "environment") != 0)
    SET (CURLOPT_PROXY, config->proxy); /* an empty one also forbids https_proxy */
  if (config->ca_file[0] != '\0') {
    SET (CURLOPT_CAINFO, config->ca_file);
    SET (CURLOPT_CAPATH, NULL);
  }
  if (download->offset > 0)
    SET (CURLOPT_RANGE, range);
  SET (CURLOPT_WRITEFUNCTION, on_body);
  SET (CURLOPT_WRITEDATA, download);
  return TRUE;
}

/* dom0 says nothing after its request: a byte more is a fault, the end means that it has gone. */
static gboolean
peer_listens (GError **error)
{
  struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
  char byte;

  if (poll (fds, G_N_ELEMENTS (fds), 0) <= 0)
    return TRUE;
  if ((fds[0].revents & POLLIN) != 0 && read (STDIN_FILENO, &byte, 1) > 0)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "bytes after the request");
  else
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the caller has gone away");
  return FALSE;
}

/* Returns curl's verdict; CURLE_ABORTED_BY_CALLBACK with the download's error set when the peer has
 * gone. */
static CURLcode
run_transfer (CURLM *multi, Download *download)
{
  int running = 1;

  for (;;) {
    struct curl_waitfd extra[] = {{STDIN_FILENO, CURL_WAIT_POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
    CURLMsg *message;
    int left;

    if (curl_multi_perform (multi, &running) != CURLM_OK)
      return CURLE_OUT_OF_MEMORY;
    message = curl_multi_info_read (multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE)
      return message->data.result;
    if (curl_multi_poll (multi, extra, G_N_ELEMENTS (extra), POLL_MS, NULL) != CURLM_OK)
      return CURLE_OUT_OF_MEMORY;
    if (!peer_listens (&download->error))
      return CURLE_ABORTED_BY_CALLBACK;
  }
}

/* Whether there is no network, and not just no mirror. */
static gboolean
is_offline (const Download *download, CURLcode result)
{
  long number = 0;

  if (result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY)
    return TRUE;
  (void)curl_easy_getinfo (download->curl, CURLINFO_OS_ERRNO, &number);
  return result == CURLE_COULDNT_CONNECT && (number == ENETUNREACH || number == ENETDOWN);
}

static gboolean
set_curl_error (const Download *download, CURLcode result, GError **error)
{
  guint status = http_status (download);
  QfuError code = QFU_ERROR_UNREACHABLE;

  for (gsize i = 0; i < G_N_ELEMENTS (curl_errors); i++) {
    if (curl_errors[i].curl == result)
      code = curl_errors[i].code;
  }
  if (result == CURLE_HTTP_RETURNED_ERROR && (status == 404 || status == 410))
    code = QFU_ERROR_NOT_FOUND;
  /* of a redirect; else what came is no HTTP */
  if (result == CURLE_UNSUPPORTED_PROTOCOL && status / 100 != 3)
    code = QFU_ERROR_UNREACHABLE;
  if ((download->request->flags & QFU_REQUEST_UNATTENDED) != 0 && is_offline (download, result))
    code = QFU_ERROR_OFFLINE;
  g_set_error (error, QFU_ERROR, (int)code, "%s (HTTP status %u)", curl_easy_strerror (result),
               status);
  return FALSE;
}

static gboolean
check_digest (Download *download, GError **error)
{
  QfuDigest sha256;

  if (download->hasher == NULL)
    return TRUE;
  qfu_hasher_finish (g_steal_pointer (&download->hasher), &sha256);
  if (qfu_digest_equal (&sha256, &download->request->sha256))
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                       "the mirror's file has another SHA-256 than the request");
  return FALSE;
}

static gboolean
attempt (Download *download, const QfuAgentConfig *config, CURLM *multi, GError **error)
{
  CURLcode result;

  if (!set_options (download, config) ||
      curl_multi_add_handle (multi, download->curl) != CURLM_OK) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_INTERNAL, "libcurl refuses an option");
    return FALSE;
  }
  result = run_transfer (multi, download);
  (void)curl_multi_remove_handle (multi, download->curl);
  if (download->error == NULL && result == CURLE_OK && !download->started &&
      !start_body (download, &download->error))
    result = CURLE_WRITE_ERROR;
  if (download->error != NULL) {
    g_propagate_error (error, g_steal_pointer (&download->error));
    return FALSE;
  }
  /* 416: what dom0 has is as long as the file, or longer */
  if (result == CURLE_HTTP_RETURNED_ERROR && download->offset > 0 && http_status (download) == 416)
    download->again = TRUE;
  if (result != CURLE_OK && !download->again)
    return set_curl_error (download, result, error);
  return download->again || check_digest (download, error);
}

static gboolean
send_end (const Download *download, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_END);

  qfu_message_add_number (message, QFU_FIELD_TOTAL, download->done);
  return qfu_wire_send (download->wire, message, error);
}

gboolean
qfu_http_fetch (const QfuAgentConfig *config,
                const QfuRequest *request,
                QfuWire *wire,
                guint *status,
                GError **error)
{
  Download download = {.request = request, .wire = wire, .offset = request->offset};
  CURLM *multi = curl_multi_init ();
  gboolean ok;

  download.curl = curl_easy_init ();
  g_assert (multi != NULL && download.curl != NULL);
  ok = attempt (&download, config, multi, error);
  if (ok && download.again) {
    download.again = FALSE;
    download.started = FALSE;
    download.offset = 0;
    curl_easy_reset (download.curl);
    ok = attempt (&download, config, multi, error);
  }
  *status = http_status (&download);
  ok = ok && send_end (&download, error);
  g_clear_pointer (&download.hasher, qfu_hasher_free);
  curl_easy_cleanup (download.curl);
  (void)curl_multi_cleanup (multi);
  return ok;
}
