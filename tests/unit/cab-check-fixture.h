/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-check.h"
#include "signed.h"
#include "testconfig.h"

/* An authority that counts for firmware, and a leaf of it. */
typedef struct {
  char *directory;
  char *keys;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
} CheckFixture;

void check_set_up (CheckFixture *fixture, gconstpointer user);
void check_tear_down (CheckFixture *fixture, gconstpointer user);
/* (transfer full): what is found in a cab now. */
QfuCabReport *check_blob (const CheckFixture *fixture, const QfuUntrustedBlob *blob);
