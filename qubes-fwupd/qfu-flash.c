/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash.h"

#include "qfu-chiplock.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-flash-hint.h"
#include "qfu-flash-lock.h"
#include "qfu-flash-log.h"
#include "qfu-flash-wp.h"
#include "qfu-range.h"

#include <errno.h>
#include <libflashrom.h>
#include <string.h>
#include <sys/mman.h>

/* libflashrom tells no progress, so work is cut into steps at multiples of this many bytes. */
#define STEP (1024 * 1024)

struct _QfuFlash {
  char *programmer;
  char *arguments;       /* of the programmer (nullable) */
  char *model;           /* (nullable): any that libflashrom knows */
  guint64 expected_size; /* 0: any */
  QfuFd lock;
  gboolean initialized;           /* the programmer has to be shut down */
  struct flashrom_flashctx *chip; /* %NULL: out of reach */
  GArray *locks;                  /* QfuFlashLock, which the programmer met when it was opened */
};

typedef struct flashrom_layout Layout;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Layout, flashrom_layout_release)

/* libflashrom's state is global and its log callback has no user data; so are these. */
static gint in_use;
static QfuFlashLog *library_log;

static int G_GNUC_PRINTF (2, 0)
    log_callback (enum flashrom_log_level level, const char *format, va_list args)
{
  g_autofree char *text = NULL;

  /* below that are a line for each of 600 models, and every access; `flashrom -V` shows them */
  if (level > FLASHROM_MSG_INFO)
    return 0;
  text = g_strdup_vprintf (format, args);
  qfu_flash_log_add (library_log, level == FLASHROM_MSG_ERROR, text);
  return 0;
}

static gboolean
open_programmer (QfuFlash *flash, GError **error)
{
  struct flashrom_programmer *unused = NULL;
  QfuFlashFacts facts;
  int rc;

  qfu_flash_log_reset (library_log);
  /* also after a failed init there are shutdown functions to run */
  flash->initialized = TRUE;
  rc = flashrom_programmer_init (&unused, flash->programmer, flash->arguments);
  if (rc == 0) {
    g_clear_pointer (&flash->locks, g_array_unref);
    flash->locks = qfu_flash_log_locks (library_log);
    return TRUE;
  }
  facts = qfu_flash_facts ("", flash->programmer, flash->arguments);
  g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
               "the programmer '%s' does not open: %s (%s)", flash->programmer,
               qfu_flash_log_reason (library_log), qfu_flash_hint (flash->programmer, &facts));
  return FALSE;
}

static gboolean
check_size (const QfuFlash *flash, GError **error)
{
  guint64 size = flashrom_flash_getsize (flash->chip);

  if (size == 0 || size > QFU_ROM_SIZE_MAX)
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "the flash chip has %" G_GUINT64_FORMAT " bytes; at most %d are supported", size,
                 QFU_ROM_SIZE_MAX);
  else if (flash->expected_size == 0 || size == flash->expected_size)
    return TRUE;
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the flash chip has %" G_GUINT64_FORMAT
                 " bytes, but [Chip] Size= says %" G_GUINT64_FORMAT,
                 size, flash->expected_size);
  return FALSE;
}

static gboolean
probe (QfuFlash *flash, GError **error)
{
  int rc;

  qfu_flash_log_reset (library_log);
  /* what replaces it is not in every version that is supported */
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  rc = flashrom_flash_probe (&flash->chip, NULL, flash->model);
  G_GNUC_END_IGNORE_DEPRECATIONS
  if (rc == 0)
    return check_size (flash, error);
  flash->chip = NULL;
  if (rc == 3)
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "several chips or models answer programmer '%s'; name the right one by [Chip] "
                 "Model= (`flashrom -p %s` lists them)",
                 flash->programmer, flash->programmer);
  else if (rc == 2)
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "no flash chip %s answers programmer '%s'; is it the right one?",
                 flash->model != NULL ? flash->model : "that libflashrom knows", flash->programmer);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "looking for the flash chip behind programmer '%s' failed: %s", flash->programmer,
                 qfu_flash_log_reason (library_log));
  return FALSE;
}

static gboolean
shut_down (QfuFlash *flash, GError **error)
{
  g_clear_pointer (&flash->chip, flashrom_flash_release);
  if (!flash->initialized)
    return TRUE;
  flash->initialized = FALSE;
  qfu_flash_log_reset (library_log);
  if (flashrom_programmer_shutdown (NULL) == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "the programmer '%s' does not close: %s",
               flash->programmer, qfu_flash_log_reason (library_log));
  return FALSE;
}

