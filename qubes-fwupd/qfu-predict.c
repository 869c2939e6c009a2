/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-predict.h"

#include "qfu-error.h"
#include "qfu-forecast.h"
#include "qfu-layout.h"
#include "qfu-locate.h"
#include "qfu-rules.h"

#include <string.h>

struct _QfuPrediction {
  GArray *forecasts;
  GArray *warnings;
  GArray *objects; /* QfuMeasuredObject */
};

/* What a prediction is made of. */
typedef struct {
  const QfuReplay *replay;
  const QfuPcrSet *pcrs;
  const QfuUntrustedBlob *old_image;
  const QfuRom *old_rom;
  const QfuUntrustedBlob *new_image;
  const QfuRom *new_rom;
  guint srtm;       /* PCR of code in the present image */
  QfuHash hash;     /* that the new image extends with */
  gboolean changed; /* something measured is another in the new image */
  gboolean payload; /* the payload's bytes change */
  guint lost;       /* PCRs with an event that was not located */
  GArray *warnings;
  GArray *objects;
} Work;

static void
clear_warning (gpointer element)
{
  QfuWarning *warning = element;

  g_free (warning->code);
  g_free (warning->message);
}

static void G_GNUC_PRINTF (3, 4) warn (Work *w, const char *code, const char *format, ...)
{
  QfuWarning warning = {g_strdup (code), NULL};
  va_list args;

  va_start (args, format);
  warning.message = g_strdup_vprintf (format, args);
  va_end (args);
  g_array_append_val (w->warnings, warning);
}

void
qfu_prediction_free (QfuPrediction *prediction)
{
  if (prediction == NULL)
    return;
  g_clear_pointer (&prediction->forecasts, g_array_unref);
  g_clear_pointer (&prediction->warnings, g_array_unref);
  g_clear_pointer (&prediction->objects, g_array_unref);
  g_free (prediction);
}

const GArray *
qfu_prediction_forecasts (const QfuPrediction *prediction)
{
  return prediction->forecasts;
}

const GArray *
qfu_prediction_warnings (const QfuPrediction *prediction)
{
  return prediction->warnings;
}

const GArray *
qfu_prediction_objects (const QfuPrediction *prediction)
{
  return prediction->objects;
}

static gboolean
refuse (GError **error, const char *what, const char *detail)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION, "%s%s%s", what, detail != NULL ? ": " : "",
               detail != NULL ? detail : "");
  return FALSE;
}

/* The present boot must be understood before anything is said of the next. */
static gboolean
check_present (Work *w, GError **error)
{
  const QfuReplay *r = w->replay;

  if (r->firmware == 0 && !r->uefi)
    return refuse (
        error, "no log holds coreboot's measurements; give coreboot's console listing too", NULL);
  if (r->firmware == 0 || qfu_replay_agrees (r, w->pcrs, (gsize)r->bank, w->srtm))
    return TRUE;
  if (qfu_rules_unlogged (w->old_rom)) {
    warn (w, "unlogged-extends",
          "the present image extends PCR %u without logging, so its value is not forecast",
          w->srtm);
    return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION,
               w->pcrs->known[r->bank][w->srtm]
                   ? "the logs do not replay to the present value of PCR %u"
                   : "the present value of PCR %u is not known",
               w->srtm);
  return FALSE;
}

static gboolean
check_images (Work *w, GError **error)
{
  const char *change = qfu_rules_contradiction (w->old_rom, w->new_rom);
  const char *doubt = qfu_rules_doubt (w->old_rom, w->new_rom);

  if (change != NULL)
    return refuse (error, "the new image measures other objects than the present one", change);
  if (doubt != NULL)
    warn (w, "boot-path-may-differ", "%s changes, which may change what is loaded", doubt);
  if (!qfu_rules_known (w->new_rom) || !qfu_rules_known (w->old_rom))
    warn (w, "no-settings", "an image holds no settings; the present algorithm and PCRs are taken");
  if (w->pcrs == NULL)
    warn (w, "pcrs-unknown", "no present PCR values: the logs are taken at their word");
  if (w->replay->overwritten)
    warn (w, "log-overwritten",
          "the payload overwrote coreboot's log; the console listing is used");
  return TRUE;
}

/* The same object in the new image: the region of that name and the first file of that name. */
static gboolean
find_new (Work *w, const QfuObject *old, QfuObject *new, GError **error)
{
  g_autofree char *label = NULL;

  *new = (QfuObject){.event = old->event, .region = qfu_rom_region (w->new_rom, old->region->name)};
  if (old->file == NULL && new->region != NULL)
    return TRUE;
  if (new->region != NULL) {
    guint index = (guint)(new->region - &g_array_index (w->new_rom->regions, QfuRomRegion, 0));

    new->file = qfu_rom_file (w->new_rom, index, old->file->name);
  }
  if (new->file != NULL)
    return TRUE;
  label = g_strdup_printf ("%s:%s", old->region->name, old->file != NULL ? old->file->name : "");
  return refuse (error, "a measured object is not in the new image", label);
}

