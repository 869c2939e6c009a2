/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-machine-logs.h"

#include "qfu-error.h"
#include "qfu-machine-cbmem.h"

#include <string.h>

typedef struct {
  const QfuConfig *config;
  GPtrArray *logs;   /* QfuEventLog */
  GPtrArray *absent; /* why each other source has none */
} Gather;

static void
free_log (gpointer log)
{
  qfu_eventlog_free (log);
}

/* Takes the blame from @local when it means that the source has nothing; otherwise the failure is
 * the caller's. */
static gboolean
pass_over (Gather *gather, const char *source, GError *local, GError **error)
{
  if (!g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND) &&
      !g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE) &&
      !g_error_matches (local, QFU_ERROR, QFU_ERROR_IO)) {
    g_propagate_prefixed_error (error, local, "the event log %s: ", source);
    return FALSE;
  }
  g_ptr_array_add (gather->absent, g_strdup_printf ("%s: %s", source, local->message));
  g_error_free (local);
  return TRUE;
}

static gboolean
add_log (Gather *gather, const char *source, const QfuUntrustedBlob *bytes, GError **error)
{
  GError *local = NULL;
  QfuEventLog *log = qfu_eventlog_read (gather->config, bytes, &local);

  if (log == NULL)
    return pass_over (gather, source, local, error);
  log->source = g_strdup (source);
  g_ptr_array_add (gather->logs, log);
  return TRUE;
}

static gboolean
add_file (Gather *gather, const char *path, GError **error)
{
  GError *local = NULL;
  g_autoptr (QfuUntrustedBlob) bytes =
      qfu_untrusted_blob_load (path, QFU_EVENTLOG_SIZE_MAX, FALSE, &local);

  return bytes != NULL ? add_log (gather, path, bytes, error)
                       : pass_over (gather, path, local, error);
}

static gboolean
add_cbmem (Gather *gather, GError **error)
{
  GError *local = NULL;
  g_autoptr (GPtrArray) areas = qfu_machine_cbmem (gather->config, &local);

  if (areas == NULL)
    return pass_over (gather, QFU_CONFIG_CBMEM, local, error);
  for (guint i = 0; i < areas->len; i++) {
    const QfuCbmemArea *area = g_ptr_array_index (areas, i);
    g_autofree char *source = g_strdup_printf (QFU_CONFIG_CBMEM " (%s)", area->name);

    if (!add_log (gather, source, area->bytes, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
gather_all (Gather *gather, GError **error)
{
  char **sources = gather->config->event_logs;

  for (gsize i = 0; sources[i] != NULL; i++) {
    if (!(strcmp (sources[i], QFU_CONFIG_CBMEM) == 0 ? add_cbmem (gather, error)
                                                     : add_file (gather, sources[i], error)))
      return FALSE;
  }
  return TRUE;
}

static void
set_absent (const GPtrArray *absent, GError **error)
{
  g_autoptr (GString) text = g_string_new ("there is no event log of this boot");

  for (guint i = 0; i < absent->len; i++)
    g_string_append_printf (text, "%s %s", i == 0 ? ":" : ";",
                            (const char *)g_ptr_array_index (absent, i));
  g_string_append (text, ". [MeasuredBoot] EventLog= says where to look");
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, text->str);
}

GPtrArray *
qfu_machine_event_logs_or_why (const QfuConfig *config, GPtrArray *absent, GError **error)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func (free_log);
  Gather gather = {config, logs, absent};

  if (!gather_all (&gather, error))
    return NULL;
  if (logs->len > 0)
    return g_steal_pointer (&logs);
  set_absent (absent, error);
  return NULL;
}

GPtrArray *
qfu_machine_event_logs (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) absent = g_ptr_array_new_with_free_func (g_free);

  return qfu_machine_event_logs_or_why (config, absent, error);
}
