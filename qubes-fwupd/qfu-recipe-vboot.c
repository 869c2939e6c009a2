/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recipe-vboot.h"

#include "qfu-locate.h"
#include "qfu-rules.h"

#include <string.h>

#define IMA_PCR 10
#define SETS (1u << QFU_VBOOT_N_VALUES)

static const struct {
  const char *slot;
  const char *block;
} slots[] = {{"FW_MAIN_A", "VBLOCK_A"}, {"FW_MAIN_B", "VBLOCK_B"}};

static int
slot_number (const char *region)
{
  for (gsize i = 0; i < G_N_ELEMENTS (slots); i++) {
    if (strcmp (slots[i].slot, region) == 0)
      return (int)i;
  }
  return -1;
}

static const char *
slot_name (const QfuRecipeWork *w, const QfuVbootBoot *boot)
{
  return g_array_index (w->old_rom->regions, QfuRomRegion, boot->slot).name;
}

/* The slot that holds an object. */
static int
find_slot (const QfuRecipeWork *w, const GArray *objects)
{
  for (guint i = 0; i < objects->len; i++) {
    const QfuRomRegion *region = g_array_index (objects, QfuObject, i).region;

    if (region != NULL && slot_number (region->name) >= 0)
      return (int)(region - &g_array_index (w->old_rom->regions, QfuRomRegion, 0));
  }
  return -1;
}

static const QfuEvent *
find_event (const QfuReplay *replay, QfuVbootValue value)
{
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (qfu_replay_is_firmware (event) && strcmp (event->name, qfu_vboot_name (value)) == 0)
      return event;
  }
  return NULL;
}

/* What the present image gives for a value; %FALSE when it gives none. */
static gboolean
present_digest (const QfuRecipeWork *w,
                const QfuVbootBoot *boot,
                QfuVbootValue value,
                guint mode,
                QfuHash hash,
                QfuDigest *out)
{
  if (value == QFU_VBOOT_MODE)
    qfu_vboot_mode (mode, hash, out);
  else if (value == QFU_VBOOT_HWID && w->old_rom->hwid_region >= 0)
    qfu_vboot_hwid (w->old_rom->hwid, hash, out);
  else if (value == QFU_VBOOT_VERSION && boot->block != NULL)
    qfu_vboot_version (boot->block, hash, out);
  else
    return FALSE;
  return TRUE;
}

/* A value that is logged: the log replays, so that it only has to be one of the possible ones. */
static void
prove_event (const QfuRecipeWork *w, QfuVbootBoot *boot, QfuVbootValue value)
{
  QfuVbootProof *proof = &boot->values[value];
  int bank = w->replay->bank;
  const QfuDigest *digest = &proof->event->digests[bank];
  QfuDigest expected;

  proof->pcr = proof->event->pcr;
  if (digest->size == 0 || !qfu_replay_agrees (w->replay, w->pcrs, (gsize)bank, proof->pcr))
    return;
  if (value == QFU_VBOOT_MODE) {
    boot->mode = qfu_vboot_mode_of (digest);
    proof->proven = boot->mode >= 0 ? 1u << bank : 0;
  } else if (present_digest (w, boot, value, 0, digest->hash, &expected) &&
             qfu_digest_equal (&expected, digest)) {
    proof->proven = 1u << bank;
  }
}

/* Whether the values of @set, extended before what is logged, give the present PCR. */
static gboolean
gives (
    const QfuRecipeWork *w, const QfuVbootBoot *boot, gsize bank, guint pcr, guint set, guint mode)
{
  QfuHash hash = qfu_bank_hash (bank);
  QfuDigest extends[QFU_VBOOT_N_VALUES];
  gsize count = 0;

  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    if ((set & 1u << value) &&
        !present_digest (w, boot, (QfuVbootValue)value, mode, hash, &extends[count++]))
      return FALSE;
  }
  return qfu_replay_agrees_with (w->replay, w->pcrs, bank, pcr, extends, count);
}

/* Values of @possible, a bit each, that no log holds and that the PCR proves. */
static void
prove_pcr (const QfuRecipeWork *w, QfuVbootBoot *boot, gsize bank, guint pcr, guint possible)
{
  if (!w->pcrs->known[bank][pcr] || qfu_replay_agrees (w->replay, w->pcrs, bank, pcr))
    return;
  for (guint set = 1; set < SETS; set++) {
    guint modes = set & 1u << QFU_VBOOT_MODE ? QFU_VBOOT_MODES : 1;

    for (guint mode = 0; (set & ~possible) == 0 && mode < modes; mode++) {
      if (!gives (w, boot, bank, pcr, set, mode))
        continue;
      if (set & 1u << QFU_VBOOT_MODE)
        boot->mode = (int)mode;
      for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++)
        boot->values[value].proven |= set & 1u << value ? 1u << bank : 0;
      return;
    }
  }
}

