/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-replay.h"
#include "testconfig.h"

#define SHA256 QFU_HASH_SHA256

static void
extend (QfuPcrSet *pcrs, guint pcr, const char *data)
{
  QfuDigest value;
  QfuDigest digest;
  const QfuDigest *known = qfu_pcr_set_get (pcrs, SHA256, pcr);

  if (known != NULL)
    value = *known;
  else
    qfu_pcr_reset (&value, SHA256, pcr, 0);
  if (data != NULL) {
    qfu_digest_compute (SHA256, data, 1, &digest);
    qfu_pcr_extend (&value, &digest);
  }
  g_assert_true (qfu_pcr_set_put (pcrs, pcr, &value));
}

static void
test_one (void)
{
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  const QfuEventLog *logs[] = {log};
  g_autoptr (QfuReplay) replay = NULL;
  QfuPcrSet pcrs;

  forged_event (log, 2, 5, "CBFS: a", SHA256, "a");
  forged_event (log, 2, 3, "never extended", SHA256, "x");
  forged_event (log, 2, 5, "CBFS: b", SHA256, "b");
  qfu_pcr_set_clear (&pcrs);
  extend (&pcrs, 2, "a");
  extend (&pcrs, 2, "b");
  replay = qfu_replay_choose (logs, 1, &pcrs);
  g_assert_cmpuint (replay->events->len, ==, 2);
  g_assert_cmpuint (replay->firmware, ==, 2);
  g_assert_cmpint (replay->bank, ==, qfu_bank_index (SHA256));
  g_assert_true (qfu_replay_agrees (replay, &pcrs, (gsize)replay->bank, 2));
  /* a value that is not known agrees with nothing */
  g_assert_false (qfu_replay_agrees (replay, &pcrs, (gsize)replay->bank, 3));
  extend (&pcrs, 2, "c");
  g_assert_false (qfu_replay_agrees (replay, &pcrs, (gsize)replay->bank, 2));
  g_assert_false (replay->uefi);
  g_assert_false (replay->overwritten);
  g_assert_false (qfu_replay_is_full (replay));
  while (log->events->len < 51)
    forged_event (log, 2, 5, "CBFS: c", SHA256, "c");
  qfu_replay_free (replay);
  replay = qfu_replay_choose (logs, 1, &pcrs);
  g_assert_true (qfu_replay_is_full (replay)); /* one of the events was never extended */
}

/* Extends that stand before what is logged. */
static void
test_with (void)
{
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  const QfuEventLog *logs[] = {log};
  g_autoptr (QfuReplay) replay = NULL;
  QfuDigest extends[2];
  QfuPcrSet pcrs;
  const gsize bank = (gsize)qfu_bank_index (SHA256);

  forged_event (log, 1, 4, "", SHA256, "s");
  qfu_pcr_set_clear (&pcrs);
  extend (&pcrs, 1, "m");
  extend (&pcrs, 1, "h");
  extend (&pcrs, 1, "s");
  replay = qfu_replay_choose (logs, 1, &pcrs);
  qfu_digest_compute (SHA256, "m", 1, &extends[0]);
  qfu_digest_compute (SHA256, "h", 1, &extends[1]);
  g_assert_true (qfu_replay_agrees_with (replay, &pcrs, bank, 1, extends, 2));
  g_assert_false (qfu_replay_agrees_with (replay, &pcrs, bank, 1, extends, 1));
  g_assert_false (qfu_replay_agrees_with (replay, &pcrs, bank, 2, extends, 0));
}

/* The payload's log stands where coreboot's was; the console has coreboot's events. */
static void
test_two (void)
{
  g_autoptr (QfuEventLog) payload = forged_log (QFU_LOG_TCG2);
  g_autoptr (QfuEventLog) other = forged_log (QFU_LOG_TCG2);
  g_autoptr (QfuEventLog) console = forged_log (QFU_LOG_CONSOLE);
  const QfuEventLog *logs[] = {other, payload, console};
  g_autoptr (QfuReplay) replay = NULL;
  QfuPcrSet pcrs;

  forged_event (payload, 2, 4, "", SHA256, "p");
  forged_event (other, 2, 4, "", SHA256, "o");
  forged_event (console, 2, 5, "FMAP: FMAP", SHA256, "f");
  qfu_pcr_set_clear (&pcrs);
  extend (&pcrs, 2, "f");
  extend (&pcrs, 2, "p");
  replay = qfu_replay_choose (logs, 3, &pcrs);
  g_assert_cmpuint (replay->events->len, ==, 2);
  g_assert_true (qfu_replay_agrees (replay, &pcrs, (gsize)replay->bank, 2));
  g_assert_true (replay->overwritten);
}