static QfuRange
range_of (const QfuObject *object)
{
  return object->file != NULL ? (QfuRange){object->file->offset, object->file->size}
                              : (QfuRange){object->region->offset, object->region->size};
}

static gboolean
same_bytes (Work *w, const QfuObject *old, const QfuObject *new)
{
  const QfuRange before = range_of (old);
  const QfuRange after = range_of (new);

  return before.length == after.length &&
         qfu_untrusted_blob_equal_range (w->old_image, before.offset, w->new_image, after.offset,
                                         before.length);
}

static void
note_differences (Work *w, const QfuObject *old, const QfuObject *new)
{
  if (!same_bytes (w, old, new)) {
    w->changed = TRUE;
    w->payload = w->payload || (old->file != NULL && (old->file->kind & ~1u) == 0x20);
  } else if (old->file != NULL && old->file->load_address != new->file->load_address) {
    warn (w, "load-address-changed", "%s loads at another address, which no digest covers",
          old->file->name);
  }
}

/* One extend of the next boot for an object of coreboot. */
static gboolean
next_object (Work *w, const QfuObject *old, gboolean note, QfuNextEvent *next, GError **error)
{
  QfuDigest *digest = &next->digests[qfu_bank_index (w->hash)];
  guint expected;
  QfuObject new;
  QfuRange range;

  next->pcr = old->event->pcr;
  if (old->region == NULL) {
    w->lost |= 1u << old->event->pcr;
    return TRUE;
  }
  expected = qfu_rules_pcr (w->old_rom, old->file, old->event->pcr);
  if (expected != old->event->pcr)
    return refuse (error, "an event extends another PCR than the image's settings say",
                   old->event->name);
  if (!find_new (w, old, &new, error))
    return FALSE;
  range = range_of (&new);
  if (!qfu_untrusted_blob_hash_range (w->new_image, w->hash, range.offset, range.length, digest,
                                      error))
    return FALSE;
  next->pcr = qfu_rules_pcr (w->new_rom, new.file, old->event->pcr);
  if (note) {
    note_differences (w, old, &new);
    qfu_measured_objects_add (w->objects, next->pcr, &new);
  }
  return TRUE;
}

/* The next boot's extends when @objects are what the present one measured. */
static GArray *
next_events (Work *w, const GArray *objects, gboolean note, GError **error)
{
  g_autoptr (GArray) events = g_array_new (FALSE, TRUE, sizeof (QfuNextEvent));
  guint object = 0;

  for (guint i = 0; i < w->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (w->replay->events, i);
    QfuNextEvent next = {.pcr = event->pcr};

    if (object < objects->len && g_array_index (objects, QfuObject, object).event == event) {
      if (!next_object (w, &g_array_index (objects, QfuObject, object++), note, &next, error))
        return NULL;
    } else {
      memcpy (next.digests, event->digests, sizeof next.digests);
    }
    g_array_append_val (events, next);
  }
  return g_steal_pointer (&events);
}

static gboolean
same_events (const GArray *a, const GArray *b)
{
  for (guint i = 0; i < a->len; i++) {
    const QfuNextEvent *one = &g_array_index (a, QfuNextEvent, i);
    const QfuNextEvent *other = &g_array_index (b, QfuNextEvent, i);

    if (one->pcr != other->pcr)
      return FALSE;
    for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
      if (one->digests[bank].size != other->digests[bank].size ||
          (one->digests[bank].size > 0 &&
           !qfu_digest_equal (&one->digests[bank], &other->digests[bank])))
        return FALSE;
    }
  }
  return TRUE;
}

static void
warn_bootblock (Work *w, const GArray *objects)
{
  for (guint i = 0; i < objects->len; i++) {
    const QfuObject *object = &g_array_index (objects, QfuObject, i);

    if ((object->file != NULL && strcmp (object->file->name, "bootblock") == 0) ||
        (object->file == NULL && object->region != NULL &&
         strcmp (object->region->name, "BOOTBLOCK") == 0))
      return;
  }
  warn (w, "bootblock-not-measured", "the bootblock is not measured: no PCR shows a change of it");
}

/* The settings of the new image decide, unless those of the present one do not even explain the
 * present log: a TPM 1.2 takes SHA-1 whatever an image was built for. */