static void
prove_unlogged (const QfuRecipeWork *w, QfuVbootBoot *boot)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    guint possible = 0;

    for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
      if (boot->values[value].event == NULL && boot->values[value].pcr == pcr)
        possible |= 1u << value;
    }
    for (gsize bank = 0; possible != 0 && bank < QFU_BANK_COUNT; bank++)
      prove_pcr (w, boot, bank, pcr, possible);
  }
}

static gboolean
is_recovery (int mode)
{
  return mode / 3 % 2 == 1;
}

guint
qfu_recipe_vboot_present (const QfuRecipeWork *w, const GArray *objects, QfuVbootBoot *boot)
{
  guint proven = 0;

  *boot = (QfuVbootBoot){.slot = find_slot (w, objects), .mode = -1};
  if (boot->slot >= 0)
    boot->block = qfu_rom_vblock (w->old_rom, slots[slot_number (slot_name (w, boot))].block);
  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    QfuVbootProof *proof = &boot->values[value];

    proof->pcr = qfu_rules_vboot_pcr (w->old_rom, value);
    proof->event = find_event (w->replay, (QfuVbootValue)value);
    if (proof->event != NULL)
      prove_event (w, boot, (QfuVbootValue)value);
  }
  if (qfu_rules_is_set (w->old_rom, "CONFIG_VBOOT"))
    prove_unlogged (w, boot);
  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++)
    proven += boot->values[value].proven != 0;
  /* without a slot vboot can only be in recovery */
  return boot->slot < 0 && boot->mode >= 0 && !is_recovery (boot->mode) ? 0 : proven;
}

void
qfu_recipe_vboot_explain (QfuRecipeWork *w, const QfuVbootBoot *boot)
{
  gboolean vboot = qfu_rules_is_set (w->old_rom, "CONFIG_VBOOT");

  for (guint value = 0; value < QFU_VBOOT_N_VALUES; value++) {
    const QfuVbootProof *proof = &boot->values[value];

    for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
      if (proof->event == NULL && proof->proven & 1u << bank)
        w->out.explained.value[bank][proof->pcr] = w->pcrs->value[bank][proof->pcr];
    }
    if (vboot && proof->event == NULL && proof->proven == 0 &&
        !qfu_replay_agrees (w->replay, w->pcrs, (gsize)w->replay->bank, proof->pcr))
      qfu_forecast_doubt (
          &w->out, w->replay->bank, proof->pcr,
          proof->pcr == IMA_PCR
              ? "vboot extended it without a log entry, and the running system after"
              : "vboot extended it without a log entry, with what the image does "
                "not explain");
  }
}

/* Whether a region lies where it lay. */
static gboolean
same_place (const QfuRecipeWork *w, guint old_region, guint new_region)
{
  return g_array_index (w->old_rom->regions, QfuRomRegion, old_region).offset ==
         g_array_index (w->new_rom->regions, QfuRomRegion, new_region).offset;
}

static const QfuRomVblock *
new_block (const QfuRecipeWork *w, const QfuVbootBoot *boot)
{
  return boot->slot < 0
             ? NULL
             : qfu_rom_vblock (w->new_rom, slots[slot_number (slot_name (w, boot))].block);
}

/* Why the value of the next boot cannot be told; %NULL when it can. */
static const char *
why_not (const QfuRecipeWork *w, const QfuVbootBoot *boot, QfuVbootValue value)
{
  const QfuRomVblock *block = new_block (w, boot);

  if (value == QFU_VBOOT_MODE && is_recovery (boot->mode))
    return "vboot is in recovery, which the next boot may leave";
  if (value == QFU_VBOOT_MODE && boot->block != NULL &&
      (block == NULL || block->flags != boot->block->flags))
    return "the keyblock's flags change, and with them perhaps vboot's mode";
  if (value == QFU_VBOOT_HWID &&
      (w->new_rom->hwid_region < 0 ||
       (memcmp (w->new_rom->hwid, w->old_rom->hwid, QFU_HWID_SIZE) != 0 &&
        !same_place (w, (guint)w->old_rom->hwid_region, (guint)w->new_rom->hwid_region))))
    return "the new image has its hardware id elsewhere, or none";
  if (value == QFU_VBOOT_VERSION &&
      (block == NULL || !same_place (w, boot->block->region, block->region)))
    return "the new image has its keyblock elsewhere, or none";
  return NULL;
}

