/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-transport.h"

#include "qfu-error.h"
#include "qfu-process.h"
#include "qfu-url.h"

#include <string.h>

#define EXIT_MS 5000 /* until a client that has closed its output must be gone */

typedef struct {
  const QfuConfig *config;
  const QfuFetch *fetch;
  const QfuRoute *route;
  QfuProcess *process;
  QfuBlobBuilder *builder;
  gint64 end_us;    /* monotonic time at which the call must be over */
  gboolean greeted; /* HELLO has come */
  gboolean ended;   /* END has come */
  gboolean sized;
  guint64 size;         /* of the whole file, when @sized */
  gboolean flowing;     /* DATA has come */
  gint64 window_us;     /* when the present measurement of the rate began */
  guint64 window_bytes; /* bytes of the file since then */
  gboolean keep;        /* cut, not broken: what arrived may be continued */
} Call;

/* What an agent's ERROR means here. */
static const struct {
  QfuError theirs;
  QfuError ours;
  const char *text;
} peer_errors[] = {
    {QFU_ERROR_UNREACHABLE, QFU_ERROR_UNREACHABLE, "the mirror cannot be reached or broke off"},
    {QFU_ERROR_NOT_FOUND, QFU_ERROR_NOT_FOUND, "the mirror has no such file"},
    {QFU_ERROR_SIGNATURE, QFU_ERROR_UNREACHABLE, "the mirror's TLS certificate is not trusted"},
    {QFU_ERROR_REFUSED, QFU_ERROR_UNREACHABLE, "the mirror redirects to where we do not follow"},
    {QFU_ERROR_LIMIT, QFU_ERROR_LIMIT, "the file is larger, or was read slower, than is allowed"},
    {QFU_ERROR_MISMATCH, QFU_ERROR_MISMATCH, "the mirror's file has another SHA-256 than promised"},
    {QFU_ERROR_PROTOCOL, QFU_ERROR_PROTOCOL, "the agent does not understand us: is it too old?"},
    {QFU_ERROR_USAGE, QFU_ERROR_PROTOCOL, "the agent does not take the request: is it too old?"},
    {QFU_ERROR_METERED, QFU_ERROR_METERED, "the connection is metered"},
    {QFU_ERROR_OFFLINE, QFU_ERROR_OFFLINE, "the VM has no network"},
    {QFU_ERROR_IO, QFU_ERROR_UNREACHABLE, "the VM lacks something; its log says what"},
    {QFU_ERROR_INTERNAL, QFU_ERROR_UNREACHABLE, "the agent has a problem; the VM's log says which"},
};

/* The client went away before END: its exit status says why. */
static gboolean
explain_exit (Call *call, GError **error)
{
  int status;

  call->keep = TRUE;
  g_clear_error (error);
  qfu_wire_set_deadlines (qfu_process_wire (call->process), 0, EXIT_MS);
  if (!qfu_process_finish (call->process, &status, NULL))
    return qfu_error_set (error, QFU_ERROR_UNREACHABLE, "the agent went silent without an end");
  return qfu_route_explain_exit (call->route, status, error);
}

static gboolean
set_peer_error (Call *call, const QfuMessage *message, GError **error)
{
  guint64 code = qfu_message_number_or (message, QFU_FIELD_CODE, 1, QFU_ERROR_LAST, 0);
  guint64 status = qfu_message_number_or (message, QFU_FIELD_STATUS, 100, 599, 0);

  call->keep = code == QFU_ERROR_UNREACHABLE;
  if ((code == QFU_ERROR_METERED && (call->fetch->flags & QFU_REQUEST_NOT_METERED) == 0) ||
      (code == QFU_ERROR_OFFLINE && (call->fetch->flags & QFU_REQUEST_UNATTENDED) == 0))
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent answers what was not asked");
  for (gsize i = 0; i < G_N_ELEMENTS (peer_errors); i++) {
    if (peer_errors[i].theirs != code)
      continue;
    qfu_error_set (error, peer_errors[i].ours, peer_errors[i].text);
    if (status >= 300 && error != NULL)
      g_prefix_error (error, "HTTP status %u: ", (guint)status);
    return FALSE;
  }
  return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends an unknown error");
}

