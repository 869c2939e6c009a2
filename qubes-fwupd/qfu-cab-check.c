/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-check.h"

#include "qfu-cab-manifest.h"
#include "qfu-error.h"
#include "qfu-keys.h"
#include "qfu-worker.h"

#include <string.h>

#define USUAL_JCAT "firmware.jcat"
#define USUAL_PAYLOAD "firmware.bin" /* of a metainfo that names none */

struct _QfuCabContent {
  GPtrArray *items; /* keeps those below */
  QfuComponent *component;
  const QfuComponentRelease *release;
  const QfuCabItem *metainfo;
  const QfuCabItem *payload;
  const QfuCabItem *manifests[QFU_MANIFEST_FORMS];
};

typedef struct {
  const QfuConfig *config;
  QfuUntrustedBlob *keys;
  gint64 now;
  GPtrArray *items; /* of QfuCabItem */
  GPtrArray *reasons;
  QfuCabItem *jcat;
  QfuCabItem *metainfo;
  const QfuCabItem *manifests[QFU_MANIFEST_FORMS];
  QfuComponent *component;
  const QfuComponentRelease *release;
  QfuCabContent *content;
} Check;

void
qfu_cab_content_free (QfuCabContent *content)
{
  if (content == NULL)
    return;
  g_ptr_array_unref (content->items);
  qfu_component_free (content->component);
  g_free (content);
}

const QfuCabItem *
qfu_cab_content_metainfo (const QfuCabContent *content)
{
  return content->metainfo;
}

const QfuCabItem *
qfu_cab_content_payload (const QfuCabContent *content)
{
  return content->payload;
}

const QfuCabItem *
qfu_cab_content_manifest (const QfuCabContent *content, QfuManifestForm form)
{
  return content->manifests[form];
}

const QfuComponent *
qfu_cab_content_component (const QfuCabContent *content)
{
  return content->component;
}

const QfuComponentRelease *
qfu_cab_content_release (const QfuCabContent *content)
{
  return content->release;
}

void
qfu_cab_report_free (QfuCabReport *report)
{
  if (report == NULL)
    return;
  g_strfreev (report->reasons);
  g_ptr_array_unref (report->items);
  qfu_cab_content_free (report->content);
  qfu_component_free (report->owned_component);
  g_free (report);
}

