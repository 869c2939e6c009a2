/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-ifd.h"

#include "qfu-error.h"

#define BLOCK 4096
#define UPPER_MAP 0xefc /* what lies there belongs to no section */
#define REGISTER_SIZE 4
#define FEW_REGIONS 8    /* chipsets before 2015 have no room for more */
#define ALWAYS_REGIONS 5 /* these count whatever FLMAP0 says */
#define BASE_MASK 0x7fffu
#define ERASED 0xffffffffu

static const char *const names[QFU_IFD_N_REGIONS] = {
    "SI_DESC",   "SI_BIOS", "SI_ME", "SI_GBE",        "SI_PDR", "SI_DEVICEEXT",
    "SI_BIOS2",  "SI_7",    "SI_EC", "SI_DEVICEEXT2", "SI_IE",  "SI_10GBE0",
    "SI_10GBE1", "SI_13",   "SI_14", "SI_PTT",
};

static gboolean
refuse (GError **error, const char *name, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "flash descriptor: %s %s", name, what);
  return FALSE;
}

/* A section's address: 8 bits of a register, in units of 16 bytes. */
static guint
section (guint32 map, guint shift)
{
  return (map >> shift & 0xff) * 16;
}

gboolean
qfu_ifd_sections (const QfuIfd *ifd, QfuIfdSections *out, GError **error)
{
  const guint others[] = {section (ifd->maps[0], 0), section (ifd->maps[1], 0),
                          section (ifd->maps[1], 16)};
  guint end = UPPER_MAP;

  out->regions = section (ifd->maps[0], 16);
  out->host = section (ifd->maps[1], 0);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
    if (others[i] > out->regions && others[i] < end)
      end = others[i];
  }
  if (out->regions < QFU_IFD_SIGNATURE_AT || out->regions + QFU_IFD_MAPS * REGISTER_SIZE >= end)
    return refuse (error, "the list of regions", "cannot lie where it says");
  if (out->host < QFU_IFD_SIGNATURE_AT || out->host + REGISTER_SIZE > UPPER_MAP ||
      out->host == out->regions)
    return refuse (error, "the list of masters", "cannot lie where it says");
  out->n_regions = MIN ((end - out->regions) / REGISTER_SIZE, QFU_IFD_N_REGIONS);
  return TRUE;
}

/* Whether a register is that of a region. What is behind the regions of older chipsets is anything;
 * zeros would be another descriptor. */
static gboolean
is_used (const QfuIfd *ifd, const QfuIfdSections *sections, guint number)
{
  guint32 value = ifd->regions[number];

  if (number >= ALWAYS_REGIONS && sections->n_regions <= FEW_REGIONS &&
      number > (ifd->maps[0] >> 24 & 7))
    return FALSE;
  return (value & BASE_MASK) <= (value >> 16 & BASE_MASK) && value != ERASED &&
         (value != 0 || number == 0);
}

/* Newer chipsets have 12 bits for reading at 8, and the rest at 0; older ones 8 bits at 16. */
static gboolean
is_closed (const QfuIfd *ifd, const QfuIfdSections *sections, guint number)
{
  guint bit = number + 16;

  if (sections->n_regions > FEW_REGIONS)
    bit = number < 12 ? number + 8 : number - 12;
  return (ifd->host >> bit & 1) == 0;
}

static gboolean
check_place (const GArray *regions, const QfuIfdRegion *region, guint64 size, GError **error)
{
  if (region->offset > size || region->size > size - region->offset)
    return refuse (error, region->name, "lies outside of the chip");
  if (region->number == 0 && region->offset != 0)
    return refuse (error, region->name, "lies elsewhere");
  for (guint i = 0; i < regions->len; i++) {
    const QfuIfdRegion *other = &g_array_index (regions, QfuIfdRegion, i);

    if (region->offset < other->offset + other->size &&
        other->offset < region->offset + region->size)
      return refuse (error, region->name, "lies in another region");
  }
  return TRUE;
}

GArray *
qfu_ifd_regions (const QfuIfd *ifd, guint64 size, GError **error)
{
  g_autoptr (GArray) regions = g_array_new (FALSE, FALSE, sizeof (QfuIfdRegion));
  QfuIfdSections sections;

  if (!qfu_ifd_sections (ifd, &sections, error))
    return NULL;
  for (guint i = 0; i < sections.n_regions; i++) {
    guint64 base = ifd->regions[i] & BASE_MASK;
    guint64 limit = ifd->regions[i] >> 16 & BASE_MASK;
    QfuIfdRegion region = {i, names[i], base * BLOCK, (limit - base + 1) * BLOCK,
                           is_closed (ifd, &sections, i)};

    if (!is_used (ifd, &sections, i))
      continue;
    if (!check_place (regions, &region, size, error))
      return NULL;
    g_array_append_val (regions, region);
  }
  if (regions->len == 0 || g_array_index (regions, QfuIfdRegion, 0).number != 0) {
    refuse (error, names[0], "is no region of it");
    return NULL;
  }
  return g_steal_pointer (&regions);
}
