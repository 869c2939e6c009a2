/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qubes.FwupdFetch: one REQUEST on standard input, one file as frames on standard output. It runs
 * in the UpdateVM and parses nothing but HTTP's head, which libcurl does. schemas/wire.md. */
#include "qfu-error.h"
#include "qfu-http.h"
#include "qfu-network.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define GOODBYE_MS 5000 /* for the last frame */

/* To the log of this VM; dom0 drops it. */
static void
note (const char *what)
{
  g_autofree char *line = g_strndup (what, 300);

  for (char *p = line; *p != '\0'; p++) {
    if (*p < 0x20 || *p >= 0x7f)
      *p = '?';
  }
  (void)fprintf (stderr, "qubes.FwupdFetch: %s\n", line);
}

static QfuRequest *
receive_request (QfuWire *wire, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_wire_receive (wire, error);

  return message == NULL ? NULL : qfu_request_new (message, error);
}

static gboolean
send_hello (QfuWire *wire, GError **error)
{
  g_autoptr (QfuMessage) hello = qfu_message_new (QFU_FRAME_HELLO);

  qfu_message_add_number (hello, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  return qfu_wire_send (wire, hello, error);
}

/* dom0 is asked nothing and told nothing of the connection but this. */
static gboolean
check_metered (const QfuAgentConfig *config, const QfuRequest *request, GError **error)
{
  if ((request->flags & QFU_REQUEST_NOT_METERED) == 0 || strcmp (config->metered, "no") == 0 ||
      (strcmp (config->metered, "yes") != 0 && !qfu_network_metered ()))
    return TRUE;
  return qfu_error_set (error, QFU_ERROR_METERED, "the connection is metered");
}

static gboolean
serve (const char *config_path, QfuWire *wire, guint *status, GError **error)
{
  g_autoptr (QfuAgentConfig) config = qfu_agent_config_load (config_path, error);
  g_autoptr (QfuRequest) request = NULL;

  if (config == NULL) {
    (*error)->code = QFU_ERROR_INTERNAL; /* not the caller's mistake */
    return FALSE;
  }
  qfu_wire_set_deadlines (wire, 0, config->connect_seconds * 1000);
  request = receive_request (wire, error);
  if (request == NULL)
    return FALSE;
  qfu_wire_set_deadlines (wire, config->idle_seconds * 1000, config->total_seconds * 1000);
  return send_hello (wire, error) && check_metered (config, request, error) &&
         qfu_http_fetch (config, request, wire, status, error);
}

/* Codes only: no text of this VM goes to dom0. */
static gboolean
send_problem (QfuWire *wire, const GError *problem, guint status)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ERROR);
  int code = problem->domain == QFU_ERROR ? problem->code : QFU_ERROR_INTERNAL;

  /* the problem may have been a deadline of this wire */
  qfu_wire_set_deadlines (wire, 0, GOODBYE_MS);
  qfu_message_add_number (message, QFU_FIELD_CODE, (guint64)code);
  if (status > 0)
    qfu_message_add_number (message, QFU_FIELD_STATUS, status);
  return qfu_wire_send (wire, message, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (QfuWire) wire = NULL;
  g_autoptr (GError) error = NULL;
  guint status = 0;

  if (argc != 1 && (argc != 3 || strcmp (argv[1], "--config") != 0)) {
    note ("usage: qubes.FwupdFetch [--config FILE]");
    return 2;
  }
  (void)signal (SIGPIPE, SIG_IGN);
  if (curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    note ("libcurl does not start");
    return 1;
  }
  wire = qfu_wire_new (STDIN_FILENO, STDOUT_FILENO);
  if (serve (argc == 3 ? argv[2] : NULL, wire, &status, &error))
    return 0;
  note (error->message);
  if (!send_problem (wire, error, status))
    note ("the caller cannot be told");
  return 1;
}
