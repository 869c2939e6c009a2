/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all ops have in common: their names, and that they stop where the one who listens does. */
#include "cab.h"
#include "collect.h"
#include "image.h"
#include "pki.h"
#include "qfu-error.h"
#include "qfu-worker-table.h"

#include <string.h>

#define XML                                                                                        \
  "<component type=\"firmware\"><id>a</id><provides><firmware type=\"flashed\">g</firmware>"       \
  "</provides><requires><id>b</id><client>c</client></requires><releases>"                         \
  "<release version=\"1\"/><release version=\"2\"/></releases></component>"
#define CONSOLE                                                                                    \
  " PCR-2 9ae6a7f71e777b67dd677757e6d965845e468ed6 SHA1 [FMAP: FMAP]\n"                            \
  " PCR-2 9ae6a7f71e777b67dd677757e6d965845e468ed6 SHA1 [CBFS: a]\n"

/* Listens to @patience frames and pieces of data, then refuses. */
typedef struct {
  guint patience;
  guint heard;
  gboolean refused;
} Listener;

static gboolean
listen_to (gpointer user, GError **error)
{
  Listener *listener = user;

  g_assert_false (listener->refused); /* nothing comes any more */
  if (listener->heard++ < listener->patience)
    return TRUE;
  listener->refused = TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED, "enough");
  return FALSE;
}

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  return listen_to (user, error);
}

static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  return listen_to (user, error);
}

/* Lets an op run with more and more patience, until it can say all. */
static void
check (const char *op, GBytes *const *bytes, gsize n_inputs)
{
  QfuParseInput inputs[QFU_COLLECT_INPUTS_MAX];
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  gboolean refused = TRUE;

  qfu_message_add_number (arguments, QFU_FIELD_FLAGS,
                          strcmp (op, "signature") == 0 ? QFU_SIGNATURE_AT_SIGNING_TIME : 0);
  for (gsize i = 0; i < n_inputs; i++) {
    g_autofree char *name = g_strdup_printf ("%zu", i);

    inputs[i].data = g_bytes_get_data (bytes[i], &inputs[i].size);
    qfu_message_add_text (arguments, QFU_FIELD_NAME, name);
  }
  for (guint patience = 0; refused; patience++) {
    Listener listener = {.patience = patience};
    const QfuParseSink sink = {emit, emit_data, &listener};
    g_autoptr (GError) error = NULL;
    gboolean ok = qfu_parse_op (op)->parse (arguments, inputs, n_inputs, &sink, &error);

    refused = listener.refused;
    g_assert_true (ok == !refused);
    if (refused)
      g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    else
      g_assert_cmpuint (listener.heard, >, 0);
  }
}

static void
check_one (const char *op, GBytes *bytes)
{
  GBytes *const inputs[] = {bytes};

  check (op, inputs, 1);
}

static void
check_text (const char *op, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  check_one (op, bytes);
}

static void
check_gzip (const char *op, const char *text)
{
  g_autoptr (GBytes) bytes = pki_gzip (text, strlen (text));

  check_one (op, bytes);
}

static void
test_texts (void)
{
  check_text ("metainfo", XML);
  check_gzip ("catalog", "<components>" XML XML "</components>");
  check_gzip ("jcat", "{\"Items\":[{\"Id\":\"a\",\"Blobs\":[{\"Kind\":1,\"Flags\":1,\"Data\":"
                      "\"x\"}]},{\"Id\":\"b\"}]}");
  check_text ("eventlog", CONSOLE);
}

static void
test_archives (void)
{
  const CabFile files[] = {{"a", "hello", 5, 0}, {"b", "world", 5, 0}};
  g_autoptr (GBytes) cab = g_byte_array_free_to_bytes (cab_build (files, 2, NULL));
  g_autoptr (GBytes) one = g_bytes_new_static ("one", 3);
  g_autoptr (GBytes) two = g_bytes_new_static ("two", 3);
  g_autoptr (GBytes) three = g_bytes_new_static ("three", 5);
  GBytes *const members[] = {one, two, three};

  check_one ("cab", cab);
  check ("pack", members, G_N_ELEMENTS (members));
}

/* An image with settings and a stage that says where it is loaded, and logs of both formats. */
static void
test_firmware (void)
{
  GByteArray *image = image_usual ("CONFIG_TPM2=y\nCONFIG_TPM=y\n", "romstage");
  g_autoptr (GBytes) log = g_byte_array_free_to_bytes (image_log (image, TRUE));
  GByteArray *table = g_byte_array_new ();
  g_autoptr (GBytes) rom = NULL;
  g_autoptr (GBytes) coreboot = NULL;

  image_put_be32 (image, 0x1000 + 16, 48);
  image_put_be32 (image, 0x1000 + 48, 0x53746748);
  image_put_be32 (image, 0x1000 + 52, 16);
  rom = g_byte_array_free_to_bytes (image);
  image_u16 (table, 2);
  image_u16 (table, 2);
  for (guint i = 0; i < 2; i++) {
    guint8 entry[132] = {2, 0, 0, 0, 'S', 'H', 'A', '2', '5', '6', [82] = 'C', 'B', 'F', 'S'};

    entry[78] = 32;
    g_byte_array_append (table, entry, sizeof entry);
  }
  coreboot = g_byte_array_free_to_bytes (table);
  check_one ("rom", rom);
  check_one ("eventlog", log);
  check_one ("eventlog", coreboot);
}

static void
test_signature (void)
{
  g_autoptr (Pki) authority = pki_new ("Authority", NULL, &pki_authority);
  g_autoptr (Pki) leaf = pki_new ("Leaf", authority, &pki_leaf);
  g_autofree char *pem = pki_pem (authority);
  g_autoptr (GBytes) data = g_bytes_new_static ("firmware", 8);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (leaf, data);
  g_autoptr (GBytes) keys = g_bytes_new (pem, strlen (pem));
  GBytes *const inputs[] = {data, pkcs7, keys};

  check ("signature", inputs, G_N_ELEMENTS (inputs));
}

static void
test_names (void)
{
  g_assert_null (qfu_parse_op ("no-such-op"));
  g_assert_null (qfu_parse_op (""));
  for (guint i = 0; i < QFU_N_OPS; i++) {
    const char *name = qfu_worker_limits ((QfuWorkerOp)i)->name;

    const QfuParseOp *op = qfu_parse_op (name);

    g_assert_cmpstr (op->name, ==, name);
    if (op->warm_up != NULL)
      op->warm_up (); /* once more does no harm */
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table/names", test_names);
  g_test_add_func ("/table/texts", test_texts);
  g_test_add_func ("/table/archives", test_archives);
  g_test_add_func ("/table/firmware", test_firmware);
  g_test_add_func ("/table/signature", test_signature);
  return g_test_run ();
}
