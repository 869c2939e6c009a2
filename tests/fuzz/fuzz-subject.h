/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

#define FUZZ_SUBJECT_SIZE 65536
/* Its free space. */
#define FUZZ_SUBJECT_UNUSED 4648
#define FUZZ_SUBJECT_UNUSED_SIZE 9000

/* (transfer full): what the claims of workers are about: a chip of Intel's with descriptor, flash
 * map and free space, and nothing else. */
QfuUntrustedBlob *fuzz_subject (void);

/* (transfer full): a configuration that reaches no VM. */
QfuConfig *fuzz_configuration (void);
