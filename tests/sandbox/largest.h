/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-process.h"

/* What an op is given, and what must come back. */
typedef struct {
  QfuUntrustedBlob *inputs[QFU_PROCESS_INPUTS_MAX];
  gsize n_inputs;
  QfuMessage *arguments;
  guint frames; /* at least */
} Job;

void add_input (Job *job, const void *data, gsize size);

/* The ops about attestation of another machine. */
void largest_quote (Job *job);
void largest_enrolment (Job *job);
void largest_pcrfile (Job *job);
void largest_refvals (Job *job);
