/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-secret-verdict.h"
#include "testconfig.h"

/* SHA-256: PCR 2 changes, PCR 5 is not predictable, 0, 7 and 11 stay; SHA-1: all stay. */
static GArray *
usual (void)
{
  GArray *forecasts = qfu_forecasts_new ();
  QfuDigest value = {.hash = QFU_HASH_SHA256, .size = 32};
  QfuDigest sha1 = {.hash = QFU_HASH_SHA1, .size = 20};

  for (guint pcr = 0; pcr < 16; pcr++)
    qfu_forecasts_add (forecasts, pcr, QFU_HASH_SHA1, QFU_PCR_UNCHANGED, &sha1, NULL);
  qfu_forecasts_add (forecasts, 0, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &value, NULL);
  qfu_forecasts_add (forecasts, 2, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &value, NULL);
  qfu_forecasts_add (forecasts, 5, QFU_HASH_SHA256, QFU_PCR_NOT_PREDICTABLE, NULL, "no idea");
  qfu_forecasts_add (forecasts, 7, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &value, NULL);
  qfu_forecasts_add (forecasts, 11, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &value, NULL);
  return forecasts;
}

#define BIT(pcr) (1u << (pcr))

static const struct {
  QfuSecret secret;
  QfuSecretVerdict verdict;
  const char *reason;
} cases[] = {
    {{.n_literal = 0}, QFU_SECRET_STAYS, "it is bound to no PCR"},
    {{.n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (0) | BIT (7)}}},
     QFU_SECRET_STAYS,
     "none of its PCRs changes"},
    {{.n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (0) | BIT (2)}}},
     QFU_SECRET_WILL_NOT_UNSEAL,
     "PCR 2 changes"},
    {{.n_literal = 1, .literal = {{QFU_HASH_SHA1, BIT (0) | BIT (2)}}},
     QFU_SECRET_STAYS,
     "none of its PCRs changes"},
    /* one that is known to change decides, wherever one stands that is not known */
    {{.n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (2) | BIT (5) | BIT (20)}}},
     QFU_SECRET_WILL_NOT_UNSEAL,
     "PCR 2 changes"},
    {{.n_literal = 2, .literal = {{QFU_HASH_SHA256, BIT (5)}, {QFU_HASH_SHA256, BIT (2)}}},
     QFU_SECRET_WILL_NOT_UNSEAL,
     "PCR 2 changes"},
    {{.n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (5) | BIT (7)}}},
     QFU_SECRET_UNKNOWN,
     "PCR 5 is not predictable: no idea"},
    {{.n_literal = 2, .literal = {{QFU_HASH_SHA256, BIT (7)}, {QFU_HASH_SHA384, BIT (7)}}},
     QFU_SECRET_UNKNOWN,
     "there is no forecast of PCR 7 of bank sha384"},
    {{.n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (7) | BIT (20)}}},
     QFU_SECRET_UNKNOWN,
     "there is no forecast of PCR 20 of bank sha256"},
    /* a bank that is not stated */
    {{.n_literal = 1, .literal = {{0, BIT (2)}}}, QFU_SECRET_WILL_NOT_UNSEAL, "PCR 2 changes"},
    {{.n_literal = 1, .literal = {{0, BIT (7)}}}, QFU_SECRET_STAYS, "none of its PCRs changes"},
    /* signed values */
    {{.by_key = {QFU_HASH_SHA256, BIT (11)}}, QFU_SECRET_STAYS, "none of its PCRs changes"},
    {{.by_key = {QFU_HASH_SHA256, BIT (2) | BIT (11)}},
     QFU_SECRET_UNKNOWN,
     "PCR 2 changes: it opens with a signature of its key over the next value, not without"},
    {{.by_key = {QFU_HASH_SHA256, BIT (5)}},
     QFU_SECRET_UNKNOWN,
     "PCR 5 is not predictable: no idea"},
    {{.n_literal = 1,
      .literal = {{QFU_HASH_SHA256, BIT (2)}},
      .by_key = {QFU_HASH_SHA256, BIT (11)}},
     QFU_SECRET_WILL_NOT_UNSEAL,
     "PCR 2 changes"},
    {{.n_literal = 1,
      .literal = {{QFU_HASH_SHA256, BIT (7)}},
      .by_key = {QFU_HASH_SHA256, BIT (2)}},
     QFU_SECRET_UNKNOWN,
     "PCR 2 changes: it opens with a signature of its key over the next value, not without"},
    /* more than PCRs */
    {{.flags = QFU_SECRET_FLAG_PCRLOCK},
     QFU_SECRET_UNKNOWN,
     "its policy is kept in the TPM by systemd-pcrlock"},
    {{.flags = QFU_SECRET_FLAG_PCRLOCK, .n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (2)}}},
     QFU_SECRET_WILL_NOT_UNSEAL,
     "PCR 2 changes"},
    {{.flags = QFU_SECRET_FLAG_PIN, .n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (7)}}},
     QFU_SECRET_STAYS,
     "none of its PCRs changes"},
    {{.flags = QFU_SECRET_FLAG_ODD, .n_literal = 1, .literal = {{QFU_HASH_SHA256, BIT (2)}}},
     QFU_SECRET_UNKNOWN,
     "its policy is not understood"},
    {{.unread = (char *)"no cryptsetup"}, QFU_SECRET_UNKNOWN, "no cryptsetup"},
};

