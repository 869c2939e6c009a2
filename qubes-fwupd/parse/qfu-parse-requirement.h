/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/**
 * qfu_parsed_requirement_message:
 * @element: name of a child of `requires`
 * @names: its attributes
 * @values: their values
 * @text: what it held, stripped
 * @understood: %FALSE when something about it was seen that no requirement of its kind has
 *
 * Returns: (transfer full): the REQUIREMENT frame; of kind unknown unless everything about it is
 * understood and fits
 */
QfuMessage *qfu_parsed_requirement_message (const char *element,
                                            const char **names,
                                            const char **values,
                                            const char *text,
                                            gboolean understood);
