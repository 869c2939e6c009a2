/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuXmlHandler:
 * @start: an element begins
 * @text: characters directly inside the innermost element that has begun
 * @end: that element ends
 *
 * What a #QfuXml reports. %FALSE with an error set ends the parse.
 */
typedef struct {
  gboolean (*start) (
      gpointer user, const char *element, const char **names, const char **values, GError **error);
  gboolean (*text) (gpointer user, const char *text, gsize size, GError **error);
  gboolean (*end) (gpointer user, const char *element, GError **error);
} QfuXmlHandler;

/**
 * QfuXml:
 *
 * XML as a stream, in bounded memory, in UTF-8 only. A document type, an entity of its own and a
 * processing instruction other than the declaration are a #QFU_ERROR_UNSUPPORTED; what is not
 * well-formed is a #QFU_ERROR_FORMAT; depth, number and length of attributes, and bytes in one
 * token have limits.
 *
 * Trust: made for untrusted bytes.
 */
typedef struct _QfuXml QfuXml;

QfuXml *qfu_xml_new (const QfuXmlHandler *handler, gpointer user);
void qfu_xml_free (QfuXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuXml, qfu_xml_free)

gboolean
qfu_xml_feed (QfuXml *xml, const void *data, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The document must be complete. */
gboolean qfu_xml_finish (QfuXml *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): the value of attribute @name. */
const char *qfu_xml_attribute (const char **names, const char **values, const char *name);