/* What a receive that failed with @problem means. */
static gboolean
explain (Call *call, gboolean whole, const char *missed, GError *problem, GError **error)
{
  g_autoptr (GError) owned = problem;

  if (g_error_matches (owned, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    return explain_exit (call, error);
  if (g_error_matches (owned, QFU_ERROR, QFU_ERROR_LIMIT)) {
    call->keep = TRUE;
    return qfu_error_set (error, QFU_ERROR_LIMIT,
                          whole ? "the whole file did not come in time" : missed);
  }
  g_propagate_error (error, g_steal_pointer (&owned));
  return FALSE;
}

/* Whether the builder may have @length bytes more. */
static gboolean
data_fits (const Call *call, gsize length, GError **error)
{
  guint64 have = qfu_blob_builder_size (call->builder);

  if (call->sized && length > call->size - have)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL,
                          "the agent sends more bytes than it announced");
  if (length <= call->fetch->maximum - have)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
               "more than the allowed %" G_GUINT64_FORMAT " bytes", call->fetch->maximum);
  return FALSE;
}

/* Receives the next frame, which must be here whole by @deadline_us or the end of the call. The
 * bytes of DATA go into the builder once HELLO has come; then @message is %NULL and @data their
 * number. */
static gboolean
receive (Call *call,
         gint64 deadline_us,
         const char *missed,
         QfuMessage **message,
         gsize *data,
         GError **error)
{
  QfuWire *wire = qfu_process_wire (call->process);
  gint64 left_us = MIN (deadline_us, call->end_us) - g_get_monotonic_time ();
  gboolean bytes = FALSE;
  gboolean ok;
  GError *local = NULL;
  QfuFrameType type;

  *message = NULL;
  qfu_wire_set_deadlines (wire, 0, (guint)MAX (left_us / 1000, 1));
  ok = qfu_wire_receive_header (wire, &type, data, &local);
  if (ok && type == QFU_FRAME_DATA && call->greeted) {
    if (!data_fits (call, *data, error))
      return FALSE;
    bytes = qfu_blob_builder_receive (call->builder, wire, *data, &local);
  } else if (ok) {
    *message = qfu_wire_receive_payload (wire, type, *data, &local);
  }
  if (!bytes && *message == NULL)
    return explain (call, deadline_us >= call->end_us, missed, local, error);
  return bytes || type != QFU_FRAME_ERROR || set_peer_error (call, *message, error);
}

static gint64
seconds_from_now (guint seconds)
{
  return g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
}

static gboolean
send_request (Call *call, GError **error)
{
  const QfuFetch *fetch = call->fetch;
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_REQUEST);
  g_autoptr (GError) local = NULL;
  QfuWire *wire = qfu_process_wire (call->process);

  qfu_message_add_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  qfu_message_add_number (message, QFU_FIELD_KIND, fetch->kind);
  qfu_message_add_text (message, QFU_FIELD_URL, fetch->url);
  qfu_message_add_number (message, QFU_FIELD_MAXIMUM, fetch->maximum);
  if (fetch->partial != NULL)
    qfu_message_add_number (message, QFU_FIELD_OFFSET, qfu_untrusted_blob_size (fetch->partial));
  if (fetch->sha256 != NULL)
    qfu_message_add_bytes (message, QFU_FIELD_SHA256, fetch->sha256->data, fetch->sha256->size);
  if (fetch->flags != 0)
    qfu_message_add_number (message, QFU_FIELD_FLAGS, fetch->flags);
  qfu_wire_set_deadlines (wire, 0, call->config->connect_seconds * 1000);
  if (qfu_wire_send (wire, message, &local))
    return TRUE;
  /* a peer that reads no more may have said why, or all; the next frame or the end of the stream
   * tells */
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
receive_hello (Call *call, GError **error)
{
  g_autoptr (QfuMessage) message = NULL;
  guint64 protocol;
  gsize data;

  if (!receive (call, seconds_from_now (call->config->connect_seconds),
                "the agent did not answer in time", &message, &data, error))
    return FALSE;
  if (qfu_message_type (message) != QFU_FRAME_HELLO)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent does not begin with HELLO");
  call->greeted = TRUE;
  return qfu_message_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION, QFU_WIRE_VERSION,
                             &protocol, error);
}

