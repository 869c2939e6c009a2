/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbmarks.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef01234567"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"
#define OTHER_GUID "4ba8b7f3-1b3e-5d7b-8f8d-2a5b1f3c7c11"
#define ROW                                                                                        \
  "{\"domain\":\"sys-usb\",\"deviceId\":\"" ID "\",\"guid\":\"" GUID "\",\"version\":\"1.2.4\","   \
  "\"versionFormat\":\"triplet\",\"time\":1700000000}"
#define HEAD "{\"schema\":\"qubes-fwupd-usb-versions-1\",\"devices\":["

static char *directory;
static char *path;
static QfuConfig config;

static QfuUsbMark
mark (void)
{
  return (QfuUsbMark){.domain = (char *)"sys-usb",
                      .device = (char *)ID,
                      .guid = (char *)GUID,
                      .version = (char *)"1.2.4",
                      .format = (char *)"triplet",
                      .time = 1700000000};
}

static void
keep (const QfuUsbMark *kept)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_usbmarks_keep (&config, kept, &error));
  g_assert_no_error (error);
}

static void
put (const char *text)
{
  g_assert_cmpint (g_mkdir_with_parents (config.state, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

/* What the device claims is believed, or why not. */
static void
claims (const char *domain, const char *id, const char *guid, const char *version, int code)
{
  char *guids[] = {(char *)OTHER_GUID, (char *)guid, NULL};
  const QfuDevice device = {
      .domain = (char *)domain, .id = (char *)id, .guids = guids, .version = (char *)version};
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (qfu_usbmarks_check (&config, &device, version, "triplet", &error), ==,
                   code == 0);
  if (code != 0)
    g_assert_error (error, QFU_ERROR, code);
}

static void
test_round (void)
{
  QfuUsbMark kept = mark ();
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) marks = qfu_usbmarks_load (&config, NULL);
  g_autoptr (GPtrArray) loaded = NULL;

  g_assert_cmpuint (marks->len, ==, 0);
  keep (&kept);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, HEAD ROW "]}\n");
  loaded = qfu_usbmarks_load (&config, NULL);
  g_assert_cmpuint (loaded->len, ==, 1);
  g_assert_cmpstr (((QfuUsbMark *)g_ptr_array_index (loaded, 0))->version, ==, "1.2.4");
  g_assert_cmpint (((QfuUsbMark *)g_ptr_array_index (loaded, 0))->time, ==, 1700000000);
}

static void
test_check (void)
{
  static const char other[] = "1123456789abcdef0123456789abcdef01234567";
  QfuUsbMark kept = mark ();

  claims ("sys-usb", ID, GUID, "0.1", 0); /* nothing is known yet */
  keep (&kept);
  claims ("sys-usb", ID, GUID, "1.2.4", 0);
  claims ("sys-usb", ID, GUID, "1.2.10", 0);
  claims ("sys-usb", ID, GUID, "1.2.3", QFU_ERROR_REFUSED);
  claims ("sys-usb", ID, GUID, NULL, QFU_ERROR_REFUSED);
  /* another device: elsewhere, in another port, of another kind */
  claims ("sys-usb2", ID, GUID, "1.2.3", 0);
  claims ("sys-usb", other, GUID, "1.2.3", 0);
  claims ("sys-usb", ID, OTHER_GUID, "1.2.3", 0);
}

/* A device that two kinds of firmware fit has two marks: the older of them excuses nothing. */
static void
test_two (void)
{
  QfuUsbMark kept = mark ();

  kept.guid = (char *)OTHER_GUID;
  kept.version = (char *)"1.0";
  keep (&kept);
  kept = mark ();
  keep (&kept);
  claims ("sys-usb", ID, GUID, "1.2.3", QFU_ERROR_REFUSED);
  claims ("sys-usb", ID, GUID, "1.2.4", 0);
}

/* The last version that was read back counts, also an older one that a person asked for. */
static void
test_replaced (void)
{
  QfuUsbMark kept = mark ();
  g_autoptr (GPtrArray) marks = NULL;

  keep (&kept);
  kept.guid = (char *)OTHER_GUID;
  keep (&kept);
  kept.version = (char *)"1.2.2";
  keep (&kept);
  marks = qfu_usbmarks_load (&config, NULL);
  g_assert_cmpuint (marks->len, ==, 2);
  g_assert_cmpstr (((QfuUsbMark *)g_ptr_array_index (marks, 1))->version, ==, "1.2.2");
}

static void
test_limit (void)
{
  QfuUsbMark kept = mark ();
  g_autoptr (GPtrArray) marks = NULL;

  for (guint i = 0; i <= QFU_USBMARKS_MAX; i++) {
    g_autofree char *domain = g_strdup_printf ("a-qube-with-a-name-of-31-byte%02x", i & 0xff);
    g_autofree char *version = g_strnfill (64, '9');

    kept.domain = domain;
    kept.version = version;
    keep (&kept);
  }
  marks = qfu_usbmarks_load (&config, NULL);
  g_assert_cmpuint (marks->len, ==, QFU_USBMARKS_MAX);
  g_assert_cmpstr (((QfuUsbMark *)g_ptr_array_index (marks, 0))->domain, ==,
                   "a-qube-with-a-name-of-31-byte01");
}

/* Damage is never taken for nothing known: neither read nor written over. */
static void
test_damaged (void)
{
  static const char *const texts[] = {
      "",
      "\n",
      "[]\n",
      "{}\n",
      "{\"schema\":\"qubes-fwupd-usb-versions-1\"}\n",
      "{\"schema\":\"qubes-fwupd-usb-versions-2\",\"devices\":[]}\n",
      "{\"schema\":\"qubes-fwupd-usb-versions-1\",\"devices\":{}}\n",
      HEAD "1]}\n",
      HEAD "{}]}\n",
      HEAD ROW "]}",
      HEAD ROW "]} \n",
      HEAD ROW "," ROW "],\"more\":1}\n",
      HEAD "{\"domain\":\"\",\"deviceId\":\"a\",\"guid\":\"a\",\"version\":\"1\","
           "\"versionFormat\":\"a\",\"time\":1}]}\n",
      HEAD "{\"domain\":\"\\u001b\",\"deviceId\":\"a\",\"guid\":\"a\",\"version\":\"1\","
           "\"versionFormat\":\"a\",\"time\":1}]}\n",
      HEAD "{\"domain\":\"a\",\"deviceId\":\"a\",\"guid\":\"a\",\"version\":\"1\","
           "\"versionFormat\":\"a\",\"time\":0}]}\n",
      HEAD "{\"domain\":\"a\",\"deviceId\":\"a\",\"guid\":\"a\",\"version\":\"1\",\"time\":1}]}\n",
  };
  QfuUsbMark kept = mark ();

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GError) again = NULL;

    g_test_message ("%s", texts[i]);
    put (texts[i]);
    g_assert_null (qfu_usbmarks_load (&config, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_false (qfu_usbmarks_keep (&config, &kept, &again));
    g_assert_error (again, QFU_ERROR, QFU_ERROR_FORMAT);
    claims ("sys-usb", ID, GUID, "9", QFU_ERROR_FORMAT);
  }
  put (HEAD ROW "]}\n"); /* the cases above fail for what they say */
  keep (&kept);
}

static void
test_link (void)
{
  QfuUsbMark kept = mark ();
  g_autofree char *target = g_strconcat (path, ".target", NULL);
  g_autoptr (GError) error = NULL;

  put (HEAD ROW "]}\n");
  g_assert_cmpint (g_rename (path, target), ==, 0);
  g_assert_cmpint (symlink (target, path), ==, 0);
  g_assert_false (qfu_usbmarks_keep (&config, &kept, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
}

typedef void (*Body) (void);

static void
in_directory (gconstpointer data)
{
  Body const *body = data;

  directory = test_directory ();
  config.state = g_build_filename (directory, "state", NULL);
  path = g_build_filename (config.state, "usb-versions.json", NULL);
  (*body) ();
  test_directory_remove (directory);
  g_clear_pointer (&directory, g_free);
  g_clear_pointer (&config.state, g_free);
  g_clear_pointer (&path, g_free);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    Body body;
  } tests[] = {
      {"/usbmarks/round", test_round},       {"/usbmarks/check", test_check},
      {"/usbmarks/replaced", test_replaced}, {"/usbmarks/limit", test_limit},
      {"/usbmarks/damaged", test_damaged},   {"/usbmarks/link", test_link},
      {"/usbmarks/two", test_two},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, &tests[i].body, in_directory);
  return g_test_run ();
}
