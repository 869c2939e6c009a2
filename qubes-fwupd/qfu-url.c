/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-url.h"

#include "qfu-error.h"

#include <string.h>

#define SCHEME "https://"

static const char *
url_fault (const char *url)
{
  gsize length = strnlen (url, QFU_URL_MAX + 1);
  const char *host = url + strlen (SCHEME);

  if (length > QFU_URL_MAX)
    return "it is longer than 2048 bytes";
  if (!g_str_has_prefix (url, SCHEME))
    return "only https:// is allowed";
  for (gsize i = 0; i < length; i++) {
    if (url[i] <= 0x20 || url[i] >= 0x7f || strchr ("\"<>\\^`{|}", url[i]) != NULL)
      return "it holds a byte that an address cannot hold";
  }
  if (strchr (url, '#') != NULL)
    return "a fragment is not allowed";
  if (memchr (host, '@', strcspn (host, "/?")) != NULL)
    return "user information is not allowed";
  if (strcspn (host, "/?:") == 0)
    return "there is no host in it";
  return NULL;
}

gboolean
qfu_url_check (const char *url, GError **error)
{
  const char *fault = url_fault (url);

  if (fault != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "this address cannot be used: %s", fault);
  return fault == NULL;
}