static void
next_digest (const QfuRecipeWork *w,
             const QfuVbootBoot *boot,
             QfuVbootValue value,
             QfuHash hash,
             QfuDigest *out)
{
  if (value == QFU_VBOOT_MODE)
    qfu_vboot_mode ((guint)boot->mode, hash, out);
  else if (value == QFU_VBOOT_HWID)
    qfu_vboot_hwid (w->new_rom->hwid, hash, out);
  else
    qfu_vboot_version (new_block (w, boot), hash, out);
}

void
qfu_recipe_vboot_next (QfuRecipeWork *w,
                       const QfuVbootBoot *boot,
                       QfuHash hash,
                       QfuVbootValue value,
                       QfuNextEvent *next)
{
  const QfuVbootProof *proof = &boot->values[value];
  const char *reason = why_not (w, boot, value);

  next->pcr = qfu_rules_known (w->new_rom) ? qfu_rules_vboot_pcr (w->new_rom, value) : proof->pcr;
  if (reason != NULL) {
    qfu_forecast_doubt (&w->out, -1, proof->pcr, reason);
    qfu_forecast_doubt (&w->out, -1, next->pcr, reason);
    return;
  }
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    QfuHash with = (int)bank == w->replay->bank ? hash : qfu_bank_hash (bank);

    if (proof->proven & 1u << bank)
      next_digest (w, boot, value, with, &next->digests[qfu_bank_index (with)]);
  }
}

static gboolean
same_region (const QfuRecipeWork *w, const char *name)
{
  const QfuRomRegion *old = qfu_rom_region (w->old_rom, name);
  const QfuRomRegion *new = qfu_rom_region (w->new_rom, name);

  if (old == NULL || new == NULL)
    return old == new;
  return old->size == new->size &&qfu_untrusted_blob_equal_range (
                          w->old_image, old->offset, w->new_image, new->offset, old->size);
}

gboolean
qfu_recipe_vboot_differs (const QfuRecipeWork *w)
{
  static const char *const names[] = {"GBB", "VBLOCK_A", "VBLOCK_B"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    if (!same_region (w, names[i]))
      return TRUE;
  }
  return FALSE;
}

/* Whether the new image's slots hold the same. */
static gboolean
slots_equal (const QfuRecipeWork *w)
{
  const QfuRomRegion *a = qfu_rom_region (w->new_rom, slots[0].slot);
  const QfuRomRegion *b = qfu_rom_region (w->new_rom, slots[1].slot);

  return a->size == b->size &&
         qfu_untrusted_blob_equal_range (w->new_image, a->offset, w->new_image, b->offset, a->size);
}

gboolean
qfu_recipe_vboot_slot (QfuRecipeWork *w, const QfuVbootBoot *boot, GError **error)
{
  const QfuRomVblock *block = new_block (w, boot);
  guint old_version;
  guint new_version;

  if (boot->slot < 0 || boot->block == NULL)
    return TRUE;
  if (block == NULL)
    return qfu_recipe_refuse (error, "vboot finds no keyblock for the slot in the new image",
                              slot_name (w, boot));
  old_version = boot->block->key_version << 16 | boot->block->firmware_version;
  new_version = block->key_version << 16 | block->firmware_version;
  if (new_version < old_version)
    qfu_recipe_warn (w, "boot-path-may-differ",
                     "%s goes back to version 0x%x from 0x%x, which vboot may refuse",
                     slot_name (w, boot), new_version, old_version);
  if (qfu_rom_vblock (w->new_rom, slots[0].block) == NULL ||
      qfu_rom_vblock (w->new_rom, slots[1].block) == NULL ||
      qfu_rom_region (w->new_rom, slots[0].slot) == NULL ||
      qfu_rom_region (w->new_rom, slots[1].slot) == NULL || slots_equal (w))
    return TRUE;
  if (!same_region (w, slots[0].slot) || !same_region (w, slots[1].slot) ||
      qfu_recipe_vboot_differs (w))
    qfu_recipe_warn (w, "boot-path-may-differ",
                     "the slots differ, and which one vboot takes is kept outside of the image; "
                     "the forecast is for %s as at present",
                     slot_name (w, boot));
  return TRUE;
}

G_STATIC_ASSERT (G_N_ELEMENTS (slots) == 2);
