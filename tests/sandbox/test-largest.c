/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every op, in its locked-down program and under its row's limits, with the largest input that it
 * takes. A row without one fails. */
#include "cbtable.h"
#include "declared.h"
#include "image.h"
#include "largest.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-manifest-write.h"
#include "qfu-worker.h"
#include "signed.h"
#include "testconfig.h"

#include <string.h>
#include <time.h>

#define WORKER_USER G_STRINGIFY (TEST_WORKER_UID)

static char *directory;
static QfuConfig *config;

static void
job_clear (Job *job)
{
  for (gsize i = 0; i < job->n_inputs; i++)
    qfu_untrusted_blob_free (job->inputs[i]);
  qfu_message_free (job->arguments);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

void
add_input (Job *job, const void *data, gsize size)
{
  job->inputs[job->n_inputs++] = test_blob (data, size);
}

static void
add_gzip (Job *job, const GString *text)
{
  g_autoptr (GBytes) gzip = pki_gzip (text->str, text->len);

  add_input (job, g_bytes_get_data (gzip, NULL), g_bytes_get_size (gzip));
}

static void
largest_jcat (Job *job)
{
  g_autoptr (GString) json = g_string_new ("{\"Items\":[");
  guint blobs = QFU_JCAT_ITEMS_MAX * QFU_JCAT_BLOBS_MAX;
  g_autofree char *data = g_strnfill (QFU_JCAT_JSON_MAX / blobs - 100, 'x');

  for (guint i = 0; i < QFU_JCAT_ITEMS_MAX; i++) {
    g_string_append_printf (json, "%s{\"Id\":\"%u\",\"Blobs\":[", i == 0 ? "" : ",", i);
    for (guint n = 0; n < QFU_JCAT_BLOBS_MAX; n++)
      g_string_append_printf (json, "%s{\"Kind\":3,\"Flags\":1,\"Data\":\"%s\"}", n == 0 ? "" : ",",
                              data);
    g_string_append (json, "]}");
  }
  g_string_append (json, "]}");
  while (json->len < QFU_JCAT_JSON_MAX)
    g_string_append_c (json, ' ');
  g_assert_cmpuint (json->len, ==, QFU_JCAT_JSON_MAX);
  add_gzip (job, json);
  job->frames = QFU_JCAT_ITEMS_MAX + blobs;
}

static void
largest_signature (Job *job)
{
  g_autoptr (Pki) authority = pki_new ("authority", NULL, &pki_authority);
  g_autoptr (Pki) leaf = pki_new ("leaf", authority, &pki_leaf);
  g_autoptr (GBytes) data =
      g_bytes_new_take (g_malloc0 (QFU_SIGNATURE_DATA_MAX), QFU_SIGNATURE_DATA_MAX);
  g_autoptr (GBytes) signature = pki_sign_now (leaf, data);
  g_autofree char *pem = pki_pem (authority);
  g_autoptr (GString) keys = g_string_new ("");

  for (guint i = 0; i < QFU_KEYS_COUNT_MAX; i++)
    g_string_append (keys, pem);
  add_input (job, g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  add_input (job, g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));
  add_input (job, keys->str, keys->len);
  qfu_message_add_number (job->arguments, QFU_FIELD_TIME, (guint64)time (NULL));
  job->frames = 1;
}

/* A component that ends where @xml has @end bytes, or sooner. */
static void
add_component (GString *xml, guint number, guint64 end)
{
  g_string_append_printf (xml,
                          "<component type=\"firmware\"><id>org.example.n%u</id><provides>"
                          "<firmware type=\"flashed\">12345678-1234-1234-1234-%012x</firmware>"
                          "</provides><releases><release version=\"1.%u\"/></releases>",
                          number, number, number);
  while (xml->len + strlen ("</component>") < end)
    g_string_append_c (xml, ' ');
  g_string_append (xml, "</component>");
}

static void
largest_catalog (Job *job)
{
  g_autoptr (GString) xml = g_string_new ("<components origin=\"lvfs\" version=\"0.9\">");

  for (guint i = 0; i < QFU_CATALOG_COMPONENTS_MAX; i++)
    add_component (xml, i,
                   (QFU_CATALOG_XML_MAX - strlen ("</components>")) * (i + 1) /
                       QFU_CATALOG_COMPONENTS_MAX);
  g_string_append (xml, "</components>");
  g_assert_cmpuint (xml->len, ==, QFU_CATALOG_XML_MAX);
  add_gzip (job, xml);
  job->frames = 2 * QFU_CATALOG_COMPONENTS_MAX;
}

static void
largest_metainfo (Job *job)
{
  static const char end[] = "</releases></component>";
  g_autoptr (GString) xml = g_string_new ("");

  add_component (xml, 1, 0);
  g_string_truncate (xml, xml->len - strlen (end));
  for (guint i = 1; i < QFU_COMPONENT_RELEASES_MAX; i++) {
    g_string_append_printf (xml, "<release version=\"2.%u\"/>", i);
    while (xml->len < (QFU_METAINFO_XML_MAX - strlen (end)) * (i + 1) / QFU_COMPONENT_RELEASES_MAX)
      g_string_append_c (xml, ' ');
  }
  g_string_append (xml, end);
  g_assert_cmpuint (xml->len, ==, QFU_METAINFO_XML_MAX);
  add_input (job, xml->str, xml->len);
  job->frames = 1 + QFU_COMPONENT_RELEASES_MAX;
}

static void
largest_pack (Job *job)
{
  gsize part = (gsize)QFU_CAB_TOTAL_MAX / QFU_PROCESS_INPUTS_MAX;
  g_autofree char *data = g_malloc0 (part);

  for (guint i = 0; i < QFU_PROCESS_INPUTS_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("%*u", QFU_CAB_NAME_MAX, i);

    add_input (job, data, part);
    qfu_message_add_text (job->arguments, QFU_FIELD_NAME, g_strdelimit (name, " ", 'n'));
  }
  job->frames = 1 + (guint)(QFU_CAB_TOTAL_MAX / QFU_WIRE_DATA_MAX);
}

/* The cabinet that op pack makes of its largest input. */
static void
largest_cab (Job *job)
{
  g_auto (Job) pack = {.arguments = qfu_message_new (QFU_FRAME_ARGUMENTS)};
  g_autoptr (QfuProcess) worker = NULL;
  g_autoptr (QfuMessage) size = NULL;
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  largest_pack (&pack);
  worker = qfu_worker_start (config, QFU_OP_PACK, pack.arguments,
                             (const QfuUntrustedBlob *const *)pack.inputs, pack.n_inputs, &error);
  g_assert_no_error (error);
  g_assert_true (qfu_process_next (worker, &size, &error));
  g_assert_true (qfu_message_number (size, QFU_FIELD_SIZE, 1, QFU_CAB_SIZE_MAX, &bytes, &error));
  job->inputs[job->n_inputs++] = qfu_process_collect (worker, bytes, &error);
  g_assert_no_error (error);
  qfu_message_add_number (job->arguments, QFU_FIELD_FLAGS, 1);
  job->frames = QFU_PROCESS_INPUTS_MAX;
}

static void
largest_rom (Job *job)
{
  g_autoptr (GByteArray) image = image_usual ("CONFIG_A=y\n", "romstage");
  guint used = image->len;

  g_byte_array_set_size (image, QFU_ROM_SIZE_MAX);
  memset (image->data + used, 0xff, image->len - used);
  add_input (job, image->data, image->len);
  job->frames = 3;
}

/* A whole chip, of which the descriptor is but the beginning. */
static void
largest_ifd (Job *job)
{
  static const guint32 registers[] = {IMAGE_FLREG (0, 4096), IMAGE_FLREG (4096, 4096)};
  g_autoptr (GByteArray) image = image_new (QFU_ROM_SIZE_MAX);

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  add_input (job, image->data, image->len);
  job->frames = 1;
}

/* As many events as are taken, in as many bytes. */
static void
largest_eventlog (Job *job)
{
  const guint entry = QFU_EVENTLOG_SIZE_MAX / QFU_EVENTLOG_EVENTS_MAX;
  g_autoptr (GByteArray) log = g_byte_array_sized_new (QFU_EVENTLOG_SIZE_MAX);
  g_autofree guint8 *rest = g_malloc (entry);

  memset (rest, 'x', entry);
  for (guint i = 0; i < QFU_EVENTLOG_EVENTS_MAX; i++) {
    image_u32 (log, 2);
    image_u32 (log, 5);
    g_byte_array_append (log, rest, 20); /* the digest */
    image_u32 (log, entry - 32);
    g_byte_array_append (log, rest, entry - 32);
  }
  g_assert_cmpuint (log->len, ==, QFU_EVENTLOG_SIZE_MAX);
  add_input (job, log->data, log->len);
  job->frames = 1 + QFU_EVENTLOG_EVENTS_MAX;
}

static void
largest_luks (Job *job)
{
  g_autoptr (GString) json = g_string_new ("{\"keyslots\":{");
  g_autofree char *blob = NULL;

  for (guint i = 0; i < QFU_LUKS_NUMBERS_MAX; i++)
    g_string_append_printf (json, "%s\"%u\":{\"type\":\"luks2\"}", i == 0 ? "" : ",", i);
  g_string_append (json, "},\"digests\":{\"0\":{\"segments\":[\"0\"],\"keyslots\":[\"0\"");
  for (guint i = 1; i < QFU_LUKS_NUMBERS_MAX; i++)
    g_string_append_printf (json, ",\"%u\"", i);
  g_string_append (json, "]}},\"tokens\":{");
  blob = g_strnfill ((QFU_LUKS_SIZE_MAX - json->len) / QFU_LUKS_NUMBERS_MAX - 120, 'x');
  for (guint i = 0; i < QFU_LUKS_NUMBERS_MAX; i++)
    g_string_append_printf (json,
                            "%s\"%u\":{\"type\":\"systemd-tpm2\",\"keyslots\":[\"%u\"],"
                            "\"tpm2-pcrs\":[7],\"tpm2-blob\":\"%s\"}",
                            i == 0 ? "" : ",", i, i, blob);
  g_string_append (json, "}}");
  while (json->len < QFU_LUKS_SIZE_MAX)
    g_string_append_c (json, ' ');
  add_input (job, json->str, json->len);
  job->frames = 1 + QFU_LUKS_NUMBERS_MAX;
}

static void
largest_aem (Job *job)
{
  g_autofree char *line = g_strdup_printf ("%-*s", QFU_AEM_SIZE_MAX, "sha256:0");

  add_input (job, line, QFU_AEM_SIZE_MAX);
  job->frames = 1;
}

static void
largest_cbtable (Job *job)
{
  g_autoptr (GByteArray) records = cbtable_areas (QFU_CBTABLE_AREAS_MAX);
  g_autoptr (GByteArray) table = cbtable_new (records, QFU_CBTABLE_AREAS_MAX);
  g_autoptr (GByteArray) memory = g_byte_array_new ();

  g_byte_array_set_size (memory, QFU_CBTABLE_SIZE_MAX);
  memset (memory->data, 0, memory->len);
  memcpy (memory->data + memory->len - (table->len + 15) / 16 * 16, table->data, table->len);
  add_input (job, memory->data, memory->len);
  job->frames = QFU_CBTABLE_AREAS_MAX;
}

/* As many objects and values as there may be, and CBOR of the largest size. */
static void
largest_corim (Job *job)
{
  g_autoptr (GBytes) corim = declared_corim_of_size (QFU_MANIFEST_SIZE_MAX);

  add_input (job, g_bytes_get_data (corim, NULL), g_bytes_get_size (corim));
  job->frames = 1 + QFU_MANIFEST_OBJECTS_MAX + QFU_MANIFEST_RECIPES_MAX * (1 + 4 * QFU_PCR_COUNT);
}

static void
largest_manifest (Job *job)
{
  g_autoptr (QfuManifest) manifest =
      declared_many (QFU_MANIFEST_OBJECTS_MAX, QFU_MANIFEST_RECIPES_MAX, 64);
  g_autoptr (GBytes) json = qfu_manifest_write (manifest, QFU_MANIFEST_IS_JSON);
  g_autoptr (GString) text =
      g_string_new_len (g_bytes_get_data (json, NULL), (gssize)g_bytes_get_size (json));

  while (text->len < QFU_MANIFEST_SIZE_MAX)
    g_string_append_c (text, ' ');
  g_assert_cmpuint (text->len, ==, QFU_MANIFEST_SIZE_MAX);
  add_input (job, text->str, text->len);
  job->frames = 1 + QFU_MANIFEST_OBJECTS_MAX + QFU_MANIFEST_RECIPES_MAX * 65;
}

static void (*const largest[QFU_N_OPS]) (Job *) = {
    [QFU_OP_JCAT] = largest_jcat,           [QFU_OP_SIGNATURE] = largest_signature,
    [QFU_OP_CATALOG] = largest_catalog,     [QFU_OP_CAB] = largest_cab,
    [QFU_OP_METAINFO] = largest_metainfo,   [QFU_OP_ROM] = largest_rom,
    [QFU_OP_EVENTLOG] = largest_eventlog,   [QFU_OP_PACK] = largest_pack,
    [QFU_OP_LUKS] = largest_luks,           [QFU_OP_AEM] = largest_aem,
    [QFU_OP_CBTABLE] = largest_cbtable,     [QFU_OP_QUOTE] = largest_quote,
    [QFU_OP_ENROLMENT] = largest_enrolment, [QFU_OP_PCRFILE] = largest_pcrfile,
    [QFU_OP_REFVALS] = largest_refvals,     [QFU_OP_MANIFEST] = largest_manifest,
    [QFU_OP_CORIM] = largest_corim,         [QFU_OP_IFD] = largest_ifd,
};

static void
test_largest (gconstpointer data)
{
  QfuWorkerOp op = (QfuWorkerOp)GPOINTER_TO_UINT (data);
  g_auto (Job) job = {.arguments = qfu_message_new (QFU_FRAME_ARGUMENTS)};
  g_autoptr (QfuProcess) worker = NULL;
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE;
  guint frames = 0;

  g_assert_nonnull (largest[op]);
  largest[op](&job);
  worker = qfu_worker_start (config, op, job.arguments, (const QfuUntrustedBlob *const *)job.inputs,
                             job.n_inputs, &error);
  g_assert_no_error (error);
  while (more) {
    g_autoptr (QfuMessage) message = NULL;

    more = qfu_process_next (worker, &message, &error) && message != NULL;
    g_assert_no_error (error);
    frames += more;
  }
  g_test_message ("%u frames", frames);
  g_assert_cmpuint (frames, >=, job.frames);
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  directory = test_directory ();
  config = test_config (directory, WORKER_USER);
  for (guint i = 0; i < QFU_N_OPS; i++) {
    g_autofree char *path =
        g_strdup_printf ("/largest/%s", qfu_worker_limits ((QfuWorkerOp)i)->name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_largest);
  }
  result = g_test_run ();
  qfu_config_free (config);
  test_directory_remove (directory);
  g_free (directory);
  return result;
}
