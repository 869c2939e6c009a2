/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"

/* clang-format off */
G_DEFINE_QUARK (qfu-error-quark, qfu_error)
/* clang-format on */

static const char *const names[QFU_ERROR_LAST + 1] = {
    [QFU_ERROR_INTERNAL] = "internal",
    [QFU_ERROR_USAGE] = "usage",
    [QFU_ERROR_IO] = "io",
    [QFU_ERROR_UNREACHABLE] = "unreachable",
    [QFU_ERROR_PROTOCOL] = "protocol",
    [QFU_ERROR_LIMIT] = "limit",
    [QFU_ERROR_FORMAT] = "format",
    [QFU_ERROR_MISMATCH] = "mismatch",
    [QFU_ERROR_SIGNATURE] = "signature",
    [QFU_ERROR_NOT_FOUND] = "not-found",
    [QFU_ERROR_NOTHING] = "nothing-to-do",
    [QFU_ERROR_UNSUPPORTED] = "unsupported",
    [QFU_ERROR_PREDICTION] = "prediction",
    [QFU_ERROR_BUSY] = "busy",
    [QFU_ERROR_STALE] = "stale",
    [QFU_ERROR_SANDBOX] = "sandbox",
    [QFU_ERROR_REFUSED] = "refused",
    [QFU_ERROR_CLOCK] = "clock",
    [QFU_ERROR_METERED] = "metered",
    [QFU_ERROR_OFFLINE] = "offline",
    [QFU_ERROR_NOT_RUNNING] = "vm-not-running",
};

const char *
qfu_error_name (int code)
{
  if (code < 1 || code > QFU_ERROR_LAST)
    return names[QFU_ERROR_INTERNAL];
  return names[code];
}

gboolean
qfu_error_set (GError **error, QfuError code, const char *message)
{
  g_set_error_literal (error, QFU_ERROR, (int)code, message);
  return FALSE;
}

gboolean
qfu_error_refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *why = g_strdup_vprintf (format, args);
  va_end (args);
  return qfu_error_set (error, QFU_ERROR_REFUSED, why);
}

gboolean
qfu_error_errno (GError **error, int saved_errno, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s: %s", what, g_strerror (saved_errno));
  return FALSE;
}
