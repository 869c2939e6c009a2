/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-digest.h"
#include "qfu-wire-table.h"

/**
 * QfuMessage:
 *
 * One frame in memory: a type and, for all types but DATA, fields that the tables of
 * qfu-wire-table.c allow. A message that was decoded holds no unknown field, no field too often, no
 * missing one, no text beyond printable ASCII and no value above its maximum. What the values
 * *mean* is still the peer's claim.
 */
typedef struct _QfuMessage QfuMessage;

QfuMessage *qfu_message_new (QfuFrameType type);
/* A DATA frame of @size bytes at @data (transfer full). */
QfuMessage *qfu_message_new_data (guint8 *data, gsize size);
void qfu_message_free (QfuMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuMessage, qfu_message_free)

QfuFrameType qfu_message_type (const QfuMessage *message);
const char *qfu_message_name (const QfuMessage *message);

/* Building. A field that the frame does not have is a programmer's mistake. Text is made fit to
 * send: bytes outside printable ASCII become '?', what is longer than the field's maximum is cut (a
 * digest tells cut names apart); %NULL adds nothing. */
void qfu_message_add_number (QfuMessage *message, QfuField field, guint64 value);
void qfu_message_add_text (QfuMessage *message, QfuField field, const char *text);
void qfu_message_add_bytes (QfuMessage *message, QfuField field, const void *data, gsize size);
/* DIGEST fields: u16 TPM_ALG_ID, then the bytes. */
void qfu_message_add_digest (QfuMessage *message, QfuField field, const QfuDigest *digest);
/* DATA only: sets the payload. */
void qfu_message_set_data (QfuMessage *message, const void *data, gsize size);

/* Reading. */
guint qfu_message_count (const QfuMessage *message, QfuField field);
/* (transfer none) (nullable): the @nth text, %NULL when absent. Trust: printable ASCII, otherwise
 * as the peer wrote it. */
const char *qfu_message_text (const QfuMessage *message, QfuField field, guint nth);
/* The number of @field, which must lie in @min..@max: an absent or other number is a
 * #QFU_ERROR_PROTOCOL. */
gboolean qfu_message_number (const QfuMessage *message,
                             QfuField field,
                             guint64 min,
                             guint64 max,
                             guint64 *out,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The number of @field when it is there and in @min..@max, else @fallback. */
guint64 qfu_message_number_or (
    const QfuMessage *message, QfuField field, guint64 min, guint64 max, guint64 fallback);
/* (transfer none) (nullable): the @nth bytes. */
const guint8 *qfu_message_bytes (const QfuMessage *message, QfuField field, guint nth, gsize *size);
/* %FALSE when there is no @nth DIGEST field or it is no digest of a known algorithm. */
gboolean qfu_message_digest (const QfuMessage *message, QfuField field, guint nth, QfuDigest *out)
    G_GNUC_WARN_UNUSED_RESULT;
/* DATA only: the payload. */
const guint8 *qfu_message_data (const QfuMessage *message, gsize *size);

/* Writes a header of QFU_WIRE_HEADER_SIZE bytes. */
void qfu_message_encode_header (guint8 *header, QfuFrameType type, gsize length);
/* The frame as it travels, header included. */
GBytes *qfu_message_encode (const QfuMessage *message);

/**
 * qfu_message_decode_header:
 * @header: QFU_WIRE_HEADER_SIZE bytes
 * @type: (out): the frame type, known
 * @length: (out): payload bytes that follow, at most QFU_WIRE_PAYLOAD_MAX; of DATA at least one
 * @error: #QFU_ERROR_PROTOCOL
 *
 * Trust: @header is untrusted.
 */
gboolean qfu_message_decode_header (const guint8 *header,
                                    QfuFrameType *type,
                                    gsize *length,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_message_decode:
 * @type: as from qfu_message_decode_header()
 * @payload: (nullable): the payload
 * @length: its length in bytes
 * @error: #QFU_ERROR_PROTOCOL
 *
 * Trust: @payload is untrusted.
 *
 * Returns: (transfer full): the message, or %NULL
 */
QfuMessage *qfu_message_decode (QfuFrameType type,
                                const guint8 *payload,
                                gsize length,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
