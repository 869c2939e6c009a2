/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-locate.h"
#include "qfu-recipe-doubts.h"
#include "qfu-recipe-vboot.h"
#include "qfu-rules.h"

#include <string.h>

/* coreboot: every event of the present log is found in the present image by name and digest, and
 * the same object of the new image is hashed. */

#define KIND_SELF 0x20u /* payloads: 0x20 and 0x21 */

typedef struct {
  QfuRecipeWork *w;
  guint srtm;       /* PCR of code in the present image */
  QfuHash hash;     /* that the new image extends with */
  gboolean payload; /* the payload's bytes change */
  gboolean first;   /* of several answers; only this one warns */
} Coreboot;

static gboolean
fits (const QfuRecipeWork *w)
{
  return w->old_rom->kind == QFU_ROM_COREBOOT && w->replay->firmware > 0;
}

/* The present boot must be understood before anything is said of the next. */
static gboolean
check_present (Coreboot *c, GError **error)
{
  const QfuReplay *r = c->w->replay;
  gboolean known = c->w->pcrs->known[r->bank][c->srtm];

  if (qfu_replay_agrees (r, c->w->pcrs, (gsize)r->bank, c->srtm))
    return TRUE;
  if (known && qfu_rules_unlogged_boot (c->w->old_rom, r)) {
    qfu_recipe_warn (c->w, "unlogged-extends",
                     "the present image %s extends PCR %u without logging, so its value is not "
                     "forecast",
                     qfu_replay_is_full (r) ? "seems to fill its log, and then" : "also", c->srtm);
    qfu_forecast_doubt (&c->w->out, r->bank, c->srtm, "coreboot extended it without a log entry");
    return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION,
               known ? "the logs do not replay to the present value of PCR %u"
                     : "the present value of PCR %u is not known",
               c->srtm);
  return FALSE;
}

/* The new image may extend without logging where the present one does not. */
static void
doubt_unlogged (Coreboot *c)
{
  QfuRecipeWork *w = c->w;
  guint pcr = qfu_rules_srtm (w->new_rom);

  if (!qfu_rules_unlogged (w->new_rom) || w->out.doubt[w->out.bank][pcr] != NULL)
    return;
  qfu_recipe_warn (w, "unlogged-extends",
                   "the new image also extends PCR %u without logging, so its value is not "
                   "forecast",
                   pcr);
  qfu_forecast_doubt (&w->out, w->out.bank, pcr, "the new image extends it without a log entry");
}

static gboolean
check_images (QfuRecipeWork *w, GError **error)
{
  const char *change = qfu_rules_contradiction (w->old_rom, w->new_rom);
  const char *doubt = qfu_rules_doubt (w->old_rom, w->new_rom);

  if (w->new_rom->kind != QFU_ROM_COREBOOT)
    return qfu_recipe_refuse (error, "the new image is firmware of another kind", NULL);
  if (change != NULL)
    return qfu_recipe_refuse (error, "the new image measures other objects than the present one",
                              change);
  if (doubt != NULL)
    qfu_recipe_warn (w, "boot-path-may-differ", "%s changes, which may change what is loaded",
                     doubt);
  if (!qfu_rules_known (w->new_rom) || !qfu_rules_known (w->old_rom))
    qfu_recipe_warn (w, "no-settings",
                     "an image holds no settings; the present algorithm and PCRs are taken");
  if (w->replay->overwritten)
    qfu_recipe_warn (w, "log-overwritten",
                     "the payload overwrote coreboot's log; the console listing is used");
  return TRUE;
}

/* The same object in the new image: the region of that name and the first file of that name. */
static gboolean
find_new (Coreboot *c, const QfuObject *old, QfuObject *new, GError **error)
{
  const QfuRom *rom = c->w->new_rom;
  g_autofree char *label = NULL;

  *new = (QfuObject){.event = old->event, .region = qfu_rom_region (rom, old->region->name)};
  if (old->file == NULL && new->region != NULL)
    return TRUE;
  if (new->region != NULL) {
    guint index = (guint)(new->region - &g_array_index (rom->regions, QfuRomRegion, 0));

    new->file = qfu_rom_file (rom, index, old->file->name);
  }
  if (new->file != NULL)
    return TRUE;
  label = g_strdup_printf ("%s:%s", old->region->name, old->file != NULL ? old->file->name : "");
  return qfu_recipe_refuse (error, "a measured object is not in the new image", label);
}

static void
range_of (const QfuObject *object, guint64 *offset, guint64 *size)
{
  *offset = object->file != NULL ? object->file->offset : object->region->offset;
  *size = object->file != NULL ? object->file->size : object->region->size;
}

/* The digest of @new; the one that the log has when @old is the same bytes, as it was compared
 * with a hash of them. */