/* "name" or "name:arguments". */
static gboolean
set_programmer (QfuFlash *flash, const char *programmer, GError **error)
{
  gsize length = strspn (programmer, G_CSET_a_2_z G_CSET_DIGITS "_");

  if (length == 0 || (programmer[length] != '\0' && programmer[length] != ':')) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "[Chip] Programmer=%s: a programmer of libflashrom is needed, as in internal or "
                 "linux_mtd:dev=0",
                 programmer);
    return FALSE;
  }
  flash->programmer = g_strndup (programmer, length);
  if (programmer[length] == ':')
    flash->arguments = g_strdup (programmer + length + 1);
  return TRUE;
}

/* Once a process. */
static gboolean
start_library (GError **error)
{
  if (library_log != NULL)
    return TRUE;
  library_log = qfu_flash_log_new ();
  flashrom_set_log_callback (log_callback);
  if (flashrom_init (0) == 0)
    return TRUE;
  g_clear_pointer (&library_log, qfu_flash_log_free);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_INTERNAL, "libflashrom does not start");
  return FALSE;
}

QfuFlash *
qfu_flash_open (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuFlash) flash = NULL;

  if (!g_atomic_int_compare_and_exchange (&in_use, 0, 1)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_BUSY,
                         "this program uses the flash chip already");
    return NULL;
  }
  flash = g_new0 (QfuFlash, 1);
  flash->lock = -1;
  flash->expected_size = config->chip_size;
  flash->model = config->chip_model[0] != '\0' ? g_strdup (config->chip_model) : NULL;
  if (!set_programmer (flash, config->programmer, error) || !start_library (error) ||
      !qfu_chiplock_take (config, &flash->lock, error) || !open_programmer (flash, error) ||
      !probe (flash, error))
    return NULL;
  return g_steal_pointer (&flash);
}

void
qfu_flash_free (QfuFlash *flash)
{
  if (flash == NULL)
    return;
  (void)shut_down (flash, NULL);
  qfu_fd_clear (&flash->lock);
  g_clear_pointer (&flash->locks, g_array_unref);
  g_free (flash->arguments);
  g_free (flash->model);
  g_free (flash->programmer);
  g_free (flash);
  g_atomic_int_set (&in_use, 0);
}

gboolean
qfu_flash_reopen (QfuFlash *flash, GError **error)
{
  return shut_down (flash, error) && open_programmer (flash, error) && probe (flash, error);
}

const char *
qfu_flash_name (const QfuFlash *flash)
{
  return flash->programmer;
}

guint64
qfu_flash_size (const QfuFlash *flash)
{
  return flash->chip != NULL ? flashrom_flash_getsize (flash->chip) : 0;
}

/* A layout of exactly @ranges. An inclusion that fails must be an error: libflashrom would go on,
 * touch nothing and report success. */
static Layout *
make_layout (const QfuRange *ranges, gsize n_ranges, GError **error)
{
  g_autoptr (Layout) layout = NULL;

  if (flashrom_layout_new (&layout) != 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_INTERNAL, "libflashrom makes no layout");
    return NULL;
  }
  for (gsize i = 0; i < n_ranges; i++) {
    g_autofree char *name = g_strdup_printf ("range%zu", i);
    gsize first = ranges[i].offset;
    gsize last = first + ranges[i].length - 1;

    if (flashrom_layout_add_region (layout, first, last, name) != 0 ||
        flashrom_layout_include_region (layout, name) != 0) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_INTERNAL,
                   "libflashrom does not take the range %#zx-%#zx", first, last);
      return NULL;
    }
  }
  return g_steal_pointer (&layout);
}

typedef enum { READ, WRITE, WRITE_AND_WAIT, WRITE_AND_VERIFY, VERIFY } Action;

/* One operation on some of the ranges; @buffer is as large as the chip. */
static gboolean
run_step (QfuFlash *flash,
          Action action,
          guint8 *buffer,
          const QfuRange *ranges,
          gsize n_ranges,
          GError **error)
{
  static const char *const names[] = {"reading", "writing", "writing", "writing", "verifying"};
  g_autoptr (Layout) layout = make_layout (ranges, n_ranges, error);
  const QfuRange *last = &ranges[n_ranges - 1];
  gsize size = qfu_flash_size (flash);
  int rc;

  if (layout == NULL)
    return FALSE;
  qfu_flash_log_reset (library_log);
  flashrom_layout_set (flash->chip, layout);
  flashrom_flag_set (flash->chip, FLASHROM_FLAG_VERIFY_AFTER_WRITE, action == WRITE_AND_VERIFY);
  if (action == READ)
    rc = flashrom_image_read (flash->chip, buffer, size);
  else if (action == VERIFY)
    rc = flashrom_image_verify (flash->chip, buffer, size);
  else
    rc = flashrom_image_write (flash->chip, buffer, size, NULL);
  flashrom_layout_set (flash->chip, NULL);
  if (rc == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s the flash chip failed between %#zx and %#zx: %s",
               names[action], (gsize)ranges[0].offset, (gsize)(last->offset + last->length - 1),
               qfu_flash_log_reason (library_log));
  return FALSE;
}

