/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-check.h"

#include "qfu-error.h"
#include "qfu-keys.h"
#include "qfu-worker.h"

#include <string.h>

typedef struct {
  const QfuConfig *config;
  QfuUntrustedBlob *keys;
  GPtrArray *members; /* of QfuCabMember */
  GPtrArray *items;   /* of QfuCabItem, one for each member */
  GPtrArray *reasons;
  QfuComponent *component;
} Check;

static void
item_free (gpointer data)
{
  QfuCabItem *item = data;

  g_free (item->name);
  qfu_signature_free (item->signature);
  g_free (item->reason);
  g_free (item);
}

void
qfu_cab_report_free (QfuCabReport *report)
{
  if (report == NULL)
    return;
  g_strfreev (report->reasons);
  g_ptr_array_unref (report->items);
  qfu_component_free (report->component);
  g_free (report);
}

static void
check_clear (Check *check)
{
  qfu_untrusted_blob_free (check->keys);
  g_clear_pointer (&check->members, g_ptr_array_unref);
  g_clear_pointer (&check->items, g_ptr_array_unref);
  g_clear_pointer (&check->reasons, g_ptr_array_unref);
  qfu_component_free (check->component);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static void reject (Check *check, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
reject (Check *check, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (check->reasons, g_strdup_vprintf (format, args));
  va_end (args);
}

/* Whether @problem is the cab's fault, and then a reason to reject it, or ours. @what: unless the
 * problem names it. */
static gboolean
blame_cab (Check *check, const char *what, GError *problem, GError **error)
{
  static const int theirs[] = {QFU_ERROR_FORMAT,    QFU_ERROR_LIMIT,     QFU_ERROR_UNSUPPORTED,
                               QFU_ERROR_NOT_FOUND, QFU_ERROR_SIGNATURE, QFU_ERROR_MISMATCH,
                               QFU_ERROR_PROTOCOL};

  for (gsize i = 0; i < G_N_ELEMENTS (theirs); i++) {
    if (g_error_matches (problem, QFU_ERROR, theirs[i])) {
      reject (check, "%s%s%s", what != NULL ? what : "", what != NULL ? ": " : "",
              problem->message);
      g_error_free (problem);
      return TRUE;
    }
  }
  g_propagate_error (error, problem);
  return FALSE;
}

static void
list_items (Check *check)
{
  for (guint i = 0; i < check->members->len; i++) {
    const QfuCabMember *member = g_ptr_array_index (check->members, i);
    QfuCabItem *item = g_new0 (QfuCabItem, 1);

    item->name = g_strdup (member->name);
    item->size = qfu_untrusted_blob_size (member->blob);
    item->sha256 = *qfu_untrusted_blob_sha256 (member->blob);
    g_ptr_array_add (check->items, item);
  }
}

/* Index of the one member whose name ends with @suffix; the number of members when there is not
 * exactly one, which is a reason to reject. */
static guint
find_one (Check *check, const char *suffix)
{
  guint found = check->members->len;
  guint count = 0;

  for (guint i = 0; i < check->members->len; i++) {
    const QfuCabMember *member = g_ptr_array_index (check->members, i);

    if (!g_str_has_suffix (member->name, suffix))
      continue;
    found = i;
    count++;
  }
  if (count == 1)
    return found;
  reject (check, count == 0 ? "it has no file *%s" : "it has several files *%s", suffix);
  return check->members->len;
}

static gboolean
check_signatures (Check *check, guint jcat_index, GError **error)
{
  const QfuCabMember *container = g_ptr_array_index (check->members, jcat_index);
  GError *problem = NULL;
  g_autoptr (QfuJcat) jcat = qfu_jcat_read (check->config, container->blob, &problem);
  const QfuSignaturePolicy policy = {check->keys, QFU_SIGNATURE_VALID_WHEN_SIGNED, 0};

  if (jcat == NULL)
    return blame_cab (check, container->name, problem, error);
  for (guint i = 0; i < check->members->len; i++) {
    const QfuCabMember *member = g_ptr_array_index (check->members, i);
    QfuCabItem *item = g_ptr_array_index (check->items, i);

    if (i == jcat_index)
      continue;
    item->signature =
        qfu_signature_verify (check->config, jcat, member->name, member->blob, &policy, &problem);
    if (item->signature != NULL)
      continue;
    item->reason = g_strdup (problem->message);
    if (!blame_cab (check, NULL, g_steal_pointer (&problem), error))
      return FALSE;
  }
  return TRUE;
}

/* Genuine files of two products, each with its own signature, make no genuine cab. */
static void
check_one_signer (Check *check)
{
  const QfuSignature *first = NULL;

  for (guint i = 0; i < check->items->len; i++) {
    const QfuCabItem *item = g_ptr_array_index (check->items, i);

    if (item->signature == NULL)
      continue;
    if (first == NULL)
      first = item->signature;
    if (strcmp (qfu_signature_serial (first), qfu_signature_serial (item->signature)) != 0 ||
        strcmp (qfu_signature_authority (first), qfu_signature_authority (item->signature)) != 0) {
      reject (check, "its files are signed by different certificates");
      return;
    }
  }
}

static gboolean
read_metainfo (Check *check, guint index, GError **error)
{
  const QfuCabMember *member = g_ptr_array_index (check->members, index);
  const QfuUntrustedBlob *input = member->blob;
  GError *problem = NULL;
  g_autoptr (GPtrArray) components = NULL;
  g_autoptr (QfuProcess) worker =
      qfu_worker_start (check->config, QFU_OP_METAINFO, NULL, &input, 1, error);

  if (worker == NULL)
    return FALSE;
  components = qfu_component_collect (worker, &problem);
  if (components == NULL)
    return blame_cab (check, member->name, problem, error);
  if (components->len == 1)
    check->component = g_ptr_array_steal_index (components, 0);
  else
    reject (check, "%s: it does not describe one firmware", member->name);
  return TRUE;
}

/* The file that the signed metainfo means must be the one that it was made for. */
static void
check_payload (Check *check)
{
  const QfuComponentRelease *release;
  const char *name;

  if (check->component->releases->len == 0) {
    reject (check, "the metainfo has no release");
    return;
  }
  release = g_ptr_array_index (check->component->releases, 0);
  name = release->content_name != NULL ? release->content_name : "firmware.bin";
  if (!release->has_content) {
    reject (check, "the metainfo does not state the SHA-256 of %s", name);
    return;
  }
  for (guint i = 0; i < check->items->len; i++) {
    const QfuCabItem *item = g_ptr_array_index (check->items, i);

    if (strcmp (item->name, name) != 0)
      continue;
    if (!qfu_digest_equal (&item->sha256, &release->content))
      reject (check, "%s is not the file that the metainfo was made for", name);
    return;
  }
  reject (check, "%s, which the metainfo means, is not in it", name);
}

static gboolean
run (Check *check, const QfuUntrustedBlob *cab, GError **error)
{
  GError *problem = NULL;
  guint jcat;
  guint metainfo;
  const QfuCabItem *item;

  check->members = qfu_cab_members (check->config, cab, &problem);
  if (check->members == NULL)
    return blame_cab (check, "it cannot be unpacked", problem, error);
  list_items (check);
  jcat = find_one (check, ".jcat");
  metainfo = find_one (check, ".metainfo.xml");
  if (jcat == check->members->len)
    return TRUE;
  if (!check_signatures (check, jcat, error))
    return FALSE;
  check_one_signer (check);
  if (metainfo == check->members->len)
    return TRUE;
  item = g_ptr_array_index (check->items, metainfo);
  if (item->signature == NULL)
    return TRUE;
  if (!read_metainfo (check, metainfo, error))
    return FALSE;
  if (check->component != NULL)
    check_payload (check);
  return TRUE;
}

QfuCabReport *
qfu_cab_check (const QfuConfig *config,
               const QfuUntrustedBlob *cab,
               const char *keys_dir,
               GError **error)
{
  g_auto (Check) check = {.config = config};
  QfuCabReport *report;

  check.items = g_ptr_array_new_with_free_func (item_free);
  check.reasons = g_ptr_array_new_with_free_func (g_free);
  check.keys = qfu_keys_load (keys_dir, error);
  if (check.keys == NULL || !run (&check, cab, error))
    return NULL;
  report = g_new0 (QfuCabReport, 1);
  report->accepted = check.reasons->len == 0;
  g_ptr_array_add (check.reasons, NULL);
  report->reasons = (char **)g_ptr_array_free (g_steal_pointer (&check.reasons), FALSE);
  report->items = g_steal_pointer (&check.items);
  report->component = g_steal_pointer (&check.component);
  return report;
}
