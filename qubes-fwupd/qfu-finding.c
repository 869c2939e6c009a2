/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-finding.h"

const char *
qfu_finding_status_name (QfuFindingStatus status)
{
  static const char *const names[] = {[QFU_FINDING_AGREES] = "agrees",
                                      [QFU_FINDING_CONTRADICTS] = "contradicts",
                                      [QFU_FINDING_UNCHECKED] = "unchecked"};

  return names[status];
}

static void
free_finding (gpointer data)
{
  QfuFinding *finding = data;

  g_free (finding->object);
  g_free (finding->message);
  g_free (finding);
}

GPtrArray *
qfu_findings_new (void)
{
  return g_ptr_array_new_with_free_func (free_finding);
}

void
qfu_findings_add (
    GPtrArray *findings, QfuFindingStatus status, const char *object, const char *format, ...)
{
  QfuFinding *finding = g_new0 (QfuFinding, 1);
  va_list args;

  finding->status = status;
  finding->object = g_strdup (object);
  va_start (args, format);
  finding->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (findings, finding);
}

const QfuFinding *
qfu_findings_contradiction (const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++) {
    const QfuFinding *finding = g_ptr_array_index (findings, i);

    if (finding->status == QFU_FINDING_CONTRADICTS)
      return finding;
  }
  return NULL;
}
