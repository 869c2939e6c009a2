/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-requirement.h"

#include "qfu-version.h"

#include <string.h>
#include <sys/utsname.h>

static gboolean no (char **reason, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
no (char **reason, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  *reason = g_strdup_vprintf (format, args);
  va_end (args);
  return FALSE;
}

static const char *
or_none (const char *text)
{
  return text == NULL ? "(none)" : text;
}

/* @version as the requirement wants it; @what names it for people. */
static gboolean
version_holds (const QfuRequirement *requirement,
               const char *version,
               const char *format,
               const char *what,
               char **reason)
{
  gboolean holds;

  if (version == NULL)
    return no (reason, "it needs a certain version of %s, which is not known", what);
  if (requirement->compare == NULL || requirement->version == NULL ||
      !qfu_version_matches (version, requirement->compare, requirement->version, format, &holds))
    return no (reason, "it compares the version of %s in a way that is not understood", what);
  return holds || no (reason, "it needs %s %s %s, and this is %s", what, requirement->compare,
                      requirement->version, version);
}

static gboolean
id_holds (const QfuRequirement *requirement,
          const QfuDevice *device,
          const QfuPolicy *policy,
          char **reason)
{
  struct utsname kernel;

  /* the one that the daemon runs on, too; that of a USB qube is for its own fwupd to look at */
  if (g_strcmp0 (requirement->value, "org.kernel") == 0 && device->domain != NULL)
    return TRUE;
  if (g_strcmp0 (requirement->value, "org.kernel") == 0 && uname (&kernel) == 0)
    return version_holds (requirement, kernel.release, NULL, "the kernel", reason);
  if (g_strcmp0 (requirement->value, "org.freedesktop.fwupd") != 0)
    return no (reason, "it needs %s, of which nothing is known here", or_none (requirement->value));
  return version_holds (requirement, policy->fwupd_version, NULL, "fwupd", reason);
}

/* A device has several vendor ids: that one of them is not a certain one, or comes later in the
 * alphabet, says nothing. */
static gboolean
vendor_id_holds (const QfuRequirement *requirement, const QfuDevice *device, char **reason)
{
  if (g_strcmp0 (requirement->compare, "eq") != 0 && g_strcmp0 (requirement->compare, "glob") != 0)
    return no (reason, "it compares the vendor id in a way that is not understood: %s",
               or_none (requirement->compare));
  for (gsize i = 0; device->vendor_ids[i] != NULL; i++) {
    g_autofree char *unused = NULL;

    if (version_holds (requirement, device->vendor_ids[i], "plain", "the vendor id", &unused))
      return TRUE;
  }
  return no (reason, "it is for the vendor id %s, which the device does not have",
             or_none (requirement->version));
}

/* Features of a client of fwupd, all of which the release needs. We show the branch of a firmware
 * and never leave it, which is all that switch-branch asks for. The agent in a USB qube says what
 * somebody has to do at the device. */
static gboolean
client_holds (const QfuRequirement *requirement, const QfuDevice *device, char **reason)
{
  static const char *const own[] = {"switch-branch", NULL};
  static const char *const of_agent[] = {"switch-branch", "detach-action",        "update-action",
                                         "requests",      "requests-non-generic", NULL};
  const char *const *known = device->domain == NULL ? own : of_agent;
  g_auto (GStrv) features = g_strsplit (or_none (requirement->value), "|", -1);
  gboolean holds = features[0] != NULL;

  for (gsize i = 0; features[i] != NULL; i++)
    holds = holds && g_strv_contains (known, features[i]);
  return holds || no (reason, "it needs the client to support %s", or_none (requirement->value));
}

static gboolean
is_this_machine (const QfuRequirement *requirement, const QfuPolicy *policy)
{
  g_auto (GStrv) guids = g_strsplit (requirement->value, "|", -1);

  for (gsize i = 0; guids[i] != NULL; i++) {
    g_autofree char *guid = g_ascii_strdown (g_strstrip (guids[i]), -1);

    if (g_strv_contains (policy->hardware, guid))
      return TRUE;
  }
  return FALSE;
}

static gboolean
hardware_holds (const QfuRequirement *requirement,
                const QfuPolicy *policy,
                gboolean wanted,
                char **reason)
{
  if (policy->hardware == NULL || requirement->value == NULL)
    return no (reason, "it is for certain machines, and what this one is, is not known");
  if (is_this_machine (requirement, policy) == wanted)
    return TRUE;
  return no (reason, wanted ? "it is for other hardware" : "it is not for this hardware");
}

gboolean
qfu_requirement_holds (const QfuRequirement *requirement,
                       const QfuDevice *device,
                       const QfuPolicy *policy,
                       char **reason)
{
  *reason = NULL;
  switch (requirement->kind) {
  case QFU_REQUIREMENT_ID:
    return id_holds (requirement, device, policy, reason);
  case QFU_REQUIREMENT_FIRMWARE:
    return version_holds (requirement, device->version, device->version_format,
                          "the present firmware", reason);
  case QFU_REQUIREMENT_VENDOR_ID:
    return vendor_id_holds (requirement, device, reason);
  case QFU_REQUIREMENT_HARDWARE:
    return hardware_holds (requirement, policy, TRUE, reason);
  case QFU_REQUIREMENT_NOT_HARDWARE:
    return hardware_holds (requirement, policy, FALSE, reason);
  case QFU_REQUIREMENT_CLIENT:
    return client_holds (requirement, device, reason);
  case QFU_REQUIREMENT_PHASED:
    return TRUE;
  case QFU_REQUIREMENT_UNKNOWN:
    break;
  }
  return no (reason, "it has a requirement that is not understood: %s",
             or_none (requirement->value));
}
