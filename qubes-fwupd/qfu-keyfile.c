/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-keyfile.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
line_free (gpointer data)
{
  QfuKeyfileLine *line = data;

  g_free (line->key);
  g_free (line->value);
  g_free (line);
}

void
qfu_keyfile_free (QfuKeyfile *keyfile)
{
  if (keyfile == NULL)
    return;
  g_ptr_array_unref (keyfile->lines);
  g_ptr_array_unref (keyfile->groups);
  g_ptr_array_unref (keyfile->files);
  g_free (keyfile);
}

gboolean
qfu_keyfile_refuse (const QfuKeyfileLine *line, const char *allowed, GError **error)
{
  /* the file may hold anything, and this is printed */
  g_autofree char *value = line->value == NULL ? NULL : g_strescape (line->value, NULL);

  if (line->key == NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s:%u: [%s]: %s", line->file, line->number,
                 line->group, allowed);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s:%u: [%s] %s=%s: %s", line->file,
                 line->number, line->group, line->key, value == NULL ? "" : value, allowed);
  return FALSE;
}

static gboolean
wrong_line (const QfuKeyfileLine *line, const char *what, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s:%u: %s", line->file, line->number, what);
  return FALSE;
}

/* Resolves \s, \n, \t, \r and \\ in place, as GLib's key files have them; %FALSE for any other. */
static gboolean
unescape (char *text)
{
  static const char escapes[] = "sntr\\";
  static const char meanings[] = " \n\t\r\\";
  char *to = text;

  for (const char *from = text; *from != '\0'; from++) {
    const char *escape;

    if (*from != '\\') {
      *to++ = *from;
      continue;
    }
    from++;
    escape = *from == '\0' ? NULL : strchr (escapes, *from);
    if (escape == NULL)
      return FALSE;
    *to++ = meanings[escape - escapes];
  }
  *to = '\0';
  return TRUE;
}

/* The name between the brackets; %NULL when it is none. */
static char *
group_name (char *text)
{
  gsize length = strlen (text);

  if (length < 3 || text[length - 1] != ']')
    return NULL;
  text[length - 1] = '\0';
  for (const char *p = text + 1; *p != '\0'; p++) {
    if (*p == '[' || *p == ']' || g_ascii_iscntrl (*p))
      return NULL;
  }
  return g_strdup (text + 1);
}

static gboolean
take_key (QfuKeyfileLine *line, char *text, GError **error)
{
  char *equals = strchr (text, '=');

  if (equals == NULL || equals == text)
    return wrong_line (line, "a comment (#…), a group ([Name]) or Key=Value is allowed", error);
  *equals = '\0';
  line->key = g_strdup (g_strchomp (text));
  line->value = g_strdup (g_strstrip (equals + 1));
  return unescape (line->value) ||
         qfu_keyfile_refuse (line, "behind a \\, one of s, n, t, r and \\ is allowed", error);
}

/* @place: where, and the group that holds there; @text is changed. */
static gboolean
take_line (QfuKeyfile *keyfile, QfuKeyfileLine *place, char *text, GError **error)
{
  QfuKeyfileLine *line = g_new (QfuKeyfileLine, 1);

  *line = *place;
  g_ptr_array_add (keyfile->lines, line);
  if (text[0] != '[')
    return place->group != NULL ? take_key (line, text, error)
                                : wrong_line (place, "a group ([Name]) has to come first", error);
  line->group = place->group = group_name (text);
  if (line->group == NULL)
    return wrong_line (place, "a group is its name between [ and ]", error);
  g_ptr_array_add (keyfile->groups, (gpointer)line->group);
  return TRUE;
}

/* @text is changed. */
static gboolean
take_text (QfuKeyfile *keyfile, const char *file, char *text, GError **error)
{
  QfuKeyfileLine place = {.file = file};
  char *next = text;

  while (next != NULL) {
    char *line = next;

    next = strchr (line, '\n');
    if (next != NULL)
      *next++ = '\0';
    place.number++;
    if (!g_utf8_validate (line, -1, NULL))
      return wrong_line (&place, "it is not UTF-8", error);
    g_strstrip (line);
    if (line[0] == '\0' || line[0] == '#')
      continue;
    if (keyfile->lines->len == QFU_KEYFILE_LINES_MAX)
      return wrong_line (&place, "there are too many lines", error);
    if (!take_line (keyfile, &place, line, error))
      return FALSE;
  }
  return TRUE;
}

