/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Files of settings: one that is named, and the drop-ins FILE.d/NAME.conf beside it. Their syntax
 * is that of GLib's key files; unlike those they are read line by line, so that whatever is wrong
 * with a value can be said with its place.
 *
 * Trust: settings decide which programs root runs and whose signature counts. A file or folder that
 * is not root's (or of the user who runs the program), or that others may write, is not read, and
 * is an error instead of being passed over.
 */

/**
 * QfuKeyfileLine:
 * @file: (transfer none): path of its file
 * @number: of the line, from 1
 * @group: (transfer none): the group that it stands in
 * @key: (nullable): the key; %NULL: the line that begins the group
 * @value: (nullable): its value, escapes resolved, without white space around it
 *
 * A line that is neither empty nor a comment.
 */
typedef struct {
  const char *file;
  guint number;
  const char *group;
  char *key;
  char *value;
} QfuKeyfileLine;

/**
 * QfuKeyfile:
 * @files: (element-type utf8): paths of the files, in the order in which they were read
 * @lines: (element-type QfuKeyfileLine): all of their lines in that order: of two lines with the
 * same key, the later one counts
 */
typedef struct {
  GPtrArray *files;
  GPtrArray *lines;
  GPtrArray *groups; /* owner of the names that @lines have */
} QfuKeyfile;

/**
 * qfu_keyfile_read:
 * @path: the file
 * @optional: whether it may be missing; its drop-ins may in any case
 * @error: #QFU_ERROR_USAGE naming file and line, and what is allowed
 *
 * Reads @path and then, in the order of the bytes of their names, every `*.conf` of the folder
 * @path + ".d", names that begin with a dot excepted. Drop-ins may not be symbolic links, nor may
 * their folder.
 *
 * Returns: (transfer full): the lines
 */
QfuKeyfile *
qfu_keyfile_read (const char *path, gboolean optional, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_keyfile_free (QfuKeyfile *keyfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuKeyfile, qfu_keyfile_free)

/**
 * qfu_keyfile_refuse:
 * @line: what is wrong
 * @allowed: what would be right, for people
 *
 * Sets #QFU_ERROR_USAGE that names file, line, group, key and value.
 *
 * Returns: %FALSE
 */
gboolean qfu_keyfile_refuse (const QfuKeyfileLine *line, const char *allowed, GError **error);
