/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "image.h"
#include "qfu-manifest-make.h"
#include "testconfig.h"

#define MANIFEST_CONFIG "CONFIG_TPM_MEASURED_BOOT=y\nCONFIG_TPM_HASH_SHA256=y\n"

/* An image that boots, and the manifest that is made of that boot. */
typedef struct {
  char *directory;
  QfuConfig *config;
  QfuUntrustedBlob *image;
  QfuRom *rom;
  QfuEventLog *log;
  QfuReplay *replay;
  QfuPrediction *prediction;
  QfuManifest *manifest;
  GPtrArray *findings; /* of the making */
} ManifestFixture;

void manifest_set_up (ManifestFixture *f, gconstpointer user);
void manifest_tear_down (ManifestFixture *f, gconstpointer user);
/* (transfer full): reads the map of @image. */
QfuRom *manifest_rom (const ManifestFixture *f, const QfuUntrustedBlob *image);
/* (transfer full): the forecast for @image after the fixture's boot. */
QfuPrediction *manifest_predict (const ManifestFixture *f, const QfuUntrustedBlob *image);
/* (transfer full): image_usual() with this romstage. */
QfuUntrustedBlob *manifest_image (const char *romstage);