/* What somebody else could have written decides nothing. */
static gboolean
check_owner (int fd, mode_t type, const char *path, GError **error)
{
  struct stat st;
  const char *trouble = NULL;

  if (fstat (fd, &st) != 0)
    return qfu_error_errno (error, errno, "%s cannot be looked at", path);
  if ((st.st_mode & S_IFMT) != type)
    trouble = type == S_IFDIR ? "is no folder" : "is not a regular file";
  else if (st.st_uid != 0 && st.st_uid != geteuid ())
    trouble = "must belong to root: `chown root` after a look at what is in it";
  else if ((st.st_mode & S_IWOTH) != 0 ||
           ((st.st_mode & S_IWGRP) != 0 && st.st_gid != 0 && st.st_gid != getegid ()))
    trouble = "may be written by others than root: `chmod go-w` after a look at what is in it";
  if (trouble == NULL)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s %s", path, trouble);
  return FALSE;
}

/* (transfer full): the whole text of @fd. */
static char *
read_text (int fd, const char *path, GError **error)
{
  g_autofree char *text = g_malloc (QFU_KEYFILE_SIZE_MAX + 2);
  gsize size = 0;
  gssize n;

  while (size <= QFU_KEYFILE_SIZE_MAX &&
         (n = read (fd, text + size, QFU_KEYFILE_SIZE_MAX + 1 - size)) != 0) {
    if (n < 0 && errno != EINTR) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s cannot be read: %s", path,
                   g_strerror (errno));
      return NULL;
    }
    size += n < 0 ? 0 : (gsize)n;
  }
  text[size] = '\0';
  if (size <= QFU_KEYFILE_SIZE_MAX && strlen (text) == size)
    return g_steal_pointer (&text);
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s cannot be read: %s", path,
               size > QFU_KEYFILE_SIZE_MAX ? "it has more than 1 MiB" : "it holds a NUL");
  return NULL;
}

/* Takes @path, which is @name in the folder @above. Whatever it is, opening it does not wait. */
static gboolean
take_file (QfuKeyfile *keyfile, int above, const char *name, const char *path, GError **error)
{
  gboolean dropin = above != AT_FDCWD;
  g_auto (QfuFd) fd = openat (
      above, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (dropin ? O_NOFOLLOW : 0));
  g_autofree char *text = NULL;

  if (fd < 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s cannot be read: %s", path,
                 errno == ELOOP ? "it is a symbolic link; a copy of the file is allowed"
                                : g_strerror (errno));
    return FALSE;
  }
  if (!check_owner (fd, S_IFREG, path, error))
    return FALSE;
  text = read_text (fd, path, error);
  if (text == NULL)
    return FALSE;
  g_ptr_array_add (keyfile->files, g_strdup (path));
  return take_text (keyfile, g_ptr_array_index (keyfile->files, keyfile->files->len - 1), text,
                    error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* (transfer full): the names of the drop-ins in @folder, in order. */
static GPtrArray *
list_dropins (int folder, const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int copy = fcntl (folder, F_DUPFD_CLOEXEC, 0);
  DIR *stream = copy < 0 ? NULL : fdopendir (copy);
  const struct dirent *entry;

  if (stream == NULL) {
    qfu_error_errno (error, errno, "%s cannot be listed", path);
    return NULL;
  }
  while ((entry = readdir (stream)) != NULL) {
    if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, ".conf"))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  }
  (void)closedir (stream);
  g_ptr_array_sort (names, compare_names);
  if (names->len <= QFU_KEYFILE_DROPINS_MAX)
    return g_steal_pointer (&names);
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s holds more than %d files", path,
               QFU_KEYFILE_DROPINS_MAX);
  return NULL;
}

static gboolean
take_dropins (QfuKeyfile *keyfile, const char *path, GError **error)
{
  g_autofree char *folder = g_strconcat (path, ".d", NULL);
  g_auto (QfuFd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  g_autoptr (GPtrArray) names = NULL;

  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s cannot be read: %s", folder,
                 errno == ENOTDIR || errno == ELOOP ? "it is a symbolic link or no folder"
                                                    : g_strerror (errno));
    return FALSE;
  }
  if (!check_owner (fd, S_IFDIR, folder, error))
    return FALSE;
  names = list_dropins (fd, folder, error);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *dropin = g_build_filename (folder, name, NULL);

    if (!take_file (keyfile, fd, name, dropin, error))
      return FALSE;
  }
  return names != NULL;
}

QfuKeyfile *
qfu_keyfile_read (const char *path, gboolean optional, GError **error)
{
  g_autoptr (QfuKeyfile) keyfile = g_new0 (QfuKeyfile, 1);

  keyfile->files = g_ptr_array_new_with_free_func (g_free);
  keyfile->groups = g_ptr_array_new_with_free_func (g_free);
  keyfile->lines = g_ptr_array_new_with_free_func (line_free);
  /* one that is there and cannot be read is not one that is missing */
  if (!(optional && access (path, F_OK) != 0 && errno == ENOENT) &&
      !take_file (keyfile, AT_FDCWD, path, path, error))
    return NULL;
  if (!take_dropins (keyfile, path, error))
    return NULL;
  return g_steal_pointer (&keyfile);
}