static void
test_judge (void)
{
  g_autoptr (GArray) forecasts = usual ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *reason = NULL;

    g_test_message ("case %zu", i);
    g_assert_cmpint (qfu_secret_judge (&cases[i].secret, forecasts, &reason), ==, cases[i].verdict);
    g_assert_cmpstr (reason, ==, cases[i].reason);
  }
}

/* Without a forecast nothing stays that is bound to a PCR. */
static void
test_no_forecast (void)
{
  const QfuSecret bound = {.n_literal = 1, .literal = {{0, BIT (3)}}};
  const QfuSecret signed_values = {.by_key = {QFU_HASH_SHA256, BIT (11)}};
  const QfuSecret unbound = {.n_literal = 0};
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  g_assert_cmpint (qfu_secret_judge (&bound, NULL, &first), ==, QFU_SECRET_UNKNOWN);
  g_assert_cmpstr (first, ==, "there is no forecast of PCR 3");
  g_assert_cmpint (qfu_secret_judge (&signed_values, NULL, &second), ==, QFU_SECRET_UNKNOWN);
  g_assert_cmpint (qfu_secret_judge (&unbound, NULL, &third), ==, QFU_SECRET_STAYS);
}

static void
test_bank (void)
{
  const QfuSecretSelection open = {0, 1};
  const QfuSecretSelection stated = {QFU_HASH_SHA384, 1};
  g_autoptr (GArray) both = usual ();
  g_autoptr (GArray) sha1 = qfu_forecasts_new ();
  QfuDigest value = {.hash = QFU_HASH_SHA1, .size = 20};

  qfu_forecasts_add (sha1, 0, QFU_HASH_SHA1, QFU_PCR_UNCHANGED, &value, NULL);
  g_assert_cmpuint (qfu_secret_bank (&open, both), ==, QFU_HASH_SHA256);
  g_assert_cmpuint (qfu_secret_bank (&open, sha1), ==, QFU_HASH_SHA1);
  g_assert_cmpuint (qfu_secret_bank (&open, NULL), ==, 0);
  g_assert_cmpuint (qfu_secret_bank (&stated, sha1), ==, QFU_HASH_SHA384);
}

static void
test_names (void)
{
  g_assert_cmpstr (qfu_secret_verdict_name (QFU_SECRET_STAYS), ==, "stays");
  g_assert_cmpstr (qfu_secret_verdict_name (QFU_SECRET_WILL_NOT_UNSEAL), ==, "will-not-unseal");
  g_assert_cmpstr (qfu_secret_verdict_name (QFU_SECRET_UNKNOWN), ==, "unknown");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/secret-verdict/judge", test_judge);
  g_test_add_func ("/secret-verdict/no-forecast", test_no_forecast);
  g_test_add_func ("/secret-verdict/bank", test_bank);
  g_test_add_func ("/secret-verdict/names", test_names);
  return g_test_run ();
}