static gboolean
take_size (Call *call, const QfuMessage *message, GError **error)
{
  guint64 partial =
      call->fetch->partial == NULL ? 0 : qfu_untrusted_blob_size (call->fetch->partial);
  guint64 untrusted_offset = qfu_message_number_or (message, QFU_FIELD_OFFSET, 0, G_MAXUINT64, 0);

  if (call->sized || call->flowing)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends SIZE out of turn");
  if (!qfu_message_number (message, QFU_FIELD_SIZE, 0, G_MAXUINT64, &call->size, error))
    return FALSE;
  if (call->size > call->fetch->maximum)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the file is larger than is allowed");
  call->sized = TRUE;
  if (untrusted_offset == 0)
    return TRUE;
  if (untrusted_offset != partial || partial > call->size)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL,
                          "the agent goes on at another place than asked");
  return qfu_blob_builder_append_range (call->builder, call->fetch->partial, 0, partial, error);
}

/* @length bytes of the file have come: fast enough? */
static gboolean
check_rate (Call *call, gsize length, GError **error)
{
  gint64 now = g_get_monotonic_time ();
  gint64 elapsed;

  if (!call->flowing)
    call->window_us = now;
  call->flowing = TRUE;
  call->window_bytes += length;
  elapsed = now - call->window_us;
  if (elapsed < (gint64)call->config->idle_seconds * G_USEC_PER_SEC)
    return TRUE;
  if (call->window_bytes < call->config->minimum_rate * (guint64)elapsed / G_USEC_PER_SEC) {
    call->keep = TRUE;
    return qfu_error_set (error, QFU_ERROR_LIMIT,
                          "the file comes slower than [Transport] MinimumRate=");
  }
  call->window_us = now;
  call->window_bytes = 0;
  return TRUE;
}

static gboolean
take_end (Call *call, const QfuMessage *message, GError **error)
{
  guint64 have = qfu_blob_builder_size (call->builder);
  guint64 total;
  int status;

  if (!qfu_message_number (message, QFU_FIELD_TOTAL, 0, G_MAXUINT64, &total, error))
    return FALSE;
  if (total != have || (call->sized && call->size != have))
    return qfu_error_set (error, QFU_ERROR_PROTOCOL,
                          "the agent sent another number of bytes than it says");
  qfu_wire_set_deadlines (qfu_process_wire (call->process), 0, EXIT_MS);
  if (!qfu_process_finish (call->process, &status, error))
    return FALSE;
  if (status != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the agent ended with status %d", status);
    return FALSE;
  }
  return TRUE;
}

/* Any frame but DATA. */
static gboolean
take_message (Call *call, const QfuMessage *message, GError **error)
{
  QfuFrameType type = qfu_message_type (message);

  if (type == QFU_FRAME_PROGRESS && !call->flowing)
    return TRUE; /* it says that the VM is busy, but buys it no time */
  if (type == QFU_FRAME_SIZE)
    return take_size (call, message, error);
  if (type == QFU_FRAME_END) {
    call->ended = TRUE;
    return take_end (call, message, error);
  }
  return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends a frame out of turn");
}

/* Everything behind HELLO. */
static gboolean
receive_file (Call *call, QfuProgressFunc progress, gpointer user, GError **error)
{
  gint64 first = seconds_from_now (call->config->first_byte_seconds);

  while (!call->ended) {
    gint64 deadline = call->flowing ? seconds_from_now (call->config->idle_seconds) : first;
    g_autoptr (QfuMessage) message = NULL;
    gsize data;

    if (!receive (call, deadline, "the file did not go on in time", &message, &data, error))
      return FALSE;
    if (message != NULL ? !take_message (call, message, error) : !check_rate (call, data, error))
      return FALSE;
    if (message == NULL && progress != NULL)
      progress (qfu_blob_builder_size (call->builder), call->sized ? call->size : 0, user);
  }
  return TRUE;
}