static gboolean
hash_new (Coreboot *c,
          const QfuObject *old,
          const QfuObject *new,
          gboolean *same,
          QfuDigest *out,
          GError **error)
{
  const QfuRecipeWork *w = c->w;
  guint64 old_offset;
  guint64 old_size;
  guint64 offset;
  guint64 size;

  range_of (old, &old_offset, &old_size);
  range_of (new, &offset, &size);
  *same = size == old_size &&
          qfu_untrusted_blob_equal_range (w->old_image, old_offset, w->new_image, offset, size);
  if (*same && qfu_bank_hash ((gsize)w->replay->bank) == c->hash) {
    *out = old->event->digests[w->replay->bank];
    return TRUE;
  }
  return qfu_untrusted_blob_hash_range (w->new_image, c->hash, offset, size, out, error);
}

static void
note_difference (Coreboot *c, const QfuObject *old, const QfuObject *new, gboolean same)
{
  if (!same) {
    c->w->out.changed = TRUE;
    c->payload = c->payload || (old->file != NULL && (old->file->kind & ~1u) == KIND_SELF);
  } else if (old->file != NULL && new->file != NULL &&
             old->file->load_address != new->file->load_address) {
    qfu_recipe_warn (c->w, "load-address-changed",
                     "%s loads at another address, which no digest covers", old->file->name);
  }
}

/* One extend of the next boot for an object of coreboot. */
static gboolean
next_object (Coreboot *c, const QfuObject *old, QfuNextEvent *next, GError **error)
{
  QfuDigest *digest = &next->digests[qfu_bank_index (c->hash)];
  gboolean same;
  QfuObject new;

  if (old->region == NULL) {
    qfu_forecast_doubt (&c->w->out, -1, next->pcr,
                        "an event of coreboot in it is of nothing in the present image");
    return TRUE;
  }
  if (qfu_rules_pcr (c->w->old_rom, old->file, next->pcr) != next->pcr)
    return qfu_recipe_refuse (error, "an event extends another PCR than the image's settings say",
                              old->event->name);
  if (!find_new (c, old, &new, error) || !hash_new (c, old, &new, &same, digest, error))
    return FALSE;
  next->pcr = qfu_rules_pcr (c->w->new_rom, new.file, next->pcr);
  if (c->first) {
    note_difference (c, old, &new, same);
    qfu_measured_objects_add (c->w->objects, next->pcr, &new);
  }
  return TRUE;
}

static void
add_next (Coreboot *c, const QfuNextEvent *next)
{
  g_array_append_val (c->w->out.next, *next);
}

/* What vboot extended before the log began. */
static void
next_unlogged (Coreboot *c, const QfuVbootBoot *boot)
{
  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    QfuNextEvent next = {0};

    if (boot->values[value].event != NULL || boot->values[value].proven == 0)
      continue;
    qfu_recipe_vboot_next (c->w, boot, c->hash, (QfuVbootValue)value, &next);
    add_next (c, &next);
  }
}

/* The number of the value that an event logs; -1: none that is proven. */
static int
value_of (const QfuVbootBoot *boot, const QfuEvent *event)
{
  for (int value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    if (boot->values[value].event == event && boot->values[value].proven != 0)
      return value;
  }
  return -1;
}

/* The next boot's extends when @objects are what the present one measured. */
static gboolean
next_events (Coreboot *c, const GArray *objects, const QfuVbootBoot *boot, GError **error)
{
  const GPtrArray *events = c->w->replay->events;
  guint object = 0;

  g_array_set_size (c->w->out.next, 0);
  next_unlogged (c, boot);
  for (guint i = 0; i < events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (events, i);
    QfuNextEvent next = {.pcr = event->pcr};
    int value = value_of (boot, event);

    if (object < objects->len && g_array_index (objects, QfuObject, object).event == event) {
      if (!next_object (c, &g_array_index (objects, QfuObject, object++), &next, error))
        return FALSE;
      add_next (c, &next);
    } else if (value >= 0) {
      qfu_recipe_vboot_next (c->w, boot, c->hash, (QfuVbootValue)value, &next);
      add_next (c, &next);
    } else {
      qfu_recipe_keep (c->w, event);
    }
  }
  return TRUE;
}

static gboolean
same_extend (const QfuNextEvent *a, const QfuNextEvent *b)
{
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (a->digests[bank].size != b->digests[bank].size ||
        (a->digests[bank].size > 0 && !qfu_digest_equal (&a->digests[bank], &b->digests[bank])))
      return FALSE;
  }
  return a->pcr == b->pcr;
}

static gboolean
same_events (const GArray *a, const GArray *b)
{
  for (guint i = 0; i < MIN (a->len, b->len); i++) {
    if (!same_extend (&g_array_index (a, QfuNextEvent, i), &g_array_index (b, QfuNextEvent, i)))
      return FALSE;
  }
  return a->len == b->len;
}

/* The settings of the new image decide, unless those of the present one do not even explain the
 * present log: a TPM 1.2 takes SHA-1 whatever an image was built for. */
