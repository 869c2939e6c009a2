/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * QfuParsedComponent:
 *
 * A component while its element is open. What is wrong with it is kept until it is emitted: a
 * component that nobody asks for harms nobody.
 */
typedef struct _QfuParsedComponent QfuParsedComponent;

/* @names, @values: attributes of the `component` element. */
QfuParsedComponent *qfu_parsed_component_new (const char **names, const char **values);
void qfu_parsed_component_free (QfuParsedComponent *component);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuParsedComponent, qfu_parsed_component_free)

/* An element without children ended: @path from the component, the attributes that it began with
 * (%NULL-terminated), what it held, stripped. */
void qfu_parsed_component_child (QfuParsedComponent *component,
                                 const char *path,
                                 const char **names,
                                 const char **values,
                                 const char *text);

/* @requirement: (transfer full): a REQUIREMENT frame. */
void qfu_parsed_component_add_requirement (QfuParsedComponent *component, QfuMessage *requirement);
/* @release: (transfer full) (nullable): a RELEASE frame, %NULL when there was a problem.
 * @problem: (transfer full) (nullable): what was wrong with it */
void qfu_parsed_component_add_release (QfuParsedComponent *component,
                                       QfuMessage *release,
                                       GError *problem);

gboolean qfu_parsed_component_is_firmware (const QfuParsedComponent *component);

/* %FALSE when something that matters does not fit into frames or makes no sense. */
gboolean qfu_parsed_component_check (const QfuParsedComponent *component,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Emits COMPONENT, its REQUIREMENTs and its RELEASEs. Check it before. */
gboolean qfu_parsed_component_emit (const QfuParsedComponent *component,
                                    const QfuParseSink *sink,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Emits a COMPONENT with QFU_COMPONENT_BROKEN that says for which devices it would have been, and
 * the @problem. */
gboolean qfu_parsed_component_emit_broken (const QfuParsedComponent *component,
                                           const GError *problem,
                                           const QfuParseSink *sink,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
