/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits of texts and numbers that the library checks itself: each at what it allows, and one past
 * it. The parsers' have tests/parse/test-…-hostile.c, what workers claim has test-claims.c. */
#include "qfu-bios.h"
#include "qfu-cache.h"
#include "qfu-component.h"
#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-flash-log.h"
#include "qfu-limits.h"
#include "qfu-qubesd.h"
#include "qfu-remote-rules.h"
#include "qfu-url.h"
#include "qfu-verdict.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* One limit: @accepts is asked with it, and with one more. */
typedef struct {
  const char *path;
  guint64 max;
  gboolean (*accepts) (guint64 n);
} Row;

static gboolean
url (guint64 n)
{
  g_autofree char *rest = g_strnfill (n - strlen ("https://a/"), 'x');
  g_autofree char *text = g_strconcat ("https://a/", rest, NULL);

  return qfu_url_check (text, NULL);
}

static gboolean
cache_id (guint64 n)
{
  g_autofree char *id = g_strnfill (n, 'i');

  return qfu_cache_id_ok (id);
}

static gboolean
cache_name (guint64 n)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, "");
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("x", 1);
  g_autofree char *name = g_strnfill (n, 'n');
  gboolean ok = qfu_cache_store (config, "cabs", name, blob, NULL);

  g_assert_true (!ok || qfu_cache_remove (config, "cabs", name, NULL));
  test_directory_remove (directory);
  return ok;
}

static gboolean
vm_name (guint64 n)
{
  g_autofree char *name = g_strnfill (n, 'v');

  return qfu_qubesd_vm_name_ok (name);
}

static gboolean
remote_id (guint64 n)
{
  g_autofree char *id = g_strnfill (n, 'r');
  g_autofree char *name = g_strconcat ("Remote ", id, NULL);
  g_autoptr (QfuRemoteGroup) group = qfu_remote_group_new (name, NULL);

  return group != NULL;
}

static gboolean
set_devices (const char *value)
{
  g_autoptr (QfuRemoteGroup) group = qfu_remote_group_new ("Remote lab", NULL);

  return qfu_remote_group_set (group, "Devices", value, NULL);
}

static gboolean
remote_devices (guint64 n)
{
  g_autoptr (GString) value = g_string_new ("USB:0");

  for (guint i = 1; i < n; i++)
    g_string_append_printf (value, ";USB:%u", i);
  return set_devices (value->str);
}

static gboolean
vendor_id (guint64 n)
{
  g_autofree char *rest = g_strnfill (n - strlen ("USB:"), '1');
  g_autofree char *value = g_strconcat ("USB:", rest, NULL);

  return set_devices (value);
}

static gboolean
bios_text (guint64 n)
{
  g_autofree char *word = g_strnfill (n, 'w');
  g_autofree char *version = qfu_bios_version (word);

  return version != NULL;
}

/* A line is cut, not refused: accepted is what comes out whole. */
static gboolean
flash_line (guint64 n)
{
  g_autoptr (QfuFlashLog) log = qfu_flash_log_new ();
  g_autofree char *line = g_strnfill (n, 'l');

  qfu_flash_log_add (log, TRUE, line);
  return strcmp (qfu_flash_log_reason (log), line) == 0;
}

static gboolean
durable (guint64 n, guint64 max)
{
  g_autofree char *directory = test_directory ();
  g_autofree char *path = g_build_filename (directory, "text", NULL);
  g_autofree char *text = g_strnfill (n, 't');
  g_autofree char *read = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  read = qfu_durable_read (directory, "text", max, NULL);
  g_assert_true (read == NULL || strcmp (read, text) == 0);
  test_directory_remove (directory);
  return read != NULL;
}

static gboolean
clock_text (guint64 n)
{
  return durable (n, QFU_CLOCK_TEXT_MAX);
}

static gboolean
highwater_text (guint64 n)
{
  return durable (n, QFU_HIGHWATER_TEXT_MAX);
}

static gboolean
usbmarks_text (guint64 n)
{
  return durable (n, QFU_USBMARKS_TEXT_MAX);
}

