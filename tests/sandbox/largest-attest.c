/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attester.h"
#include "largest.h"
#include "pki.h"
#include "qfu-limits.h"

#include <string.h>

static void
add_bytes (Job *job, GBytes *bytes)
{
  add_input (job, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_bytes_unref (bytes);
}

/* A good quote with the longest of what it has: key, nonce, signature. */
void
largest_quote (Job *job)
{
  g_autoptr (Attester) attester = attester_new (TRUE, ATTESTER_KEY);
  g_autofree char *nonce = g_strnfill (QFU_NONCE_MAX, 'x');
  g_autoptr (GBytes) message = NULL;
  TPMS_ATTEST attest;
  QfuPcrSet values;

  attester_values (&values);
  attester_quote (&values, nonce, &attest);
  message = attester_message (&attest);
  add_bytes (job, attester_public (&attester->public));
  add_bytes (job, g_bytes_ref (message));
  add_bytes (job, attester_sign (attester, message));
  job->frames = 1;
}

void
largest_enrolment (Job *job)
{
  g_autoptr (Attester) attester = attester_new (TRUE, ATTESTER_KEY);
  g_autoptr (Pki) authority = pki_new ("maker of TPMs", NULL, &pki_authority);
  g_autofree char *pem = pki_pem (authority);
  g_autofree char *pems = g_strnfill (QFU_KEYS_SIZE_MAX, '\n');
  g_autofree char *certificate = g_strnfill (QFU_EK_CERTIFICATE_MAX, 'x');
  TPMT_PUBLIC ek;

  for (gsize i = 0; pem[i] != '\0'; i++)
    pems[i] = pem[i];
  attester_ek (attester, &ek);
  add_bytes (job, attester_public (&attester->public));
  add_bytes (job, attester_public (&ek));
  add_input (job, certificate, QFU_EK_CERTIFICATE_MAX);
  add_input (job, pems, QFU_KEYS_SIZE_MAX);
  job->frames = 1;
}

void
largest_pcrfile (Job *job)
{
  QfuPcrSet values;

  memset (&values, 0, sizeof values);
  for (guint i = 0; i < QFU_BANK_COUNT * QFU_PCR_COUNT; i++) {
    values.known[i / QFU_PCR_COUNT][i % QFU_PCR_COUNT] = TRUE;
    qfu_pcr_reset (&values.value[i / QFU_PCR_COUNT][i % QFU_PCR_COUNT],
                   qfu_bank_hash (i / QFU_PCR_COUNT), i % QFU_PCR_COUNT, 0);
  }
  add_bytes (job, qfu_pcrfile_make (&values));
  job->frames = QFU_BANK_COUNT * QFU_PCR_COUNT;
}

void
largest_refvals (Job *job)
{
  g_autofree char *hex = g_strnfill (128, 'a');
  g_autoptr (GString) json = g_string_new ("{\"records\":[");

  for (guint i = 0; i < QFU_REFVALS_RECORDS_MAX; i++) {
    g_string_append_printf (json, "%s{\"record\":%u,\"state\":\"current\",\"pcrs\":[",
                            i == 0 ? "" : ",", i + 1);
    for (guint k = 0; k < QFU_REFVALS_VALUES_MAX / 2; k++)
      g_string_append_printf (json,
                              "%s{\"pcr\":%u,\"bank\":\"sha512\",\"status\":\"predicted\","
                              "\"value\":\"%s\"}",
                              k == 0 ? "" : ",", k % QFU_PCR_COUNT, hex);
    g_string_append (json, "]}");
  }
  g_string_append (json, "]}");
  while (json->len < QFU_REFVALS_SIZE_MAX)
    g_string_append_c (json, ' ');
  add_input (job, json->str, json->len);
  job->frames = QFU_REFVALS_RECORDS_MAX * (1 + QFU_REFVALS_VALUES_MAX / 2);
}
