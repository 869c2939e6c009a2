/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-limits.h"

/**
 * qfu_keys_load:
 * @directory: holds the certificates of authorities, PEM, in files *.pem and *.crt
 * @error: #QFU_ERROR_NOT_FOUND naming @directory when there is none in it; #QFU_ERROR_LIMIT;
 * #QFU_ERROR_FORMAT naming a file without a PEM certificate
 *
 * Joins the certificates in the order of the file names, for the worker op `signature`, which can
 * open no file.
 *
 * Trust: whoever may write to @directory says whose signatures count.
 */
QfuUntrustedBlob *qfu_keys_load (const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
