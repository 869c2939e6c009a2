/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-usbqube.h"
#include "usbpeer.h"

/* Lists of devices of a USB qube, right or wrong, and the question that they answer. */

#define A "0123456789abcdef0123456789abcdef01234567"
#define B "89abcdef0123456789abcdef0123456789abcdef"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

/* The list that a script sends by `file:`. */
static inline char *
path_of (const TestHome *home)
{
  return g_build_filename (home->directory, "list", NULL);
}

static inline void
put_qube (GByteArray *stream, const char *version, guint64 keyboards)
{
  GByteArray *payload = g_byte_array_new ();

  usb_put_text (payload, QFU_FIELD_VERSION, version);
  usb_put_number (payload, QFU_FIELD_KEYBOARDS, keyboards);
  usb_put_frame (stream, QFU_FRAME_QUBE, payload);
}

static inline void
put_device (GByteArray *stream, const char *id, const char *parent)
{
  GByteArray *payload = g_byte_array_new ();

  usb_put_text (payload, QFU_FIELD_ID, id);
  if (parent != NULL)
    usb_put_text (payload, QFU_FIELD_PARENT, parent);
  usb_put_text (payload, QFU_FIELD_GUID, GUID);
  usb_put_number (payload, QFU_FIELD_FLAGS, QFU_DEVICE_UPDATABLE);
  usb_put_frame (stream, QFU_FRAME_USB_DEVICE, payload);
}

/* What comes of a peer that plays @script, in which %s is a file with the bytes of @stream. */
static inline QfuUsbQube *
ask (TestHome *home, const char *script, const GByteArray *stream, GError **error)
{
  g_autofree char *path = path_of (home);
  g_auto (GStrv) parts = g_strsplit (script, "%s", -1);
  g_autofree char *words = g_strjoinv (path, parts);
  g_autoptr (QfuUsbListing) listing = NULL;

  if (stream != NULL)
    g_assert_true (
        g_file_set_contents (path, (const char *)stream->data, (gssize)stream->len, NULL));
  usb_configure (home->config, words);
  listing = qfu_usb_listing_start (home->config, USB_VM, error);
  return listing == NULL ? NULL : qfu_usb_listing_finish (listing, error);
}

#define GOOD "request noise hello file:%s bare-end"
