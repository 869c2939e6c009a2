/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-obtain.h"

#include "qfu-fetch.h"
#include "qfu-print.h"
#include "qfu-progress.h"

static QfuUntrustedBlob *
cab_bytes (QfuInventory *inventory,
           const QfuOptions *options,
           const QfuOffer *offer,
           GError **error)
{
  const QfuComponentRelease *data = qfu_release_data (offer->release);
  g_autofree char *file = NULL;
  QfuFetch wanted = {.kind = QFU_FETCH_CAB, .maximum = data->size, .sha256 = &data->sha256};
  g_autofree char *url = NULL;
  g_autoptr (QfuProgress) progress = qfu_progress_new (options, "fetching", QFU_PROGRESS_BYTES);

  if (!qfu_offer_file (offer, &file, error))
    return NULL;
  if (file != NULL)
    return qfu_untrusted_blob_load (file, data->size, FALSE, error);
  url = qfu_offer_url (offer, error);
  if (url == NULL || !qfu_inventory_route (inventory, options, error))
    return NULL;
  wanted.url = url;
  wanted.route = inventory->route;
  return qfu_fetch_cab (inventory->config, &wanted, qfu_progress_on_bytes, progress, error);
}

QfuCargo *
qfu_obtain (QfuInventory *inventory,
            const QfuOptions *options,
            const QfuOffer *offer,
            GError **error)
{
  const QfuConfig *config = inventory->config;
  g_autoptr (QfuUntrustedBlob) blob = cab_bytes (inventory, options, offer, error);
  g_autoptr (QfuCargo) cargo = NULL;
  g_autofree char *size = NULL;
  QfuVerifiedCab *cab;

  if (blob == NULL)
    return NULL;
  cab = qfu_cab_verify (blob, offer->release, error);
  if (cab == NULL)
    return NULL;
  (void)g_steal_pointer (&blob);
  cargo = qfu_cargo_of_verified (cab, offer->release,
                                 qfu_config_remote (config, offer->source->remote).firmware_keys);
  /* also for those that fwupd unpacks by itself: it believes what the cab says of itself */
  if (qfu_cargo_payload (cargo, config, error) == NULL)
    return NULL;
  size = g_format_size (qfu_untrusted_blob_size (qfu_cargo_cab (cargo)));
  qfu_say (options, "  cab verified: %s, SHA-256, payload and version as in the signed metadata",
           size);
  return g_steal_pointer (&cargo);
}
