/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-inspect.h"

#include "qfu-locate.h"
#include "qfu-print.h"
#include "qfu-rules.h"
#include "qfu-settle.h"
#include "qfu-vboot.h"

static const char *const names[] = {
    [QFU_INSPECT_PASSED] = "passed",
    [QFU_INSPECT_FIRST] = "first-use",
    [QFU_INSPECT_BLIND] = "incomplete",
    [QFU_INSPECT_FAILED] = "failed",
};

void
qfu_inspection_free (QfuInspection *inspection)
{
  if (inspection == NULL)
    return;
  g_free (inspection->finding);
  g_free (inspection);
}

static void note (QfuInspection *i, QfuInspectVerdict verdict, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The first finding of the worst kind stays. */
static void
note (QfuInspection *i, QfuInspectVerdict verdict, const char *format, ...)
{
  va_list args;

  if (verdict <= i->verdict)
    return;
  i->verdict = verdict;
  g_free (i->finding);
  va_start (args, format);
  i->finding = g_strdup_vprintf (format, args);
  va_end (args);
}

static gboolean
has_events (const QfuReplay *replay, gsize bank, guint pcr)
{
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (event->pcr == pcr && event->digests[bank].size > 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
has_vboot_events (const QfuReplay *replay)
{
  for (guint i = 0; i < replay->events->len; i++) {
    if (qfu_locate_is_vboot (g_ptr_array_index (replay->events, i)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_vboot_pcr (const QfuRom *rom, guint pcr)
{
  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    if (qfu_rules_vboot_pcr (rom, value) == pcr)
      return TRUE;
  }
  return FALSE;
}

/* Whether the firmware is known to extend @pcr without an entry in the log. */
static gboolean
is_excused (const QfuPresent *present, const QfuReplay *replay, gsize bank, guint pcr)
{
  const QfuRom *rom = present->rom;

  if (rom == NULL || (int)bank != replay->bank)
    return FALSE;
  if (pcr == qfu_rules_srtm (rom))
    return qfu_rules_unlogged_boot (rom, replay);
  return qfu_rules_is_set (rom, "CONFIG_VBOOT") && !has_vboot_events (replay) &&
         is_vboot_pcr (rom, pcr);
}

static void
check_log (QfuInspection *i, const QfuPresent *present, const QfuReplay *replay)
{
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_FIRMWARE_COUNT; pcr++) {
      if (!present->pcrs.known[bank][pcr] || !has_events (replay, bank, pcr))
        continue;
      if (qfu_replay_agrees (replay, &present->pcrs, bank, pcr))
        i->replayed++;
      else if (!is_excused (present, replay, bank, pcr))
        note (i, QFU_INSPECT_FAILED,
              "log against TPM: the log does not replay to PCR %u of bank %s", pcr,
              qfu_hash_name (qfu_bank_hash (bank)));
    }
  }
  if (i->replayed == 0)
    note (i, QFU_INSPECT_BLIND, "the log explains no value of the TPM");
}

static guint
count_found (const GArray *objects)
{
  guint found = 0;

  for (guint i = 0; i < objects->len; i++)
    found += g_array_index (objects, QfuObject, i).region != NULL;
  return found;
}

static void
check_chip (QfuInspection *i, const QfuPresent *present, const QfuReplay *replay)
{
  g_autoptr (GPtrArray) answers = NULL;
  g_autoptr (GError) problem = NULL;

  if (present->chip == NULL)
    return;
  if (replay->firmware == 0) {
    note (i, QFU_INSPECT_BLIND,
          "no log holds coreboot's measurements: the chip was not compared with them");
    return;
  }
  answers =
      qfu_locate (replay, present->chip, present->rom, qfu_rules_srtm (present->rom), &problem);
  if (answers == NULL)
    note (i, QFU_INSPECT_FAILED, "chip against log: %s", problem->message);
  else
    i->objects = count_found (g_ptr_array_index (answers, 0));
}

static void
check_differences (QfuInspection *i, const QfuSettle *settle)
{
  const QfuDifference *first = &g_array_index (settle->differences, QfuDifference, 0);
  g_autofree char *expected = qfu_digest_to_hex (&first->expected);
  g_autofree char *actual =
      first->actual.size == 0 ? g_strdup ("not there") : qfu_digest_to_hex (&first->actual);

  note (i, QFU_INSPECT_FAILED,
        "TPM against reference values: PCR %u of bank %s is %s, record %u says %s", first->pcr,
        qfu_hash_name (first->bank), actual, i->record, expected);
}

/* What there is of reference values, and whether they are those of the TPM. */
static void
check_values (QfuInspection *i, const QfuSettle *settle)
{
  if (settle->record != NULL)
    i->record = settle->record->id;
  switch (settle->kind) {
  case QFU_SETTLE_MATCH:
    i->compared = settle->compared;
    break;
  case QFU_SETTLE_OLD:
    i->record = settle->booted->id;
    break;
  case QFU_SETTLE_UNKNOWN:
    note (
        i, QFU_INSPECT_FAILED,
        "record %u tells of an update whose values are not known: `qubes-fwupdmgr attest --learn` "
        "records them",
        i->record);
    break;
  case QFU_SETTLE_ALARM:
    check_differences (i, settle);
    break;
  case QFU_SETTLE_NONE:
  case QFU_SETTLE_WAITING:
  default:
    note (i, QFU_INSPECT_FIRST, "there are no reference values yet");
    break;
  }
}

static void
check_boot (QfuInspection *i, const QfuPresent *present)
{
  g_autoptr (QfuReplay) replay = NULL;

  if (present->no_log != NULL) {
    note (i, QFU_INSPECT_BLIND, "%s", present->no_log->message);
    return;
  }
  replay = qfu_replay_choose ((const QfuEventLog *const *)present->logs->pdata, present->logs->len,
                              &present->pcrs);
  check_chip (i, present, replay);
  check_log (i, present, replay);
}

QfuInspection *
qfu_inspect (const QfuPresent *present, const QfuRefStore *store, const char *boot_id)
{
  QfuInspection *i = g_new0 (QfuInspection, 1);
  g_auto (QfuSettle) settle = {0};

  i->verdict = QFU_INSPECT_PASSED;
  qfu_settle_judge (store, &present->pcrs, boot_id, &settle);
  if (settle.waiting != NULL && present->chip != NULL)
    note (i, QFU_INSPECT_FAILED,
          "the chip was written in this boot and has not booted since (record %u)",
          settle.waiting->id);
  if (present->no_pcrs == NULL) {
    check_boot (i, present);
    check_values (i, &settle);
  } else if (settle.kind == QFU_SETTLE_NONE) {
    note (i, QFU_INSPECT_BLIND, "%s", present->no_pcrs->message);
  } else {
    note (i, QFU_INSPECT_FAILED, "there are reference values, but no TPM to compare: %s",
          present->no_pcrs->message);
  }
  return i;
}

static const char *
plural (guint n)
{
  return n == 1 ? "" : "s";
}

void
qfu_inspection_say (const QfuOptions *options, const QfuInspection *i)
{
  if (i->verdict == QFU_INSPECT_FAILED)
    qfu_say (options, "  ALARM: the firmware that runs is not what it should be");
  else if (i->objects > 0)
    qfu_say (options,
             "  the firmware that runs: %u measured part%s in the chip as logged, the log "
             "replays to %u value%s of the TPM",
             i->objects, i->objects == 1 ? " is" : "s are", i->replayed, plural (i->replayed));
  else if (i->replayed > 0)
    qfu_say (options, "  the firmware that runs: the log replays to %u value%s of the TPM",
             i->replayed, plural (i->replayed));
  else
    qfu_say (options, "  the firmware that runs was not inspected as a whole");
  if (i->finding != NULL)
    qfu_say (options, "  %s", i->finding);
  if (i->compared > 0)
    qfu_say (options, "  %u values of the TPM are as in record %u", i->compared, i->record);
}

void
qfu_inspection_json (JsonBuilder *builder, const QfuInspection *i)
{
  json_builder_set_member_name (builder, "inspection");
  json_builder_begin_object (builder);
  qfu_json_text (builder, "verdict", names[i->verdict]);
  qfu_json_text (builder, "finding", i->finding);
  qfu_json_number (builder, "objects", i->objects);
  qfu_json_number (builder, "replayed", i->replayed);
  qfu_json_number (builder, "compared", i->compared);
  qfu_json_number (builder, "record", i->record);
  json_builder_end_object (builder);
}
