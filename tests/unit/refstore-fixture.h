/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-refstore.h"

/* A configuration whose state is a folder of its own, and its removal. */
typedef QfuConfig Fixture;
Fixture *fixture_new (void);
void fixture_free (Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

#define FIXTURE_BOOT "11111111-2222-3333-4444-555555555555"
#define FIXTURE_DEVICE "0123456789abcdef0123456789abcdef01234567"

/* A complete record; its image is the SHA-256 of @image. */
QfuRefRecord *fixture_record (const char *image);
/* What fits a record of fixture_record (@image); owns its digests until the next call. */
QfuRefBinding fixture_binding (const char *image);
/* Opens the store and checks that it could be. */
QfuRefStore *fixture_open (const Fixture *fixture, gboolean writable);
/* Stages a record and returns its id. */
guint fixture_stage (QfuRefStore *store, const char *image);
/* (transfer full): "ID STATE" of each record, divided by commas. */
char *fixture_states (const QfuRefStore *store);
/* (transfer full): the path of the file @name in the store. */
char *fixture_path (const Fixture *fixture, const char *name);
/* How many entries are on disk. */
guint fixture_entries (const Fixture *fixture);