static QfuHash
next_hash (Work *w)
{
  QfuHash present = qfu_bank_hash ((gsize)w->replay->bank);

  if (qfu_rules_hash (w->old_rom, present) == present)
    return qfu_rules_hash (w->new_rom, present);
  warn (w, "settings-disagree", "the log is of %s, the present image's settings say otherwise",
        qfu_hash_name (present));
  return present;
}

/* Several slots can explain the log; then all must give the same next boot. */
static GArray *
foresee (Work *w, GError **error)
{
  g_autoptr (GPtrArray) answers = NULL;
  g_autoptr (GArray) events = NULL;

  if (w->replay->firmware == 0) {
    g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (QfuObject));

    w->changed = !qfu_digest_equal (qfu_untrusted_blob_sha256 (w->old_image),
                                    qfu_untrusted_blob_sha256 (w->new_image));
    return next_events (w, none, FALSE, error);
  }
  answers = qfu_locate (w->replay, w->old_image, w->old_rom, w->srtm, error);
  if (answers == NULL)
    return NULL;
  events = next_events (w, g_ptr_array_index (answers, 0), TRUE, error);
  for (guint i = 1; events != NULL && i < answers->len; i++) {
    g_autoptr (GArray) other = next_events (w, g_ptr_array_index (answers, i), FALSE, error);

    if (other == NULL)
      return NULL;
    if (!same_events (events, other)) {
      refuse (error, "the log does not prove which slot was booted, and they differ", NULL);
      return NULL;
    }
  }
  if (events != NULL)
    warn_bootblock (w, g_ptr_array_index (answers, 0));
  return g_steal_pointer (&events);
}

/* Regions whose values vboot extends: what they hold is no CBFS file. */
static gboolean
vboot_differs (const Work *w)
{
  static const char *const names[] = {"GBB", "VBLOCK_A", "VBLOCK_B"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    const QfuRomRegion *old = qfu_rom_region (w->old_rom, names[i]);
    const QfuRomRegion *new = qfu_rom_region (w->new_rom, names[i]);

    if ((old == NULL) != (new == NULL))
      return TRUE;
    if (old != NULL && (old->size != new->size ||
                        !qfu_untrusted_blob_equal_range (w->old_image, old->offset, w->new_image,
                                                         new->offset, old->size)))
      return TRUE;
  }
  return FALSE;
}

static GArray *
forecast (Work *w, GError **error)
{
  g_autoptr (GArray) next = NULL;
  QfuForecastInput input = {.replay = w->replay, .pcrs = w->pcrs, .old_rom = w->old_rom};

  if (!check_present (w, error) || !check_images (w, error))
    return NULL;
  input.bank = w->replay->bank;
  if (w->replay->firmware > 0) {
    w->hash = next_hash (w);
    input.bank = qfu_bank_index (w->hash);
  }
  next = foresee (w, error);
  if (next == NULL)
    return NULL;
  input.next = next;
  input.changed = w->changed || vboot_differs (w);
  input.same_payload = !w->payload || qfu_rules_same_payload (w->old_rom, w->new_rom);
  input.lost = w->lost;
  if (w->payload)
    warn (w, "payload-changed", "the payload changes; what it measures itself is taken over");
  if (w->hash != 0 && w->pcrs != NULL && !w->pcrs->known[input.bank][w->srtm])
    warn (w, "bank-unknown", "the present values of bank %s are not known",
          qfu_hash_name (w->hash));
  return qfu_forecast (&input);
}

QfuPrediction *
qfu_predict (const QfuEventLog *const *logs,
             gsize n_logs,
             const QfuPcrSet *pcrs,
             const QfuUntrustedBlob *old_image,
             const QfuRom *old_rom,
             const QfuUntrustedBlob *new_image,
             const QfuRom *new_rom,
             GError **error)
{
  g_autoptr (QfuPrediction) prediction = g_new0 (QfuPrediction, 1);
  g_autoptr (QfuReplay) replay = qfu_replay_choose (logs, n_logs, pcrs);
  Work work = {.replay = replay,
               .pcrs = pcrs,
               .old_image = old_image,
               .old_rom = old_rom,
               .new_image = new_image,
               .new_rom = new_rom};

  if (replay == NULL) {
    refuse (error, "no event log of the present boot", NULL);
    return NULL;
  }
  prediction->warnings = g_array_new (FALSE, TRUE, sizeof (QfuWarning));
  g_array_set_clear_func (prediction->warnings, clear_warning);
  work.warnings = prediction->warnings;
  prediction->objects = work.objects = qfu_measured_objects_new ();
  work.srtm = qfu_rules_srtm (old_rom);
  prediction->forecasts = forecast (&work, error);
  return prediction->forecasts != NULL ? g_steal_pointer (&prediction) : NULL;
}