static void
test_none (void)
{
  const QfuPcrSet unknown = {0};
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  const QfuEventLog *logs[] = {log};
  g_autoptr (QfuReplay) replay = qfu_replay_choose (logs, 1, &unknown);

  g_assert_null (qfu_replay_choose (logs, 0, &unknown));
  g_assert_cmpuint (replay->firmware, ==, 0);
  g_assert_cmpint (replay->bank, ==, -1);
}

static void
test_locality (void)
{
  const QfuPcrSet unknown = {0};
  g_autoptr (QfuEventLog) log = forged_log (QFU_LOG_TCG2);
  const QfuEventLog *logs[] = {log};
  g_autoptr (QfuReplay) replay = NULL;

  log->locality = 3;
  forged_event (log, 7, 0x80000001, "", SHA256, "x");
  replay = qfu_replay_choose (logs, 1, &unknown);
  g_assert_cmpuint (replay->values.value[0][0].data[19], ==, 3);
  g_assert_true (replay->uefi);
}

/* PCRs 17 to 22 begin with ones, after a dynamic launch with zeros. That there was one is told by
 * its events, and by the TPM when nobody has logged it. Its log stands behind every other one. */
static void
test_launch (void)
{
  g_autoptr (QfuEventLog) firmware = forged_log (QFU_LOG_COREBOOT);
  g_autoptr (QfuEventLog) launch = forged_log (QFU_LOG_TCG2);
  const QfuEventLog *logs[] = {launch, firmware};
  g_autoptr (QfuReplay) none = NULL;
  g_autoptr (QfuReplay) both = NULL;
  g_autoptr (QfuReplay) told = NULL;
  QfuPcrSet pcrs;
  gboolean only;

  forged_event (firmware, 2, 5, "CBFS: a", SHA256, "a");
  forged_event (launch, 17, 3, "no action", SHA256, "x");
  forged_event (launch, 17, 0x402, "", SHA256, "l");
  g_assert_true (qfu_eventlog_launched (launch, &only) && only);
  g_assert_false (qfu_eventlog_launched (firmware, &only) || only);
  qfu_pcr_set_clear (&pcrs);
  extend (&pcrs, 2, "a");
  none = qfu_replay_choose (logs + 1, 1, &pcrs);
  g_assert_false (none->launched);
  g_assert_cmpuint (none->values.value[qfu_bank_index (SHA256)][17].data[0], ==, 0xff);
  both = qfu_replay_choose (logs, 2, &pcrs);
  g_assert_true (both->launched);
  g_assert_false (both->overwritten);
  g_assert_cmpuint (both->events->len, ==, 2);
  g_assert_true (qfu_replay_has (both, (gsize)qfu_bank_index (SHA256), 17));
  g_assert_cmpuint (both->values.value[qfu_bank_index (SHA256)][18].data[0], ==, 0);
  extend (&pcrs, 17, "l");
  told = qfu_replay_choose (logs + 1, 1, &pcrs);
  g_assert_true (told->launched);
  g_assert_cmpuint (told->values.value[qfu_bank_index (SHA256)][17].data[0], ==, 0);
  g_assert_false (qfu_replay_has (told, (gsize)qfu_bank_index (SHA256), 17));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/replay/one", test_one);
  g_test_add_func ("/replay/with", test_with);
  g_test_add_func ("/replay/two", test_two);
  g_test_add_func ("/replay/none", test_none);
  g_test_add_func ("/replay/locality", test_locality);
  g_test_add_func ("/replay/launch", test_launch);
  return g_test_run ();
}