static QfuHash
next_hash (QfuRecipeWork *w)
{
  QfuHash present = qfu_bank_hash ((gsize)w->replay->bank);

  if (qfu_rules_hash (w->old_rom, present) == present)
    return qfu_rules_hash (w->new_rom, present);
  qfu_recipe_warn (w, "settings-disagree",
                   "the log is of %s, the present image's settings say otherwise",
                   qfu_hash_name (present));
  return present;
}

/* The code of the slot extends, too, from when it runs. */
static gboolean
check_slot_settings (QfuRecipeWork *w, const QfuVbootBoot *boot, GError **error)
{
  const QfuRomRegion *slot = NULL;
  const char *setting = NULL;

  if (boot->slot >= 0)
    slot = qfu_rom_region (w->new_rom,
                           g_array_index (w->old_rom->regions, QfuRomRegion, boot->slot).name);
  if (slot != NULL)
    setting = qfu_rules_region_differs (
        w->new_rom, (guint)(slot - &g_array_index (w->new_rom->regions, QfuRomRegion, 0)));
  if (setting == NULL)
    return TRUE;
  return qfu_recipe_refuse (
      error, "the slot of the new image measures by other settings than its bootblock", setting);
}

/* One way in which the present image explains the log. */
typedef struct {
  const GArray *objects;
  QfuVbootBoot boot;
  guint proven; /* values of vboot */
} Answer;

/* The answers that explain most of vboot's values. */
static GArray *
weigh (const QfuRecipeWork *w, const GPtrArray *located)
{
  GArray *answers = g_array_new (FALSE, TRUE, sizeof (Answer));
  guint most = 0;

  for (guint i = 0; i < located->len; i++) {
    Answer answer = {.objects = g_ptr_array_index (located, i)};

    answer.proven = qfu_recipe_vboot_present (w, answer.objects, &answer.boot);
    most = MAX (most, answer.proven);
    g_array_append_val (answers, answer);
  }
  for (guint i = answers->len; i > 0; i--) {
    if (g_array_index (answers, Answer, i - 1).proven < most)
      g_array_remove_index (answers, i - 1);
  }
  return answers;
}

/* Several slots can explain the log; then all must give the same next boot. */
static gboolean
follow (Coreboot *c, const GArray *answers, GError **error)
{
  g_autoptr (GArray) first = NULL;

  for (guint i = 0; i < answers->len; i++) {
    const Answer *answer = &g_array_index (answers, Answer, i);

    c->first = i == 0;
    if (!check_slot_settings (c->w, &answer->boot, error) ||
        !qfu_recipe_vboot_slot (c->w, &answer->boot, error) ||
        !next_events (c, answer->objects, &answer->boot, error))
      return FALSE;
    if (first == NULL)
      first = g_array_copy (c->w->out.next);
    else if (!same_events (first, c->w->out.next))
      return qfu_recipe_refuse (
          error, "the log does not prove which slot was booted, and they differ", NULL);
  }
  return TRUE;
}

/* A value that is logged and is not what the image gives stays only if nothing changes. */
static void
doubt_values (QfuRecipeWork *w, const QfuVbootBoot *boot)
{
  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    if (boot->values[value].event != NULL && boot->values[value].proven == 0)
      qfu_forecast_doubt (&w->out, -1, boot->values[value].pcr,
                          "vboot's value in it is not what the present image gives");
  }
}

static gboolean
foresee (QfuRecipeWork *w, GError **error)
{
  Coreboot c = {.w = w, .srtm = qfu_rules_srtm (w->old_rom)};
  g_autoptr (GPtrArray) located = NULL;
  g_autoptr (GArray) answers = NULL;
  const Answer *answer;

  if (!check_present (&c, error) || !check_images (w, error))
    return FALSE;
  c.hash = next_hash (w);
  w->out.bank = qfu_bank_index (c.hash);
  doubt_unlogged (&c);
  located = qfu_locate (w->replay, w->old_image, w->old_rom, c.srtm, error);
  if (located == NULL)
    return FALSE;
  answers = weigh (w, located);
  if (!follow (&c, answers, error))
    return FALSE;
  answer = &g_array_index (answers, Answer, 0);
  qfu_recipe_vboot_explain (w, &answer->boot);
  w->out.changed = w->out.changed || qfu_recipe_vboot_differs (w);
  if (w->out.changed)
    doubt_values (w, &answer->boot);
  qfu_recipe_doubt_path (w, answer->objects);
  qfu_recipe_doubt_tail (w, c.payload);
  if (!w->pcrs->known[w->out.bank][c.srtm])
    qfu_recipe_warn (w, "bank-unknown", "the present values of bank %s are not known",
                     qfu_hash_name (c.hash));
  return TRUE;
}

const QfuRecipe qfu_recipe_coreboot = {"coreboot", fits, foresee};
