/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fwupd-client.h"

#include "qfu-error.h"

#include <string.h>

/* fwupd's refusals by the words that our callers use; all others are refusals. */
static const struct {
  int theirs;
  int ours;
} error_codes[] = {
    {FWUPD_ERROR_NOTHING_TO_DO, QFU_ERROR_NOTHING},
    {FWUPD_ERROR_VERSION_SAME, QFU_ERROR_NOTHING},
    {FWUPD_ERROR_SIGNATURE_INVALID, QFU_ERROR_SIGNATURE},
    {FWUPD_ERROR_NOT_FOUND, QFU_ERROR_NOT_FOUND},
    {FWUPD_ERROR_TIMED_OUT, QFU_ERROR_UNREACHABLE},
};

static int
error_code (const GError *problem)
{
  if (problem->domain != FWUPD_ERROR)
    return QFU_ERROR_UNREACHABLE;
  for (gsize i = 0; i < G_N_ELEMENTS (error_codes); i++) {
    if (error_codes[i].theirs == problem->code)
      return error_codes[i].ours;
  }
  return QFU_ERROR_REFUSED;
}

/* fwupd's own words, without its advice to switch the check of signatures off. */
static char *
their_words (const char *text)
{
  const char *advice = strstr (text, "; set OnlyTrusted");

  return advice == NULL ? g_strdup (text) : g_strndup (text, (gsize)(advice - text));
}

gboolean
qfu_fwupd_fail (GError **error, const char *what, const GError *problem)
{
  int code = error_code (problem);
  g_autofree char *words = their_words (problem->message);

  if (code == QFU_ERROR_UNREACHABLE)
    g_set_error (error, QFU_ERROR, code,
                 "%s: fwupd does not answer (%s); `systemctl status fwupd` says whether it runs",
                 what, words);
  else
    g_set_error (error, QFU_ERROR, code, "%s failed, fwupd says: %s", what, words);
  return FALSE;
}

FwupdClient *
qfu_fwupd_connect (const char *what, GError **error)
{
  g_autoptr (FwupdClient) client = fwupd_client_new ();
  g_autoptr (GError) local = NULL;

  if (fwupd_client_connect (client, NULL, &local))
    return g_steal_pointer (&client);
  qfu_fwupd_fail (error, what, local);
  return NULL;
}
