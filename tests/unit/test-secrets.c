/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where dom0 looks for what is sealed to the TPM, and where it does not. */
#include "qfu-secrets.h"

#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEADER                                                                                     \
  "{\"keyslots\":{\"0\":{\"type\":\"luks2\"}},\"tokens\":{\"0\":{\"type\":\"systemd-tpm2\","       \
  "\"keyslots\":[\"0\"],\"tpm2-pcrs\":[7],\"tpm2-pcr-bank\":\"sha256\"}},\"digests\":{\"0\":"      \
  "{\"keyslots\":[\"0\"],\"segments\":[\"0\"]}}}"

typedef struct {
  TestHome home;
  QfuOptions options;
  GPtrArray *secrets;
} Fixture;

static char *
path_of (const Fixture *f, const char *name)
{
  return g_build_filename (f->home.directory, name, NULL);
}

/* Writes a file, and the folders above it. */
static void
put (const Fixture *f, const char *name, const char *text)
{
  g_autofree char *path = path_of (f, name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* A program in the place of cryptsetup, which notes what it is asked. */
static void
put_cryptsetup (const Fixture *f, const char *script)
{
  g_autofree char *path = path_of (f, "cryptsetup");
  g_autofree char *text =
      g_strdup_printf ("#!/bin/sh\necho \"$*\" >> %s/asked\n%s\n", f->home.directory, script);

  put (f, "cryptsetup", text);
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
}

static void
set_path (const Fixture *f, char **member, const char *name)
{
  g_free (*member);
  *member = path_of (f, name);
}

static void
set_list (const Fixture *f, char ***member, const char *name)
{
  g_strfreev (*member);
  *member = g_new0 (char *, 2);
  (*member)[0] = name == NULL ? NULL : path_of (f, name);
}

static void
set_up (Fixture *f, gconstpointer user)
{
  memset (&f->options, 0, sizeof f->options);
  test_home_set_up (&f->home, user);
  f->secrets = NULL;
  set_list (f, &f->home.config->secrets_aem, "aem");
  set_path (f, &f->home.config->cryptsetup, "cryptsetup");
  set_path (f, &f->home.config->block_devices, "block");
  set_path (f, &f->home.config->boot, "boot");
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  if (f->secrets != NULL)
    g_ptr_array_unref (f->secrets);
  test_home_tear_down (&f->home, user);
}

static void
find (Fixture *f, guint expected)
{
  g_clear_pointer (&f->secrets, g_ptr_array_unref);
  f->secrets = qfu_secrets_find (f->home.config, &f->options);
  g_assert_nonnull (f->secrets);
  g_assert_cmpuint (f->secrets->len, ==, expected);
}

static const QfuSecret *
secret_named (const Fixture *f, const char *name)
{
  for (guint i = 0; i < f->secrets->len; i++) {
    const QfuSecret *secret = g_ptr_array_index (f->secrets, i);

    if (strcmp (secret->name, name) == 0)
      return secret;
  }
  g_error ("there is no secret %s", name);
}

/* Nothing on the machine, and nothing to look at it with. */
static void
test_nothing (Fixture *f, gconstpointer user)
{
  find (f, 0);
}

static void
test_labels (Fixture *f, gconstpointer user)
{
  put (f, "aem/good/key.pcrs", "sha256:13,17\n");
  put (f, "aem/broken/key.pcrs", "x\n");
  put (f, "aem/old/secret.txt.sealed", "");
  put (f, "aem/empty/other", "");
  put (f, "aem/file", "");
  find (f, 3);
  g_assert_null (secret_named (f, "good")->unread);
  g_assert_cmphex (secret_named (f, "good")->literal[0].pcrs, ==, 0x22000);
  g_assert_nonnull (strstr (secret_named (f, "broken")->unread, "BANK:PCR"));
  g_assert_nonnull (strstr (secret_named (f, "old")->unread, "TPM 1.2"));
  /* not a folder: something is wrong there */
  set_list (f, &f->home.config->secrets_aem, "aem/file");
  find (f, 1);
  g_assert_nonnull (((QfuSecret *)g_ptr_array_index (f->secrets, 0))->unread);
}

/* Of block devices, those alone that this domain has opened as LUKS2. */
static void
test_volumes (Fixture *f, gconstpointer user)
{
  g_autofree char *log = path_of (f, "asked");
  g_autofree char *asked = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  put_cryptsetup (f, "echo '" HEADER "'");
  put (f, "block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-luks\n");
  put (f, "block/dm-0/slaves/sda3", "");
  put (f, "block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
  put (f, "block/dm-1/slaves/sda4", "");
  put (f, "block/dm-2/dm/uuid", "LVM-vm-private\n");
  put (f, "block/dm-2/slaves/sda5", "");
  put (f, "block/dm-3/dm/uuid", "CRYPT-LUKS2-4567-luks\n");
  put (f, "block/dm-3/slaves/cciss!c0d0p1", "");
  put (f, "block/loop0/size", "");
  find (f, 2);
  g_assert_cmphex (secret_named (f, "/dev/sda3 token 0")->literal[0].pcrs, ==, 0x80);
  g_assert_cmpint (secret_named (f, "/dev/cciss/c0d0p1 token 0")->others, ==, 0);
  g_assert_true (g_file_get_contents (log, &asked, NULL, &error));
  lines = g_strsplit (asked, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_true (
      g_strv_contains ((const char *const *)lines, "luksDump --dump-json-metadata -- /dev/sda3"));
  g_assert_true (g_strv_contains ((const char *const *)lines,
                                  "luksDump --dump-json-metadata -- /dev/cciss/c0d0p1"));
}

/* What is configured counts instead; a file of JSON needs no cryptsetup. */
static void
test_configured (Fixture *f, gconstpointer user)
{
  put (f, "block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-luks\n");
  put (f, "block/dm-0/slaves/sda3", "");
  put (f, "dump.json", HEADER);
  set_list (f, &f->home.config->secrets_luks, "dump.json");
  find (f, 1);
  g_assert_null (((QfuSecret *)g_ptr_array_index (f->secrets, 0))->unread);
}

/* Whatever the program does, what it was to read is told as unknown. */
static void
test_hostile (Fixture *f, gconstpointer user)
{
  static const struct {
    const char *script; /* %NULL: there is none */
    const char *says;
  } cases[] = {
      {NULL, "is it installed?"},
      {"exit 1", "ended with status 1"},
      {"exec cat /dev/zero", "cryptsetup: "},
      {"echo LUKS", "not a LUKS2 header"},
      {"exit 0", "not a LUKS2 header"},
      {"kill -9 $$", "ended with status 137"},
  };

  set_list (f, &f->home.config->secrets_luks, "volume");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const QfuSecret *secret;

    if (cases[i].script != NULL)
      put_cryptsetup (f, cases[i].script);
    find (f, 1);
    secret = g_ptr_array_index (f->secrets, 0);
    g_test_message ("%s", secret->unread);
    g_assert_cmpint (secret->kind, ==, QFU_SECRET_VOLUME);
    g_assert_nonnull (strstr (secret->unread, cases[i].says));
  }
}

static void
test_heads (Fixture *f, gconstpointer user)
{
  f->home.config->secrets_heads = QFU_HEADS_YES;
  find (f, 2);
  f->home.config->secrets_heads = QFU_HEADS_AUTO;
  find (f, 0);
  put (f, "boot/kexec.sig", "");
  find (f, 1);
  g_assert_cmpint (secret_named (f, "Heads TOTP")->kind, ==, QFU_SECRET_HEADS_TOTP);
  put (f, "boot/kexec_key_devices.txt", "");
  find (f, 2);
  f->home.config->secrets_heads = QFU_HEADS_NO;
  find (f, 0);
}

/* Another machine is asked about: this one's secrets are none of its. */
static void
test_elsewhere (Fixture *f, gconstpointer user)
{
  g_autofree char *selection = path_of (f, "elsewhere.pcrs");
  char *files[] = {selection, NULL};

  f->home.config->secrets_heads = QFU_HEADS_YES;
  put (f, "elsewhere.pcrs", "sha1:0\n");
  f->options.old_rom = (char *)"rom";
  g_assert_null (qfu_secrets_find (f->home.config, &f->options));
  f->options.secrets = files;
  find (f, 1);
  g_assert_cmpint (((QfuSecret *)g_ptr_array_index (f->secrets, 0))->kind, ==, QFU_SECRET_AEM);
  f->options.old_rom = NULL;
  find (f, 1);
}

#define ADD(name) g_test_add ("/secrets/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD (nothing);
  ADD (labels);
  ADD (volumes);
  ADD (configured);
  ADD (hostile);
  ADD (heads);
  ADD (elsewhere);
  return g_test_run ();
}
