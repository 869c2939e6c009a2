/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* install: a cab at hand or at an address, which verified metadata names, or a person answers for;
 * or a version of what the metadata has for a device. */

#include "qfu-clock.h"
#include "qfu-domain-show.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-install-local.h"
#include "qfu-limits.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-update.h"
#include "qfu-url.h"
#include "qfu-verb-version.h"
#include "qfu-verbs.h"

#include <string.h>

/* A device, and the release of metadata that is for it. */
typedef struct {
  QfuOffer offer;
  const QfuDevice *device;
} Found;

/* The release with that digest among those of one source for one device. */
static gboolean
find_release (const QfuSource *source,
              const QfuDevice *device,
              const QfuPolicy *policy,
              const QfuDigest *sha256,
              QfuOffer *offer,
              GError **error)
{
  g_autoptr (GPtrArray) candidates = qfu_catalog_releases (source->catalog, device, policy);

  for (guint i = 0; i < candidates->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (candidates, i);
    const QfuComponentRelease *data = qfu_release_data (candidate->release);

    if (!data->has_sha256 || !qfu_digest_equal (&data->sha256, sha256))
      continue;
    if (candidate->reason != NULL) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s", device->name, candidate->reason);
      return FALSE;
    }
    offer->source = source;
    offer->release = candidate->release;
    return TRUE;
  }
  return TRUE;
}

/* Which device the cab is for, and what the metadata calls it; no device when none names it. What
 * one remote may not offer, another may; but what one domain's device does not take, another's gets
 * only when a person names it. */
static gboolean
find_offer (QfuInventory *inventory,
            const GPtrArray *devices,
            const QfuOptions *options,
            const QfuDigest *sha256,
            Found *found,
            GError **error)
{
  guint n_sources = inventory->sources->len;
  const QfuDevice *refused = NULL;
  g_autoptr (GError) refusal = NULL;

  for (guint i = 0; i < devices->len * n_sources; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i / n_sources);
    const QfuSource *source = g_ptr_array_index (inventory->sources, i % n_sources);
    const QfuPolicy policy = qfu_inventory_policy (inventory, options, device, source);
    g_autoptr (GError) local = NULL;

    if (refusal != NULL && g_strcmp0 (device->domain, refused->domain) != 0)
      break;
    if (!find_release (source, device, &policy, sha256, &found->offer, &local)) {
      if (refusal == NULL) {
        refusal = g_steal_pointer (&local);
        refused = device;
      }
      continue;
    }
    if (found->offer.release == NULL)
      continue;
    found->device = device;
    return TRUE;
  }
  if (refusal == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refusal));
  return FALSE;
}

