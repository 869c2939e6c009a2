/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "forged.h"
#include "qfu-layout.h"
#include "testconfig.h"

/* Chips of 16 erase blocks. A picture has one character a block: the byte that fills it, `.` for
 * 0xff. */

#define BLOCK QFU_ERASE_BLOCK
#define BLOCKS 16

/* A region in blocks. */
typedef struct {
  const char *name;
  guint first;
  guint blocks;
} Area;

#define HEAD "[Layout]\nDefault=preserve\n[Regions]\n"
#define FIRMWARE HEAD "FMAP=update\nCOREBOOT=update\n"

/* (transfer full): the layout of a file with this text; it must be good, or @error is asked for. */
QfuLayout *layout_of_text (const char *text, GError **error);
QfuLayout *layout_of_good_text (const char *text);

/* (transfer full): a map of @n areas; @board: (nullable). */
QfuRom *layout_rom (const Area *areas, gsize n, const char *board);
#define LAYOUT_ROM(areas) layout_rom (areas, G_N_ELEMENTS (areas), "X1")

/* (transfer full): what a picture shows. */
QfuUntrustedBlob *layout_blob (const char *picture);
/* (transfer full): the picture of a blob; `?` where a block is not of one byte. */
char *layout_picture (const QfuUntrustedBlob *blob);

/* (transfer full): the ranges in blocks, such as `4-7 9`. */
char *layout_ranges (const GArray *ranges);
/* (transfer full): steps and their ranges, such as `FW: 4-7; COREBOOT!: 9`; `!` marks a window. */
char *layout_steps (const GPtrArray *steps);

/* A chip and an image to compose. */
typedef struct {
  const char *rules;
  const Area *old_map;
  gsize n_old;
  const Area *new_map;
  gsize n_new;
  const char *old;    /* picture; %NULL: OLD */
  const char *new;    /* %NULL: NEW */
  guint64 descriptor; /* bit i: region i of either map is the descriptor's, too */
} Case;

#define MAP(areas) areas, G_N_ELEMENTS (areas)
#define OLD "abcdefghijklmnop"
#define NEW "ABCDEFGHIJKLMNOP"

void layout_mark_descriptor (QfuRom *rom, guint64 bits);
/* (transfer full): the composed image, whose picture is @expected, and whose steps hold exactly
 * what changes. */
QfuComposed *layout_composed (const Case *t, const char *expected);
/* The same, which is all that counts. */
void layout_fits (const Case *t, const char *expected);
/* A refusal whose text holds @word. */
void layout_refused (const Case *t, const char *word);
