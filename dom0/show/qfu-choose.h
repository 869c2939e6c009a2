/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

/**
 * qfu_choose:
 * @question: what is to be chosen, such as "which device"
 * @instead: what to give on the command line where nobody can be asked
 * @choices: (array zero-terminated): at least one
 * @chosen: (out): index of the one
 * @error: #QFU_ERROR_USAGE: nobody is there to choose, with the choices; #QFU_ERROR_REFUSED: the
 * person chose none
 *
 * Lists @choices on the terminal and asks for a number. -y is no answer to it.
 */
gboolean qfu_choose (const QfuOptions *options,
                     const char *question,
                     const char *instead,
                     const char *const *choices,
                     guint *chosen,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