/* A cab that brings its own signatures may come before any metadata. @device: (nullable) */
static QfuInventory *
load_inventory (const QfuConfig *config,
                const QfuOptions *options,
                const char *device,
                gint64 now,
                GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuInventory) inventory = qfu_inventory_load_domains (config, device, now, &problem);

  if (inventory != NULL)
    return qfu_inventory_check_fresh (inventory, options, error) ? g_steal_pointer (&inventory)
                                                                 : NULL;
  if (options->local && g_error_matches (problem, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return qfu_inventory_machine (config, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

static gboolean
install_file (QfuInventory *inventory,
              const QfuOptions *options,
              const QfuLocalCab *cab,
              JsonBuilder *builder,
              GError **error)
{
  Found found = {.offer = {.file = cab->file}};
  g_autoptr (GPtrArray) devices = qfu_inventory_select (inventory, options->device, error);

  if (devices == NULL || !find_offer (inventory, devices, options,
                                      qfu_untrusted_blob_sha256 (cab->blob), &found, error))
    return FALSE;
  if (found.device != NULL)
    return qfu_update_run (inventory, options, found.device, &found.offer, builder, error);
  if (options->local)
    return qfu_install_local (inventory, options, devices, cab, builder, error);
  qfu_domains_warn (options, inventory->domains, inventory->domains_problem);
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "%s is not a cab that verified metadata names for a device of this machine; "
               "`qubes-fwupdmgr refresh` may bring newer metadata, `qubes-fwupdmgr verify` says "
               "what is in the file, and --local lets a person install what it signs",
               cab->file);
  return FALSE;
}

/* The address says where it is, the digest which it is. */
static gboolean
install_url (QfuInventory *inventory,
             const QfuOptions *options,
             const QfuDigest *sha256,
             JsonBuilder *builder,
             GError **error)
{
  Found found = {.offer = {.url = options->url}};
  g_autoptr (GPtrArray) devices = qfu_inventory_select (inventory, options->device, error);

  if (devices == NULL || !find_offer (inventory, devices, options, sha256, &found, error))
    return FALSE;
  if (found.device != NULL)
    return qfu_update_run (inventory, options, found.device, &found.offer, builder, error);
  qfu_domains_warn (options, inventory->domains, inventory->domains_problem);
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "verified metadata names no cab with SHA-256 %s for a device of this machine; "
               "`qubes-fwupdmgr refresh` may bring newer metadata. A file that you have brought "
               "here yourself takes `qubes-fwupdmgr install --local FILE.cab`",
               options->sha);
  return FALSE;
}

/* What to install, as the command line says. */
typedef struct {
  QfuLocalCab cab;     /* @file when it is one */
  const char *device;  /* (nullable) */
  const char *version; /* (nullable) */
  QfuDigest sha256;    /* of what lies at --url */
} Wanted;

/* A name that a shell completed, or that looks like a file; else a device is meant. */
static gboolean
is_file (const QfuOptions *options, const char *word)
{
  return options->local || strchr (word, '/') != NULL || g_str_has_suffix (word, ".cab") ||
         g_file_test (word, G_FILE_TEST_EXISTS);
}

static gboolean
parse_url (const QfuOptions *options, Wanted *wanted, GError **error)
{
  if (options->url == NULL || options->sha == NULL || options->arguments[0] != NULL ||
      options->local)
    return qfu_error_set (error, QFU_ERROR_USAGE,
                          "--url and --sha need one another, and say all: no file, no DEVICE, no "
                          "--local; --device may say what it is for");
  if (!qfu_url_check (options->url, error))
    return FALSE;
  if (qfu_digest_from_hex (&wanted->sha256, QFU_HASH_SHA256, options->sha))
    return TRUE;
  return qfu_error_set (error, QFU_ERROR_USAGE,
                        "--sha takes a SHA-256: 64 hexadecimal digits, as `qubes-fwupdmgr "
                        "get-releases --json` has them");
}

static gboolean
parse (const QfuOptions *options, Wanted *wanted, GError **error)
{
  const char *first = options->arguments[0];
  const char *second = first == NULL ? NULL : options->arguments[1];

  if (options->url != NULL || options->sha != NULL)
    return parse_url (options, wanted, error);
  if (first == NULL && (options->device == NULL || options->local))
    return qfu_error_set (error, QFU_ERROR_USAGE,
                          "install needs the path of a cab, a device of `qubes-fwupdmgr "
                          "get-devices`, or --url and --sha");
  if (first != NULL && second == NULL && is_file (options, first)) {
    wanted->cab.file = first;
    return TRUE;
  }
  if (options->local || (options->device != NULL && second != NULL))
    return qfu_error_set (error, QFU_ERROR_USAGE,
                          "install takes one cab, or a device and perhaps a version of it");
  wanted->device = options->device != NULL ? options->device : first;
  wanted->version = options->device != NULL ? first : second;
  return TRUE;
}

static gboolean
install (QfuInventory *inventory,
         const QfuOptions *options,
         const Wanted *wanted,
         JsonBuilder *builder,
         GError **error)
{
  if (wanted->cab.file != NULL)
    return install_file (inventory, options, &wanted->cab, builder, error);
  if (wanted->device != NULL)
    return qfu_install_version (inventory, options, wanted->device, wanted->version, builder,
                                error);
  return install_url (inventory, options, &wanted->sha256, builder, error);
}

gboolean
qfu_verb_install (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  Wanted wanted = {.device = NULL};
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (QfuInventory) inventory = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!parse (options, &wanted, error) || !qfu_lock_take (config, options, &lock, error) ||
      !qfu_recovery_before (config, options, error) ||
      !qfu_clock_start (config, &wanted.cab.now, error))
    return FALSE;
  if (wanted.cab.file != NULL) {
    wanted.cab.blob = blob =
        qfu_untrusted_blob_load (wanted.cab.file, QFU_CAB_SIZE_MAX, FALSE, error);
    if (blob == NULL)
      return FALSE;
  }
  inventory =
      load_inventory (config, options, wanted.device != NULL ? wanted.device : options->device,
                      wanted.cab.now, error);
  if (inventory == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "updated");
  json_builder_begin_array (builder);
  if (!install (inventory, options, &wanted, builder, error))
    return FALSE;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  return TRUE;
}