/* Reads or writes checked ranges, step by step, and verifies what was written. libflashrom waits,
 * if it is to, with the last step alone, before it verifies that; all the others come after it. */
static gboolean
run (QfuFlash *flash,
     Action action,
     guint8 *buffer,
     const GArray *ranges,
     const QfuFlashProgress *progress,
     GError **error)
{
  g_autoptr (GArray) pieces = qfu_ranges_cut (ranges, STEP);
  const QfuRange *piece = (const QfuRange *)(gpointer)pieces->data;
  guint64 total = qfu_ranges_length (ranges);
  guint64 done = 0;
  guint next;

  for (guint first = 0; first < pieces->len; first = next) {
    guint64 bytes = piece[first].length;

    for (next = first + 1; next < pieces->len && piece[next].length <= STEP - bytes; next++)
      bytes += piece[next].length;
    if (action == WRITE_AND_WAIT && next == pieces->len)
      action = WRITE_AND_VERIFY;
    if (!run_step (flash, action, buffer, piece + first, next - first, error))
      return FALSE;
    done += bytes;
    if (progress != NULL)
      progress->step (progress->user, done, total);
  }
  return action == READ || pieces->len == 0 ||
         run_step (flash, VERIFY, buffer, piece, pieces->len, error);
}

static gboolean
check_open (const QfuFlash *flash, GError **error)
{
  if (flash->chip != NULL)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
               "the flash chip cannot be reached by programmer '%s' any more", flash->programmer);
  return FALSE;
}

QfuUntrustedBlob *
qfu_flash_read (QfuFlash *flash,
                const GArray *unread,
                const QfuFlashProgress *progress,
                GError **error)
{
  g_autoptr (GArray) ranges = NULL;
  g_autoptr (QfuBlobBuilder) builder = NULL;
  g_autofree guint8 *buffer = NULL;
  guint64 size = qfu_flash_size (flash);

  if (!check_open (flash, error) || (unread != NULL && !qfu_ranges_check (unread, size, error)))
    return NULL;
  ranges = qfu_ranges_rest (unread, size);
  buffer = g_malloc (size);
  memset (buffer, 0xff, size);
  builder = qfu_blob_builder_new (size, error);
  if (builder == NULL || !run (flash, READ, buffer, ranges, progress, error) ||
      !qfu_blob_builder_append (builder, buffer, size, error))
    return NULL;
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

gboolean
qfu_flash_check_writable (QfuFlash *flash, const GArray *ranges, GError **error)
{
  g_autoptr (GArray) locks = NULL;
  QfuFlashFacts facts;

  if (!check_open (flash, error) || !qfu_ranges_check (ranges, qfu_flash_size (flash), error))
    return FALSE;
  facts = qfu_flash_facts ("", flash->programmer, flash->arguments);
  locks = g_array_copy (flash->locks);
  if (facts.device_writable == QFU_NO)
    qfu_flash_locks_add (locks, QFU_FLASH_LOCK_KERNEL, 0, QFU_FLASH_LOCK_ALL);
  qfu_flash_wp_note (flash->chip, locks);
  return qfu_flash_locks_check (locks, ranges, error);
}

gboolean
qfu_flash_write (QfuFlash *flash,
                 const QfuUntrustedBlob *image,
                 const GArray *ranges,
                 gboolean wait,
                 const QfuFlashProgress *progress,
                 GError **error)
{
  guint64 size = qfu_untrusted_blob_size (image);
  void *map;
  gboolean good;

  if (!check_open (flash, error))
    return FALSE;
  if (size != qfu_flash_size (flash)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "the image has %" G_GUINT64_FORMAT " bytes, the flash chip %" G_GUINT64_FORMAT,
                 size, qfu_flash_size (flash));
    return FALSE;
  }
  if (!qfu_ranges_check_blocks (ranges, QFU_ERASE_BLOCK, size, error))
    return FALSE;
  /* libflashrom asks for bytes that it may change: these are ours alone */
  map = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, qfu_untrusted_blob_fd (image), 0);
  if (map == MAP_FAILED)
    return qfu_error_errno (error, errno, "mapping the image");
  good = run (flash, wait ? WRITE_AND_WAIT : WRITE, map, ranges, progress, error);
  (void)munmap (map, size);
  return good;
}
