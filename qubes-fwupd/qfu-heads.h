/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-component.h"

/*
 * How firmware that carries Heads names itself, and how metadata name it. Heads writes its brand
 * and the output of git describe into the SMBIOS BIOS version (`Heads-v0.2.1-42-g0b9d8e4`, on some
 * boards behind an EC's tag) and, unless a board says otherwise, the board's name into the SMBIOS
 * product name. In metadata its components have the branch `heads`, or `heads` and the board's name
 * behind it as parts of the AppStream id (`com.3mdeb.heads.x230.firmware`).
 */

/**
 * qfu_heads_runs:
 * @bios_version: (nullable): SMBIOS BIOS version
 * @version: (out) (transfer full) (nullable): the version of Heads, with numbers and dots alone:
 * commits since the tag are one more number; %NULL when it names none
 *
 * Returns: whether it is the one of firmware with Heads
 */
gboolean qfu_heads_runs (const char *bios_version, char **version);

/**
 * qfu_heads_board:
 *
 * Returns: (transfer full) (nullable): the board that the AppStream id of @component names, in
 * lower case; %NULL when it names none
 */
char *qfu_heads_board (const QfuComponent *component);

/**
 * QfuHeadsReason:
 * @QFU_HEADS_NOT_FOR: it is not for the machine
 * @QFU_HEADS_BY_WORD: a person names it
 * @QFU_HEADS_BY_FAMILY: its board is the model that SMBIOS names
 * @QFU_HEADS_BY_PRODUCT: its board is the SMBIOS product name, as Heads writes it
 * @QFU_HEADS_BY_HARDWARE: one of its GUIDs is a hardware id of the machine
 *
 * Why a component is for a machine; a higher one is a better reason.
 */
typedef enum {
  QFU_HEADS_NOT_FOR,
  QFU_HEADS_BY_WORD,
  QFU_HEADS_BY_FAMILY,
  QFU_HEADS_BY_PRODUCT,
  QFU_HEADS_BY_HARDWARE,
} QfuHeadsReason;

/**
 * QfuHeadsMachine:
 * @product: (nullable): SMBIOS product name
 * @family: (nullable): SMBIOS family
 * @hardware: (array zero-terminated): the machine's hardware ids, lower-case GUIDs
 * @wanted: (nullable): what a person calls the board: the board's name, a GUID or a whole AppStream
 * id; nothing else counts then
 *
 * What a board is found by. Texts are compared whole, whatever their case; `-`, `_`, `.` and a
 * blank are the same.
 */
typedef struct {
  const char *product;
  const char *family;
  const char *const *hardware;
  const char *wanted;
} QfuHeadsMachine;

/* Why @component is for @machine. Never for one that is no firmware with Heads. */
QfuHeadsReason qfu_heads_match (const QfuComponent *component, const QfuHeadsMachine *machine);

/**
 * qfu_heads_choose:
 * @components: (element-type QfuComponent): of all metadata
 * @reason: (out) (nullable): why it is for the machine
 * @error: #QFU_ERROR_NOTHING when there is none for the machine, #QFU_ERROR_REFUSED when there are
 * several or when it cannot be read; both say which boards there are
 *
 * Finds the firmware by the best reason that any component has. Several components of one AppStream
 * id are one firmware, of several remotes.
 *
 * Returns: (transfer none): a component of that id
 */
const QfuComponent *qfu_heads_choose (const GPtrArray *components,
                                      const QfuHeadsMachine *machine,
                                      QfuHeadsReason *reason,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): what @reason is in a sentence: "found by its hardware ids". */
const char *qfu_heads_reason_text (QfuHeadsReason reason);
