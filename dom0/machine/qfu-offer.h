/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-sources.h"

/**
 * QfuOffer:
 * @source: whose metadata names it
 * @release: the release, owned by the source's catalogue
 * @file: (nullable): its cab when it is at hand; %NULL: the UpdateVM fetches it
 * @url: (nullable): where it is instead of where the metadata says
 */
typedef struct {
  const QfuSource *source;
  const QfuRelease *release;
  const char *file;
  const char *url;
} QfuOffer;

/* (transfer full): where the cab of @offer is to be fetched; a relative location lies beside the
 * metadata, any of a remote with a folder for its cabs in that. */
char *qfu_offer_url (const QfuOffer *offer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * qfu_offer_file:
 * @file: (out) (transfer full) (nullable): path of the cab when it is at hand; %NULL: it has to be
 * fetched
 * @error: #QFU_ERROR_FORMAT: metadata that are a file of this machine place it elsewhere
 */
gboolean
qfu_offer_file (const QfuOffer *offer, char **file, GError **error) G_GNUC_WARN_UNUSED_RESULT;
