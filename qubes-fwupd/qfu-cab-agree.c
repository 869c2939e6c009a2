/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-agree.h"

#include "qfu-cab-members.h"
#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-version.h"
#include "qfu-worker.h"

#include <string.h>

static gboolean
is_number (const char *version)
{
  gboolean hex = g_str_has_prefix (version, "0x");
  const char *digits = hex ? version + 2 : version;

  return *digits != '\0' &&
         strspn (digits, hex ? "0123456789abcdefABCDEF" : "0123456789") == strlen (digits);
}

static gboolean
versions_agree (const char *in_cab, const char *in_metadata, const char *format)
{
  return strcmp (in_cab, in_metadata) == 0 ||
         qfu_version_compare (in_cab, in_metadata, format) == 0 ||
         (is_number (in_cab) && !is_number (in_metadata));
}

/* What @component, of the cab, has against being @release; fwupd takes its first release. */
static gboolean
component_agrees (const QfuComponent *component, const QfuRelease *release, GError **error)
{
  const QfuComponent *expected = qfu_release_component (release);
  const QfuComponentRelease *first =
      component->releases->len == 0 ? NULL : g_ptr_array_index (component->releases, 0);

  if (!qfu_fit_guids (component, (const char *const *)expected->guids)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the metadata names it for %s, but it is for other devices", expected->id);
    return FALSE;
  }
  if (first != NULL &&
      versions_agree (first->version, qfu_release_version (release), expected->version_format))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "the metadata calls it version %s, but it is %s", qfu_release_version (release),
               first == NULL ? "of none" : first->version);
  return FALSE;
}

static gboolean
metainfo_agrees (const QfuConfig *config,
                 const QfuUntrustedBlob *metainfo,
                 const QfuRelease *release,
                 GError **error)
{
  g_autoptr (QfuProcess) worker =
      qfu_worker_start (config, QFU_OP_METAINFO, NULL, &metainfo, 1, error);
  g_autoptr (GPtrArray) components = worker == NULL ? NULL : qfu_component_collect (worker, error);

  if (components == NULL)
    return FALSE;
  for (guint i = 0; i < components->len; i++) {
    g_clear_error (error);
    if (component_agrees (g_ptr_array_index (components, i), release, error))
      return TRUE;
  }
  if (components->len == 0)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH, "it describes no firmware");
  return FALSE;
}

/* A cab may bring firmware for several parts of a device, each with a metainfo file. */
gboolean
qfu_cab_agree (const QfuConfig *config,
               const GPtrArray *members,
               const QfuRelease *release,
               GError **error)
{
  g_autoptr (GError) reason = NULL;

  for (guint i = 0; i < members->len; i++) {
    const QfuCabMember *member = g_ptr_array_index (members, i);

    if (!g_str_has_suffix (member->name, QFU_CAB_METAINFO_SUFFIX))
      continue;
    g_clear_error (&reason);
    if (metainfo_agrees (config, member->blob, release, &reason))
      return TRUE;
    g_prefix_error (&reason, "%s: ", member->name);
  }
  if (reason == NULL)
    g_set_error_literal (&reason, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the cab has no metainfo file, which fwupd needs");
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}
