/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-tpm-sysfs.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FIRST_TPM "/sys/class/tpm/tpm0"
#define FILE_BYTES 4096 /* sysfs gives a page at most; PCRs of a TPM 1.2 take 1700 bytes */

char *
qfu_tpm_sysfs_where (const char *tcti, const char *device)
{
  if (tcti != NULL && *tcti != '\0')
    return g_strdup (tcti);
  return access (device, R_OK | W_OK) == 0 ? g_strdup_printf ("device:%s", device)
                                           : g_strdup (QFU_TPM_SYSFS FIRST_TPM);
}

/* Reads the file at @path into @text; a missing file is an empty one. */
static gboolean
read_file (const char *path, char text[FILE_BYTES + 1], GError **error)
{
  g_auto (QfuFd) fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gssize n = fd < 0 ? 0 : read (fd, text, FILE_BYTES);

  if ((fd < 0 && errno != ENOENT && errno != ENOTDIR) || n < 0)
    return qfu_error_errno (error, errno, "%s cannot be read", path);
  text[n] = '\0';
  return TRUE;
}

/* Puts a value of hexadecimal digits, with spaces between them or not. */
static gboolean
put (QfuPcrSet *values, guint hash, guint pcr, const char *text)
{
  g_autoptr (GString) hex = g_string_new ("");
  QfuDigest digest;

  for (const char *p = text; *p != '\0'; p++) {
    if (!g_ascii_isspace (*p))
      g_string_append_c (hex, *p);
  }
  return qfu_digest_from_hex (&digest, hash, hex->str) && qfu_pcr_set_put (values, pcr, &digest);
}

static gboolean
refuse (const char *path, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s holds no PCR", path);
  return FALSE;
}

static gboolean
read_bank (const char *folder, guint hash, QfuPcrSet *values, guint *found, GError **error)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    g_autofree char *path = g_strdup_printf ("%s/pcr-%s/%u", folder, qfu_hash_name (hash), pcr);
    char text[FILE_BYTES + 1];

    if (!read_file (path, text, error))
      return FALSE;
    if (*text == '\0')
      continue;
    if (!put (values, hash, pcr, text))
      return refuse (path, error);
    (*found)++;
  }
  return TRUE;
}

/* Lines of `PCR-00: 3A 3F 78 …`, of a TPM 1.2. */
static gboolean
read_lines (const char *folder, const char *name, QfuPcrSet *values, guint *found, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char text[FILE_BYTES + 1];
  g_auto (GStrv) lines = NULL;

  if (!read_file (path, text, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++) {
    char *colon = strchr (lines[i], ':');
    guint64 pcr;

    if (*g_strstrip (lines[i]) == '\0')
      continue;
    if (colon == NULL || !g_str_has_prefix (lines[i], "PCR-"))
      return refuse (path, error);
    *colon++ = '\0';
    if (!g_ascii_string_to_unsigned (lines[i] + strlen ("PCR-"), 10, 0, QFU_PCR_COUNT - 1, &pcr,
                                     NULL) ||
        !put (values, QFU_HASH_SHA1, (guint)pcr, colon))
      return refuse (path, error);
    (*found)++;
  }
  return TRUE;
}

gboolean
qfu_tpm_sysfs_read (const char *folder, QfuPcrSet *values, GError **error)
{
  static const char *const listings[] = {"pcrs", "device/pcrs"};
  guint found = 0;

  qfu_pcr_set_clear (values);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (!read_bank (folder, qfu_bank_hash (bank), values, &found, error))
      return FALSE;
  }
  for (gsize i = 0; found == 0 && i < G_N_ELEMENTS (listings); i++) {
    if (!read_lines (folder, listings[i], values, &found, error))
      return FALSE;
  }
  if (found > 0)
    return TRUE;
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
      g_file_test (folder, G_FILE_TEST_IS_DIR)
          ? "%s shows no PCRs: Linux before 5.12 shows those of a TPM 1.2 alone; "
            "[MeasuredBoot] Tcti=device:/dev/tpmrm0 asks the TPM itself"
          : "there is no TPM at %s: it is missing, switched off in the firmware's setup, or "
            "its driver is not loaded",
      folder);
  return FALSE;
}
