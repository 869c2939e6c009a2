/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-ifd.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

#define MIB (1024 * 1024)
#define ALL 0xffffffffu
/* FLMAP0 and FLMAP1 with room for 16 regions, and for 8 of which 5 or 7 are in use. */
#define WIDE                                                                                       \
  {                                                                                                \
    0x00040003, 0x00100008, 0                                                                      \
  }
#define NARROW                                                                                     \
  {                                                                                                \
    0x04040003, 0x00100006, 0                                                                      \
  }
#define NARROW_7                                                                                   \
  {                                                                                                \
    0x06040003, 0x00100006, 0                                                                      \
  }

static void
assert_region (const GArray *regions, guint i, const char *name, guint64 offset, guint64 size)
{
  const QfuIfdRegion *region = &g_array_index (regions, QfuIfdRegion, i);

  g_assert_cmpuint (i, <, regions->len);
  g_assert_cmpstr (region->name, ==, name);
  g_assert_cmpuint (region->offset, ==, offset);
  g_assert_cmpuint (region->size, ==, size);
}

/* Regions come by number, wherever they lie; those that are not in use do not come. */
static void
test_regions (void)
{
  const QfuIfd ifd = {.maps = WIDE,
                      .regions = {0, 0x0fff0800, 0x07ff0003, 0x00020001, 0x00007fff, 0, 0xffffffff,
                                  0x00017fff, 0x0fff1000, [9] = 0x17ff1000, [15] = 0x7ffe},
                      .host = ALL};
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) regions = qfu_ifd_regions (&ifd, 32 * MIB, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (regions->len, ==, 5);
  assert_region (regions, 0, "SI_DESC", 0, 4096);
  assert_region (regions, 1, "SI_BIOS", 8 * MIB, 8 * MIB);
  assert_region (regions, 2, "SI_ME", 3 * 4096, 8 * MIB - 3 * 4096);
  assert_region (regions, 3, "SI_GBE", 4096, 8192);
  assert_region (regions, 4, "SI_DEVICEEXT2", 16 * MIB, 8 * MIB);
}

/* What stands behind the last region of an older chipset counts for nothing. */
static void
test_older (void)
{
  QfuIfd ifd = {.maps = NARROW,
                .regions = {0, 0x00ff0080, 0x007f0003, 0x00020001, 0x1fff, 0x12345678, 0x00030003},
                .host = ALL};
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) regions = qfu_ifd_regions (&ifd, MIB, &error);
  QfuIfdSections sections;

  g_assert_no_error (error);
  g_assert_cmpuint (regions->len, ==, 4);
  g_assert_true (qfu_ifd_sections (&ifd, &sections, &error));
  g_assert_cmpuint (sections.regions, ==, 0x40);
  g_assert_cmpuint (sections.n_regions, ==, 8);
  g_assert_cmpuint (sections.host, ==, 0x60);
  ifd.maps[0] = 0x06040003;
  g_assert_null (qfu_ifd_regions (&ifd, MIB, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static void
assert_closed (const QfuIfd *ifd, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) regions = qfu_ifd_regions (ifd, 16 * MIB, &error);
  g_autoptr (GString) closed = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < regions->len; i++) {
    const QfuIfdRegion *region = &g_array_index (regions, QfuIfdRegion, i);

    if (region->closed)
      g_string_append_printf (closed, "%s ", region->name);
  }
  g_assert_cmpstr (closed->str, ==, expected);
}

static void
test_rights (void)
{
  QfuIfd wide = {.maps = WIDE,
                 .regions = {0, 0x00ff0080, 0x007f0003, [15] = 0x00020001},
                 .host = 0x00b00000 | 1u << 8 | 1u << 9 | 1u << 3};
  QfuIfd narrow = {.maps = NARROW, .regions = {0, 0x00ff0080, 0x007f0003}, .host = 0x0b030000};

  for (guint i = 3; i < 15; i++)
    wide.regions[i] = 0x7fff;
  for (guint i = 3; i < 8; i++)
    narrow.regions[i] = 0x7fff;
  assert_closed (&wide, "SI_ME ");
  assert_closed (&narrow, "SI_ME ");
  wide.host = narrow.host = ALL;
  assert_closed (&wide, "");
  assert_closed (&narrow, "");
  wide.host = narrow.host = 0;
  assert_closed (&wide, "SI_DESC SI_BIOS SI_ME SI_PTT ");
  assert_closed (&narrow, "SI_DESC SI_BIOS SI_ME ");
}

static void
test_contradictions (void)
{
  static const struct {
    QfuIfd ifd;
    const char *why;
  } cases[] = {
      {{.maps = WIDE, .regions = {0, 0x01000080}}, "SI_BIOS lies outside"},
      {{.maps = WIDE, .regions = {0, 0x7ffe0080}}, "SI_BIOS lies outside"},
      {{.maps = WIDE, .regions = {0, 0x00ff0000}}, "SI_BIOS lies in another"},
      {{.maps = WIDE, .regions = {0, 0x00ff0080, 0x00800003}}, "SI_ME lies in another"},
      {{.maps = WIDE, .regions = {0, 0x00ff0080, 0x00900090}}, "SI_ME lies in another"},
      {{.maps = WIDE, .regions = {0x00010001}}, "SI_DESC lies elsewhere"},
      {{.maps = WIDE, .regions = {0x7fff, 0x00ff0080}}, "SI_DESC is no region"},
      {{.maps = NARROW_7, .regions = {0, [6] = 0x01000100}}, "SI_BIOS2 lies outside"},
      {{.maps = {0x00040003, 0x00100004, 0}}, "list of masters"},
      {{.maps = {0x00040003, 0x00100000, 0}}, "list of masters"},
      {{.maps = {0x00040003, 0x001000f0, 0}}, "list of masters"},
      {{.maps = {0x00000003, 0x00100008, 0}}, "list of regions"},
      {{.maps = {0x00ef0003, 0x00100008, 0}}, "list of regions"},
      {{.maps = {0x00ff0003, 0x00100008, 0}}, "list of regions"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_ifd_regions (&cases[i].ifd, MIB, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, cases[i].why));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/ifd/regions", test_regions);
  g_test_add_func ("/ifd/older", test_older);
  g_test_add_func ("/ifd/rights", test_rights);
  g_test_add_func ("/ifd/contradictions", test_contradictions);
  return g_test_run ();
}
