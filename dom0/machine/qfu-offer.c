/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-offer.h"

#include "qfu-error.h"

#include <string.h>

static const char *
offer_location (const QfuOffer *offer, GError **error)
{
  const char *location = qfu_release_data (offer->release)->location;

  if (location == NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
                 "the metadata of remote %s does not say where the cab of version %s is",
                 offer->source->remote, qfu_release_version (offer->release));
  return location;
}

/* A path below a folder, and none that leads out of it. */
static gboolean
is_below (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (gsize i = 0; parts[i] != NULL; i++) {
    if (parts[i][0] == '\0' || parts[i][0] == '.')
      return FALSE;
  }
  return parts[0] != NULL;
}

gboolean
qfu_offer_file (const QfuOffer *offer, char **file, GError **error)
{
  const char *folder = offer->source->folder;
  const char *location;

  *file = g_strdup (offer->file);
  if (offer->file != NULL || offer->url != NULL || folder == NULL)
    return TRUE;
  location = offer_location (offer, error);
  if (location == NULL)
    return FALSE;
  if (g_str_has_prefix (location, "https://"))
    return TRUE;
  if (!is_below (location)) {
    g_set_error (
        error, QFU_ERROR, QFU_ERROR_FORMAT,
        "the metadata of remote %s places the cab of version %s neither below %s nor at an "
        "https address",
        offer->source->remote, qfu_release_version (offer->release), folder);
    return FALSE;
  }
  *file = g_build_filename (folder, location, NULL);
  return TRUE;
}

char *
qfu_offer_url (const QfuOffer *offer, GError **error)
{
  const char *location;
  const char *base = offer->source->url;
  const char *slash;

  if (offer->url != NULL)
    return g_strdup (offer->url);
  location = offer_location (offer, error);
  if (location == NULL)
    return NULL;
  slash = strrchr (location, '/');
  if (offer->source->base_url != NULL)
    return g_build_path ("/", offer->source->base_url, slash == NULL ? location : slash + 1, NULL);
  if (strstr (location, "://") != NULL)
    return g_strdup (location);
  return g_strdup_printf ("%.*s/%s", (int)(strrchr (base, '/') - base), base, location);
}
