/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-logcheck.h"

#include "forged.h"
#include "testconfig.h"

#define SHA256 QFU_HASH_SHA256
#define SHA1 QFU_HASH_SHA1

/* A TPM's values of @bank, after the events of @log and before anything else. */
static void
tpm_after (QfuPcrSet *pcrs, const QfuEventLog *log, QfuHash bank)
{
  QfuPcrSet values;

  qfu_eventlog_replay (log, &values);
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
    g_assert_true (qfu_pcr_set_put (pcrs, pcr, &values.value[qfu_bank_index (bank)][pcr]));
}

static void
extend (QfuPcrSet *pcrs, guint pcr, QfuHash bank, const char *data)
{
  QfuDigest digest;

  qfu_digest_compute (bank, data, 1, &digest);
  qfu_pcr_extend (&pcrs->value[qfu_bank_index (bank)][pcr], &digest);
}

static QfuLogCheck *
check (const QfuEventLog *log, const QfuPcrSet *pcrs)
{
  g_autoptr (QfuReplay) replay = qfu_replay_choose (&log, 1, pcrs);

  return qfu_logcheck (replay, pcrs);
}

static void
test_replays (void)
{
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  g_autoptr (QfuLogCheck) found = NULL;
  QfuPcrSet pcrs;

  qfu_pcr_set_clear (&pcrs);
  forged_event (log, 2, 5, "CBFS: a", SHA256, "a");
  forged_event (log, 9, 5, "x", SHA256, "b");
  tpm_after (&pcrs, log, SHA256);
  extend (&pcrs, 8, SHA256, "s"); /* by the system: no event says anything of it */
  extend (&pcrs, 11, SHA256, "s");
  found = check (log, &pcrs);
  g_assert_true (qfu_logcheck_replays (found));
  g_assert_cmpuint (found->compared, ==, 9); /* 0 to 7, and 9 */
  g_assert_cmpuint (found->differences->len, ==, 0);
}

static void
test_first (void)
{
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  g_autoptr (QfuLogCheck) found = NULL;
  QfuPcrSet pcrs;

  qfu_pcr_set_clear (&pcrs);
  forged_event (log, 2, 5, "CBFS: a", SHA256, "a");
  forged_event (log, 9, 5, "x", SHA256, "b");
  tpm_after (&pcrs, log, SHA256);
  extend (&pcrs, 9, SHA256, "s");
  extend (&pcrs, 5, SHA256, "s");
  found = check (log, &pcrs);
  g_assert_false (qfu_logcheck_replays (found));
  g_assert_cmpuint (found->differences->len, ==, 2);
  g_assert_cmpuint (found->first->pcr, ==, 5);
  g_assert_cmpint (found->first->bank, ==, SHA256);
  g_assert_true (qfu_digest_equal (&found->first->actual, qfu_pcr_set_get (&pcrs, SHA256, 5)));
}

/* What the running system goes on with is a difference, but not the log's fault. */
static void
test_running (void)
{
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  g_autoptr (QfuLogCheck) found = NULL;
  QfuPcrSet pcrs;

  qfu_pcr_set_clear (&pcrs);
  forged_event (log, 10, 5, "VBOOT: firmware ver", SHA256, "a");
  tpm_after (&pcrs, log, SHA256);
  extend (&pcrs, 10, SHA256, "i");
  found = check (log, &pcrs);
  g_assert_true (qfu_logcheck_replays (found));
  g_assert_cmpuint (found->differences->len, ==, 1);
  g_assert_true (g_array_index (found->differences, QfuLogDifference, 0).running);
}

/* A bank that the TPM has and the log has not. */
static void
test_silent (void)
{
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG1);
  g_autoptr (QfuLogCheck) found = NULL;
  g_autoptr (QfuLogCheck) nothing = NULL;
  QfuPcrSet pcrs;
  QfuPcrSet none;
  QfuDigest zero;

  qfu_pcr_set_clear (&pcrs);
  qfu_pcr_set_clear (&none);
  forged_event (log, 2, 5, "CBFS: a", SHA1, "a");
  tpm_after (&pcrs, log, SHA1);
  qfu_pcr_reset (&zero, SHA256, 2, 0);
  g_assert_true (qfu_pcr_set_put (&pcrs, 2, &zero));
  extend (&pcrs, 2, SHA256, "x");
  found = check (log, &pcrs);
  g_assert_true (qfu_logcheck_replays (found));
  g_assert_true (found->silent[qfu_bank_index (SHA256)]);
  g_assert_false (found->silent[qfu_bank_index (SHA1)]);
  nothing = check (log, &none);
  g_assert_cmpuint (nothing->compared, ==, 0);
  g_assert_false (qfu_logcheck_replays (nothing));
}

/* PCR 17 begins with zeros after a launch; some who write marks into the log extend them, some do
 * not. */
static void
test_launch (void)
{
  static const gboolean marks[] = {FALSE, TRUE};

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++) {
    g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
    g_autoptr (QfuEventLog) truth = forged_log (QFU_LOG_TCG2);
    g_autoptr (QfuLogCheck) found = NULL;
    g_autoptr (QfuLogCheck) other = NULL;
    QfuPcrSet pcrs;

    qfu_pcr_set_clear (&pcrs);
    forged_event (log, 17, 0x503, "", SHA256, "m");
    forged_event (log, 17, 0x502, "kernel", SHA256, "k");
    if (marks[i])
      forged_event (truth, 17, 0x503, "", SHA256, "m");
    forged_event (truth, 17, 0x502, "kernel", SHA256, "k");
    tpm_after (&pcrs, truth, SHA256);
    found = check (log, &pcrs);
    g_assert_true (qfu_logcheck_replays (found));
    g_assert_cmpuint (found->compared, ==, 9);
    extend (&pcrs, 17, SHA256, "x");
    other = check (log, &pcrs);
    g_assert_cmpuint (other->first->pcr, ==, 17);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/logcheck/replays", test_replays);
  g_test_add_func ("/logcheck/first", test_first);
  g_test_add_func ("/logcheck/running", test_running);
  g_test_add_func ("/logcheck/silent", test_silent);
  g_test_add_func ("/logcheck/launch", test_launch);
  return g_test_run ();
}