static gboolean
check_fetch (const QfuFetch *fetch, GError **error)
{
  g_return_val_if_fail (fetch->sha256 == NULL || fetch->sha256->hash == QFU_HASH_SHA256, FALSE);
  g_return_val_if_fail (
      (fetch->partial == NULL && fetch->remains == NULL) || fetch->kind == QFU_FETCH_CAB, FALSE);
  if (fetch->maximum == 0 || fetch->maximum > QFU_TRANSPORT_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "a file of up to %" G_GUINT64_FORMAT " bytes cannot be fetched", fetch->maximum);
    return FALSE;
  }
  return qfu_url_check (fetch->url, error);
}

/* Asks the present VM of @route. %FALSE in @answered: it might as well not be there. */
static QfuUntrustedBlob *
fetch_from (const QfuConfig *config,
            const QfuFetch *fetch,
            QfuRoute *route,
            QfuProgressFunc progress,
            gpointer user,
            gboolean *answered,
            GError **error)
{
  Call call = {.config = config, .fetch = fetch, .route = route};
  g_autoptr (QfuProcess) process = NULL;
  g_autoptr (QfuBlobBuilder) builder = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  gboolean ok;

  call.end_us = seconds_from_now (config->total_seconds);
  call.builder = builder = qfu_blob_builder_new (fetch->maximum, error);
  call.process = process = builder == NULL ? NULL : qfu_route_start (route, error);
  if (process == NULL)
    return NULL;
  ok = send_request (&call, error) && receive_hello (&call, error) &&
       receive_file (&call, progress, user, error);
  *answered = call.greeted;
  if (ok || (call.keep && fetch->remains != NULL && qfu_blob_builder_size (builder) > 0))
    blob = qfu_blob_builder_finish (g_steal_pointer (&builder), ok ? error : NULL);
  if (!ok && fetch->remains != NULL)
    *fetch->remains = g_steal_pointer (&blob);
  if (blob != NULL && fetch->sha256 != NULL &&
      !qfu_digest_equal (fetch->sha256, qfu_untrusted_blob_sha256 (blob))) {
    qfu_error_set (error, QFU_ERROR_MISMATCH, "the file has another SHA-256 than promised");
    g_clear_pointer (&blob, qfu_untrusted_blob_free);
  }
  return g_steal_pointer (&blob);
}

/* Whether @problem says that there is no agent to talk to. */
static gboolean
is_absent (const GError *problem)
{
  return g_error_matches (problem, QFU_ERROR, QFU_ERROR_UNREACHABLE) ||
         g_error_matches (problem, QFU_ERROR, QFU_ERROR_LIMIT);
}

QfuUntrustedBlob *
qfu_transport_fetch (const QfuConfig *config,
                     const QfuFetch *fetch,
                     QfuProgressFunc progress,
                     gpointer user,
                     GError **error)
{
  g_autoptr (QfuRoute) own = NULL;
  QfuRoute *route = fetch->route;

  if (fetch->remains != NULL)
    *fetch->remains = NULL;
  if (!check_fetch (fetch, error))
    return NULL;
  if (route == NULL) {
    own = qfu_route_new (config, FALSE, NULL, NULL, error);
    route = own;
  }
  while (route != NULL) {
    GError *problem = NULL;
    gboolean answered = FALSE;
    QfuUntrustedBlob *blob = fetch_from (config, fetch, route, progress, user, &answered, &problem);

    if (blob != NULL)
      return blob;
    if (!answered && is_absent (problem) && qfu_route_next (route, problem->message)) {
      g_error_free (problem);
      continue;
    }
    g_prefix_error (&problem, "%s, %s: ", qfu_route_peer (route), fetch->url);
    g_propagate_error (error, problem);
    return NULL;
  }
  return NULL;
}