static void
check_clear (Check *check)
{
  qfu_untrusted_blob_free (check->keys);
  g_clear_pointer (&check->items, g_ptr_array_unref);
  g_clear_pointer (&check->reasons, g_ptr_array_unref);
  qfu_cab_content_free (check->content);
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

gboolean
qfu_cab_blames (const GError *problem)
{
  static const int theirs[] = {QFU_ERROR_FORMAT,    QFU_ERROR_LIMIT,     QFU_ERROR_UNSUPPORTED,
                               QFU_ERROR_NOT_FOUND, QFU_ERROR_SIGNATURE, QFU_ERROR_MISMATCH,
                               QFU_ERROR_PROTOCOL};

  for (gsize i = 0; i < G_N_ELEMENTS (theirs); i++) {
    if (g_error_matches (problem, QFU_ERROR, theirs[i]))
      return TRUE;
  }
  return FALSE;
}

/* Makes @problem a reason to reject when it is the cab's fault. @what: unless the problem names it.
 */
static gboolean
blame_cab (Check *check, const char *what, GError *problem, GError **error)
{
  g_autoptr (GError) owned = problem;

  if (!qfu_cab_blames (problem)) {
    g_propagate_error (error, g_steal_pointer (&owned));
    return FALSE;
  }
  reject (check, "%s%s%s", what != NULL ? what : "", what != NULL ? ": " : "", problem->message);
  return TRUE;
}

/* An inexact cabinet is a reason; what is in it is still told. */
static gboolean
unpack (Check *check, const QfuUntrustedBlob *cab, GError **error)
{
  GError *problem = NULL;
  g_autoptr (GPtrArray) members = qfu_cab_members_exact (check->config, cab, &problem);

  if (members == NULL) {
    if (!blame_cab (check, NULL, g_steal_pointer (&problem), error))
      return FALSE;
    members = qfu_cab_members (check->config, cab, &problem);
  }
  if (members == NULL)
    return blame_cab (check, "it cannot be unpacked", problem, error);
  g_ptr_array_unref (check->items);
  check->items = qfu_cab_items_new (members);
  return TRUE;
}

/* The one item whose name ends with @suffix; %NULL when there is not exactly one, which is a reason
 * to reject. */
static QfuCabItem *
find_one (Check *check, const char *suffix, QfuCabRole role)
{
  guint count;
  QfuCabItem *found = qfu_cab_items_find_one (check->items, suffix, &count);

  if (found != NULL) {
    found->role = role;
    return found;
  }
  reject (check, count == 0 ? "it has no file *%s" : "it has several files *%s", suffix);
  return NULL;
}

static gboolean
check_signatures (Check *check, GError **error)
{
  GError *problem = NULL;
  g_autoptr (QfuJcat) jcat = qfu_jcat_read (check->config, check->jcat->blob, &problem);
  const QfuSignaturePolicy policy = {check->keys, QFU_SIGNATURE_VALID_WHEN_SIGNED, check->now};

  if (jcat == NULL)
    return blame_cab (check, check->jcat->name, problem, error);
  for (guint i = 0; i < check->items->len; i++) {
    QfuCabItem *item = g_ptr_array_index (check->items, i);

    if (item == check->jcat)
      continue;
    g_strfreev (item->checksums);
    item->checksums = qfu_jcat_stated (jcat, item->name);
    item->signature =
        qfu_signature_verify (check->config, jcat, item->name, item->blob, &policy, &problem);
    if (item->signature != NULL)
      continue;
    item->reason = g_strdup (problem->message);
    if (!blame_cab (check, NULL, g_steal_pointer (&problem), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_metainfo (Check *check, GError **error)
{
  const QfuUntrustedBlob *input = check->metainfo->blob;
  GError *problem = NULL;
  g_autoptr (GPtrArray) components = NULL;
  g_autoptr (QfuProcess) worker =
      qfu_worker_start (check->config, QFU_OP_METAINFO, NULL, &input, 1, error);

  if (worker == NULL)
    return FALSE;
  components = qfu_component_collect (worker, &problem);
  if (components == NULL)
    return blame_cab (check, check->metainfo->name, problem, error);
  if (components->len == 1)
    check->component = g_ptr_array_steal_index (components, 0);
  else
    reject (check, "%s: it does not describe one firmware", check->metainfo->name);
  return TRUE;
}

static const char *
payload_name (const QfuComponentRelease *release)
{
  return release->content_name != NULL ? release->content_name : USUAL_PAYLOAD;
}

/* Whether the payload is that of @release, too: then the signed metainfo leaves open which version
 * it is. */
static gboolean
claims_payload (const QfuComponentRelease *release, const QfuCabItem *payload)
{
  return release->has_content &&
         qfu_digest_equal (qfu_untrusted_blob_sha256 (payload->blob), &release->content);
}

/* The payload of the first release, which is the one that fwupd installs. */
static QfuCabItem *
find_payload (Check *check)
{
  const GPtrArray *releases = check->component->releases;
  const QfuComponentRelease *release;
  QfuCabItem *item;

  if (releases->len == 0) {
    reject (check, "the metainfo has no release");
    return NULL;
  }
  check->release = release = g_ptr_array_index (releases, 0);
  if (!release->has_content) {
    reject (check, "the metainfo does not state the SHA-256 of %s", payload_name (release));
    return NULL;
  }
  item = qfu_cab_items_find (check->items, payload_name (release));
  if (item == NULL) {
    reject (check, "%s, which the metainfo means, is not in it", payload_name (release));
    return NULL;
  }
  if (!claims_payload (release, item)) {
    reject (check, "%s is not the file that the metainfo was made for", item->name);
    return NULL;
  }
  for (guint i = 1; i < releases->len; i++) {
    const QfuComponentRelease *other = g_ptr_array_index (releases, i);

    if (!claims_payload (other, item))
      continue;
    reject (check, "the metainfo calls %s both %s and %s", item->name, release->version,
            other->version);
    return NULL;
  }
  return item;
}

static void
join (Check *check, const QfuCabItem *metainfo)
{
  QfuCabItem *payload = find_payload (check);
  g_autoptr (GError) problem = NULL;

  if (payload == NULL)
    return;
  if (payload == metainfo || payload == check->jcat) {
    reject (check, "%s cannot be the firmware", payload->name);
    return;
  }
  payload->role = QFU_CAB_ROLE_PAYLOAD;
  if (payload->signature == NULL) /* and there is a reason that says so */
    return;
  /* genuine files of two products, each with its own signature, make no genuine cab */
  if (!qfu_signature_same_signer (metainfo->signature, payload->signature)) {
    reject (check, "%s and %s are signed by different certificates", metainfo->name, payload->name);
    return;
  }
  if (!qfu_cab_manifest_find (check->items, payload, check->manifests, &problem)) {
    reject (check, "%s", problem->message);
    return;
  }
  check->content = g_new0 (QfuCabContent, 1);
  check->content->items = g_ptr_array_ref (check->items);
  check->content->component = g_steal_pointer (&check->component);
  check->content->release = check->release;
  check->content->metainfo = metainfo;
  check->content->payload = payload;
  memcpy (check->content->manifests, check->manifests, sizeof check->manifests);
}

/* What no signature covers and nothing needs. */
static void
check_rest (Check *check)
{
  g_autofree char *stem = NULL;
  g_autofree char *jcat = NULL;

  for (guint i = 0; i < check->items->len; i++) {
    const QfuCabItem *item = g_ptr_array_index (check->items, i);

    if (item->role == QFU_CAB_ROLE_EXTRA && check->release != NULL)
      reject (check, "%s is no part of the firmware", item->name);
  }
  if (check->jcat == NULL || check->metainfo == NULL)
    return;
  stem = g_strndup (check->metainfo->name,
                    strlen (check->metainfo->name) - strlen (QFU_CAB_METAINFO_SUFFIX));
  jcat = g_strconcat (stem, QFU_CAB_JCAT_SUFFIX, NULL);
  if (strcmp (check->jcat->name, USUAL_JCAT) != 0 && strcmp (check->jcat->name, jcat) != 0)
    reject (check, "%s is not called %s or %s", check->jcat->name, USUAL_JCAT, jcat);
}

static gboolean
run (Check *check, const QfuUntrustedBlob *cab, GError **error)
{
  const QfuCabItem *metainfo;

  if (!unpack (check, cab, error))
    return FALSE;
  if (check->items->len == 0)
    return TRUE;
  check->jcat = find_one (check, QFU_CAB_JCAT_SUFFIX, QFU_CAB_ROLE_JCAT);
  check->metainfo = find_one (check, QFU_CAB_METAINFO_SUFFIX, QFU_CAB_ROLE_METAINFO);
  if (check->jcat != NULL && !check_signatures (check, error))
    return FALSE;
  metainfo = check->metainfo;
  if (metainfo != NULL && metainfo->signature != NULL) {
    if (!read_metainfo (check, error))
      return FALSE;
    if (check->component != NULL)
      join (check, metainfo);
  }
  check_rest (check);
  return TRUE;
}

QfuCabReport *
qfu_cab_check (const QfuConfig *config,
               const QfuUntrustedBlob *cab,
               const char *keys_dir,
               gint64 now,
               GError **error)
{
  g_auto (Check) check = {.config = config, .now = now};
  QfuCabReport *report;

  check.items = g_ptr_array_new ();
  check.reasons = g_ptr_array_new_with_free_func (g_free);
  check.keys = qfu_keys_load (keys_dir, error);
  if (check.keys == NULL || !run (&check, cab, error))
    return NULL;
  /* nothing found wrong is not enough: an archive of no files has nothing wrong */
  if (check.content == NULL && check.reasons->len == 0)
    reject (&check, "it holds no firmware");
  report = g_new0 (QfuCabReport, 1);
  g_ptr_array_add (check.reasons, NULL);
  report->reasons = (char **)g_ptr_array_free (g_steal_pointer (&check.reasons), FALSE);
  report->items = g_steal_pointer (&check.items);
  report->release = check.release;
  report->content = g_steal_pointer (&check.content);
  report->owned_component = g_steal_pointer (&check.component);
  report->component =
      report->content != NULL ? report->content->component : report->owned_component;
  return report;
}
