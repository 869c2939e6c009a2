/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "testconfig.h"

#define TEST_CHIP_SIZE (16 * 1024 * 1024)

/**
 * TestChip:
 * @directory: temporary, removed with the chip
 * @path: of the file that libflashrom's dummy programmer takes for a chip
 * @config: leads to the chip
 */
typedef struct {
  char *directory;
  char *path;
  QfuConfig *config;
} TestChip;

/* A 16 MiB chip with these contents. */
void test_chip_set_up (TestChip *chip, const guint8 *contents);
void test_chip_tear_down (TestChip *chip);

/* Makes another programmer the configured one. */
void test_chip_use (TestChip *chip, const char *programmer);

/* (transfer full): TEST_CHIP_SIZE bytes that look random. */
guint8 *test_chip_pattern (guint32 seed);

/* The chip's file holds these bytes. */
void test_chip_assert_holds (const TestChip *chip, const guint8 *contents);