/* A release whose archive has @n bytes. */
static gboolean
cab_size (guint64 n)
{
  g_autoptr (GPtrArray) components =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_component_free);
  g_autoptr (QfuMessage) component = qfu_message_new (QFU_FRAME_COMPONENT);
  g_autoptr (QfuMessage) release = qfu_message_new (QFU_FRAME_RELEASE);

  qfu_message_add_text (component, QFU_FIELD_ID, "a");
  qfu_message_add_text (release, QFU_FIELD_VERSION, "1");
  qfu_message_add_number (release, QFU_FIELD_SIZE, n);
  g_assert_true (qfu_component_add_frame (components, component, NULL));
  return qfu_component_add_frame (components, release, NULL);
}

/* A signature that was made at @n. */
static gboolean
signing_time (guint64 n)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, "");
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SIGNATURE);
  QfuVerdict *verdict;
  gboolean ok;

  qfu_message_add_number (message, QFU_FIELD_STATUS, 0);
  qfu_message_add_text (message, QFU_FIELD_AUTHORITY, "CN=A");
  qfu_message_add_text (message, QFU_FIELD_SUBJECT, "CN=S");
  qfu_message_add_text (message, QFU_FIELD_ALGORITHM, "RSA-SHA256");
  qfu_message_add_bytes (message, QFU_FIELD_SERIAL, "\1", 1);
  qfu_message_add_number (message, QFU_FIELD_TIME, n);
  qfu_message_add_number (message, QFU_FIELD_NOT_BEFORE, 0);
  qfu_message_add_number (message, QFU_FIELD_NOT_AFTER, n);
  verdict = qfu_verdict_new (config, message, NULL);
  ok = verdict != NULL;
  qfu_verdict_free (verdict);
  test_directory_remove (directory);
  return ok;
}

/* A cached index of @n bytes. */
static gboolean
index_size (guint64 n)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, "");
  g_autofree char *folder = g_build_filename (config->cache, "metadata", "lab", NULL);
  g_autofree char *path = g_build_filename (folder, "index", NULL);
  g_autoptr (QfuUntrustedBlob) blob = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (truncate (path, (off_t)n), ==, 0);
  blob = qfu_cache_load (config, "metadata/lab", "index", QFU_INDEX_SIZE_MAX, NULL);
  test_directory_remove (directory);
  return blob != NULL;
}

static const Row rows[] = {
    {"/limits/url", QFU_URL_MAX, url},
    {"/limits/cache-id", QFU_CACHE_ID_MAX, cache_id},
    {"/limits/cache-name", QFU_CACHE_NAME_MAX, cache_name},
    {"/limits/vm-name", QFU_QUBESD_VM_NAME_MAX, vm_name},
    {"/limits/remote-id", QFU_CACHE_ID_MAX, remote_id},
    {"/limits/remote-devices", QFU_CONFIG_DEVICES_MAX, remote_devices},
    {"/limits/vendor-id", QFU_CONFIG_VENDOR_ID_MAX, vendor_id},
    {"/limits/bios-text", QFU_BIOS_TEXT_MAX, bios_text},
    {"/limits/flash-line", QFU_FLASH_LINE_MAX, flash_line},
    {"/limits/clock-text", QFU_CLOCK_TEXT_MAX, clock_text},
    {"/limits/highwater-text", QFU_HIGHWATER_TEXT_MAX, highwater_text},
    {"/limits/usbmarks-text", QFU_USBMARKS_TEXT_MAX, usbmarks_text},
    {"/limits/signing-time", QFU_SIGNATURE_TIME_MAX, signing_time},
    {"/limits/index-size", QFU_INDEX_SIZE_MAX, index_size},
    {"/limits/cab-size", QFU_CAB_SIZE_MAX, cab_size},
};

static void
test_at (gconstpointer row)
{
  g_assert_true (((const Row *)row)->accepts (((const Row *)row)->max));
}

static void
test_past (gconstpointer row)
{
  g_assert_false (((const Row *)row)->accepts (((const Row *)row)->max + 1));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *at = g_strconcat (rows[i].path, "/at", NULL);
    g_autofree char *past = g_strconcat (rows[i].path, "/past", NULL);

    g_test_add_data_func (at, &rows[i], test_at);
    g_test_add_data_func (past, &rows[i], test_past);
  }
  return g_test_run ();
}
