/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-secrets.h"

#include "qfu-capture.h"
#include "qfu-error.h"
#include "qfu-print.h"

#include <string.h>

#define CRYPTSETUP_SECONDS 30
#define LUKS2_UUID "CRYPT-LUKS2-" /* how device mapper names an open LUKS2 volume */
#define AEM_FILE "key.pcrs"

typedef struct {
  const QfuConfig *config;
  GPtrArray *secrets;
} Search;

/* What cannot be read is not passed over: it may be what will not open. */
static void
add_unread (Search *search, QfuSecretKind kind, const char *name, const GError *problem)
{
  qfu_warn ("warning: %s: %s", name, problem->message);
  qfu_secrets_add_unread (search->secrets, kind, name, problem->message);
}

static void
read_aem (Search *search, const char *path, const char *name)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_load (path, QFU_AEM_SIZE_MAX, FALSE, &problem);

  if (blob == NULL || !qfu_secrets_read_aem (search->config, blob, name, search->secrets, &problem))
    add_unread (search, QFU_SECRET_AEM, name, problem);
}

static QfuUntrustedBlob *
dump_header (const QfuConfig *config, const char *device, GError **error)
{
  const char *const argv[] = {
      config->cryptsetup, "luksDump", "--dump-json-metadata", "--", device, NULL};

  return qfu_capture (argv, "cryptsetup", QFU_LUKS_SIZE_MAX, CRYPTSETUP_SECONDS, error);
}

/* A volume, or what cryptsetup printed of one. */
static void
read_luks (Search *search, const char *path)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuUntrustedBlob) header =
      g_str_has_suffix (path, ".json")
          ? qfu_untrusted_blob_load (path, QFU_LUKS_SIZE_MAX, FALSE, &problem)
          : dump_header (search->config, path, &problem);

  if (header == NULL ||
      !qfu_secrets_read_luks (search->config, header, path, search->secrets, &problem))
    add_unread (search, QFU_SECRET_VOLUME, path, problem);
}

/* Whether a folder holds what Anti Evil Maid sealed for a TPM 1.2, which has no key.pcrs. */
static gboolean
has_sealed (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    if (g_str_has_prefix (name, "secret.") && g_str_has_suffix (name, ".sealed"))
      return TRUE;
  }
  return FALSE;
}

static void
find_label (Search *search, const char *folder, const char *label)
{
  g_autofree char *place = g_build_filename (folder, label, NULL);
  g_autofree char *file = g_build_filename (place, AEM_FILE, NULL);

  if (!g_file_test (place, G_FILE_TEST_IS_DIR))
    return;
  if (g_file_test (file, G_FILE_TEST_EXISTS))
    read_aem (search, file, label);
  else if (has_sealed (place))
    qfu_secrets_add_unread (search->secrets, QFU_SECRET_AEM, label,
                            "it was sealed by a TPM 1.2, which tells no PCRs; SEAL in "
                            "/etc/anti-evil-maid.conf does");
}

/* A machine without Anti Evil Maid has no such folder. */
static void
find_labels (Search *search, const char *folder)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &problem);
  const char *label;

  if (dir == NULL && !g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    add_unread (search, QFU_SECRET_AEM, folder, problem);
  while (dir != NULL && (label = g_dir_read_name (dir)) != NULL)
    find_label (search, folder, label);
}

/* The devices under an open LUKS2 volume. */
static void
read_mapping (Search *search, const char *mapping)
{
  g_autofree char *uuid_file = g_build_filename (mapping, "dm", "uuid", NULL);
  g_autofree char *slaves = g_build_filename (mapping, "slaves", NULL);
  g_autofree char *uuid = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_get_contents (uuid_file, &uuid, NULL, NULL) || !g_str_has_prefix (uuid, LUKS2_UUID))
    return;
  dir = g_dir_open (slaves, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *device = g_build_filename ("/dev", name, NULL);

    read_luks (search, g_strdelimit (device, "!", '/'));
  }
}

static void
find_volumes (Search *search)
{
  g_autoptr (GDir) dir = g_dir_open (search->config->block_devices, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *mapping = g_build_filename (search->config->block_devices, name, NULL);

    read_mapping (search, mapping);
  }
}

static gboolean
in_boot (const QfuConfig *config, const char *name)
{
  g_autofree char *path = g_build_filename (config->boot, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
find_heads (Search *search)
{
  const QfuConfig *config = search->config;
  gboolean disk_key = in_boot (config, "kexec_key_devices.txt") ||
                      in_boot (config, "kexec_key_lvm.txt") ||
                      config->secrets_heads == QFU_HEADS_YES;

  if (config->secrets_heads == QFU_HEADS_YES ||
      (config->secrets_heads == QFU_HEADS_AUTO && (disk_key || in_boot (config, "kexec.sig"))))
    qfu_secrets_add_heads (search->secrets, disk_key);
}

static void
find_here (Search *search)
{
  const QfuConfig *config = search->config;

  for (gsize i = 0; config->secrets_aem[i] != NULL; i++)
    find_labels (search, config->secrets_aem[i]);
  for (gsize i = 0; config->secrets_luks[i] != NULL; i++)
    read_luks (search, config->secrets_luks[i]);
  if (config->secrets_luks[0] == NULL)
    find_volumes (search);
  find_heads (search);
}

GPtrArray *
qfu_secrets_find (const QfuConfig *config, const QfuOptions *options)
{
  Search search = {.config = config};

  if (options->secrets == NULL &&
      (options->old_rom != NULL || options->event_logs != NULL || options->pcrs != NULL))
    return NULL;
  search.secrets = qfu_secrets_new ();
  if (options->secrets == NULL)
    find_here (&search);
  for (gsize i = 0; options->secrets != NULL && options->secrets[i] != NULL; i++) {
    if (g_str_has_suffix (options->secrets[i], ".pcrs"))
      read_aem (&search, options->secrets[i], options->secrets[i]);
    else
      read_luks (&search, options->secrets[i]);
  }
  return search.secrets;
}
