/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-message.h"
#include "qfu-writer.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "testconfig.h"

/* Tests of calls of a USB qube, whose agent is hostile-peer. */

#define USB_PATIENCE 60 /* seconds, far more than anything needs on a busy machine */
#define USB_VM "sys-usb"

/* From here on the agent of every USB qube is the peer with @script, and has time. */
static inline void
usb_configure (QfuConfig *config, const char *script)
{
  g_free (config->transport);
  config->transport = g_strdup ("exec");
  g_free (config->usb_command);
  config->usb_command = g_strdup_printf ("%s %s", peer_path (), script);
  config->connect_seconds = config->idle_seconds = USB_PATIENCE;
  config->usb_install_seconds = config->total_seconds = 2 * USB_PATIENCE;
}

/* Every child that was started has ended. */
static inline void
usb_expect_no_children (void)
{
  int status;

  (void)alarm (USB_PATIENCE);
  while (waitpid (-1, &status, 0) >= 0)
    continue;
  g_assert_cmpint (errno, ==, ECHILD);
  (void)alarm (0);
}

/* A call that should fail so: with that code, and words of ours that a terminal bears. */
static inline void
usb_assert_failed (const char *what, const GError *error, int code, const char *text)
{
  g_test_message ("%s: %s", what, error == NULL ? "no error" : error->message);
  g_assert_error (error, QFU_ERROR, code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_null (strstr (error->message, "owned"));
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_true (g_ascii_isprint (*p));
}

/* Fields and frames as they travel, right or wrong. */
static inline void
usb_put (GByteArray *payload, QfuField field, const void *data, gsize size)
{
  qfu_writer_u16 (payload, (guint16)field);
  qfu_writer_u16 (payload, 0);
  qfu_writer_u32 (payload, (guint32)size);
  qfu_writer_bytes (payload, data, size);
}

static inline void
usb_put_text (GByteArray *payload, QfuField field, const char *text)
{
  usb_put (payload, field, text, strlen (text));
}

static inline void
usb_put_number (GByteArray *payload, QfuField field, guint64 number)
{
  guint64 little = GUINT64_TO_LE (number);

  usb_put (payload, field, &little, sizeof little);
}

/* @payload: (transfer full) */
static inline void
usb_put_frame (GByteArray *stream, QfuFrameType type, GByteArray *payload)
{
  guint8 header[QFU_WIRE_HEADER_SIZE];

  qfu_message_encode_header (header, type, payload->len);
  qfu_writer_bytes (stream, header, sizeof header);
  qfu_writer_bytes (stream, payload->data, payload->len);
  g_byte_array_unref (payload);
}
