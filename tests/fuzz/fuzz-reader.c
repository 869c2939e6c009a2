/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz targets for what dom0 makes of a peer's frames, compiled once per row of `readers`,
 * whose name is READER. The input is what an owned worker, or an owned VM, says until it hangs up:
 * see fuzz-said.h. */
#include "fuzz-said.h"
#include "fuzz-subject.h"
#include "fuzz.h"
#include "qfu-cab-members.h"
#include "qfu-cbtable.h"
#include "qfu-component.h"
#include "qfu-descriptor.h"
#include "qfu-enrolment.h"
#include "qfu-error.h"
#include "qfu-eventlog.h"
#include "qfu-fd.h"
#include "qfu-indexstore.h"
#include "qfu-jcat.h"
#include "qfu-manifest.h"
#include "qfu-quote.h"
#include "qfu-refimport.h"
#include "qfu-rom.h"
#include "qfu-secret-verdict.h"
#include "qfu-transport.h"
#include "qfu-usbqube.h"
#include "qfu-worker.h"

#include <glib/gstdio.h>

#define FETCH_MAX 65536

static gboolean
read_fetch (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  QfuFetch fetch = {.kind = QFU_FETCH_METADATA, .url = "https://a/b", .maximum = FETCH_MAX};
  g_autoptr (QfuUntrustedBlob) blob = qfu_transport_fetch (config, &fetch, NULL, NULL, error);

  if (blob != NULL)
    g_assert_cmpuint (qfu_untrusted_blob_size (blob), <=, FETCH_MAX);
  return blob != NULL;
}

/* A cab goes on where it was cut. */
static gboolean
read_resumed (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuUntrustedBlob) remains = NULL;
  QfuFetch fetch = {.kind = QFU_FETCH_CAB,
                    .url = "https://a/b",
                    .maximum = 2 * FETCH_MAX,
                    .sha256 = qfu_untrusted_blob_sha256 (image),
                    .partial = image,
                    .remains = &remains};
  g_autoptr (QfuUntrustedBlob) blob = qfu_transport_fetch (config, &fetch, NULL, NULL, error);

  if (blob != NULL)
    g_assert_true (qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), fetch.sha256));
  if (remains != NULL)
    g_assert_cmpuint (qfu_untrusted_blob_size (remains), <=, fetch.maximum);
  return blob != NULL;
}

static gboolean
read_jcat (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuJcat) jcat = qfu_jcat_read (config, image, error);

  return jcat != NULL;
}

static gboolean
read_catalog (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuProcess) worker = qfu_worker_start (config, QFU_OP_CATALOG, NULL, &image, 1, error);
  g_autoptr (GPtrArray) components = NULL;

  g_assert_nonnull (worker);
  components = qfu_component_collect (worker, error);
  return components != NULL;
}

/* Leaves an index with what a worker said where qfu_index_load() finds it, and takes it away. */
static QfuIndex *
index_of_said (const QfuDigest *metadata)
{
  static const guint8 head[] = {'Q', 'F', 'U', 'I', 'N', 'D', 'E', 'X', 1, 0, 0, 0, 1, 0, 0, 0};
  g_autofree char *cache = g_dir_make_tmp ("qfu-fuzz-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (cache, "a", NULL);
  g_autofree char *path = g_build_filename (folder, QFU_METASTORE_INDEX, NULL);
  const QfuConfig config = {.cache = cache};
  g_auto (QfuFd) fd = g_mkdir (folder, 0755) == 0 ? g_creat (path, 0644) : -1;
  g_autoptr (QfuUntrustedBlob) written = NULL;
  const FuzzSaid *said = fuzz_said ();
  QfuIndex *index;

  g_assert_cmpint (write (fd, head, sizeof head), ==, (gssize)sizeof head);
  g_assert_cmpint (write (fd, metadata->data, QFU_SHA256_SIZE), ==, QFU_SHA256_SIZE);
  g_assert_cmpint (write (fd, said->data, said->size), ==, (gssize)said->size);
  written = qfu_untrusted_blob_load (path, G_MAXUINT32, TRUE, NULL);
  index = qfu_index_load (&config, "a", qfu_untrusted_blob_sha256 (written), metadata, NULL);
  g_assert_nonnull (index);
  g_assert_cmpint (g_unlink (path) | g_rmdir (folder) | g_rmdir (cache), ==, 0);
  return index;
}

/* What a worker says goes into an index unread, and is read from there. */
static gboolean
read_index (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  static const char *const guids[] = {"b8df02ef-e47d-5ff7-9e2b-2a5ee8c57a0b", NULL};
  g_autoptr (QfuIndex) index = index_of_said (qfu_untrusted_blob_sha256 (image));
  g_autoptr (GPtrArray) some = qfu_index_components (index, guids, NULL);
  g_autoptr (GPtrArray) all = qfu_index_components (index, NULL, error);

  for (guint i = 0; some != NULL && i < some->len; i++) {
    const QfuComponent *component = g_ptr_array_index (some, i);

    g_assert_true (g_strv_contains ((const char *const *)component->guids, guids[0]));
  }
  g_assert_true (all == NULL || some != NULL); /* what is good as a whole is good in part */
  return all != NULL;
}

static gboolean
read_cab (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (GPtrArray) members = qfu_cab_members (config, image, error);

  for (guint i = 0; members != NULL && i < members->len; i++) {
    const QfuCabMember *member = g_ptr_array_index (members, i);

    g_assert_null (strchr (member->name, '/'));
  }
  return members != NULL;
}

/* Whoever uses a range of the image trusts that it lies inside. */
static gboolean
read_rom (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuRom) rom = qfu_rom_read (config, image, error);

  for (guint i = 0; rom != NULL && i < rom->files->len; i++) {
    const QfuRomFile *file = &g_array_index (rom->files, QfuRomFile, i);
    const QfuRomRegion *region = &g_array_index (rom->regions, QfuRomRegion, file->region);

    g_assert_cmpuint (file->size, <=, region->size);
    g_assert_cmpuint (file->offset, >=, region->offset);
    g_assert_cmpuint (file->offset - region->offset, <=, region->size - file->size);
    g_assert_cmpuint (region->size, <=, FUZZ_SUBJECT_SIZE);
    g_assert_cmpuint (region->offset, <=, FUZZ_SUBJECT_SIZE - region->size);
  }
  for (guint i = 0; rom != NULL && i < rom->unused->len; i++) {
    const QfuRange *range = &g_array_index (rom->unused, QfuRange, i);

    g_assert_cmpuint (range->offset, ==, FUZZ_SUBJECT_UNUSED);
    g_assert_cmpuint (range->length, ==, FUZZ_SUBJECT_UNUSED_SIZE);
  }
  return rom != NULL;
}

/* A region of a descriptor lies inside of the chip, and in no other one. */
static gboolean
read_ifd (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (GArray) regions = qfu_descriptor_read (config, image, FUZZ_SUBJECT_SIZE, error);

  for (guint i = 0; regions != NULL && i < regions->len; i++) {
    const QfuIfdRegion *region = &g_array_index (regions, QfuIfdRegion, i);

    g_assert_cmpuint (region->size, >, 0);
    g_assert_cmpuint (region->size, <=, FUZZ_SUBJECT_SIZE);
    g_assert_cmpuint (region->offset, <=, FUZZ_SUBJECT_SIZE - region->size);
  }
  return regions != NULL;
}

static gboolean
read_eventlog (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuEventLog) log = qfu_eventlog_read (config, image, error);
  QfuPcrSet pcrs;

  if (log != NULL)
    qfu_eventlog_replay (log, &pcrs);
  return log != NULL;
}

/* Memory is read where a table says: never among the chipset's registers. */
static gboolean
read_cbtable (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuCbtable) table = qfu_cbtable_read (config, &image, 1, 0, error);

  for (guint i = 0; table != NULL && i < table->areas->len; i++) {
    const QfuCbmemEntry *entry = &g_array_index (table->areas, QfuCbmemEntry, i);

    g_assert_cmpuint (entry->address, <=, QFU_CBTABLE_ADDRESS_MAX);
    g_assert_cmpuint (entry->size, <=, QFU_CBTABLE_ADDRESS_MAX - entry->address);
  }
  if (table != NULL)
    g_assert_cmpuint (table->forward, <, QFU_CBTABLE_ADDRESS_MAX);
  return table != NULL;
}

static gboolean
read_pcrfile (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  QfuPcrSet values;

  return qfu_pcrfile_read (config, image, &values, error);
}

/* What is not selected is no PCR, and values that were not quoted do not count. */
static gboolean
read_quote (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuQuote) quote = qfu_quote_read (config, image, image, image, error);
  QfuPcrSet values;

  if (quote == NULL)
    return FALSE;
  qfu_pcr_set_clear (&values);
  g_assert_false (qfu_quote_check_values (quote, &values, NULL) && quote->selection[0].pcrs != 0);
  return TRUE;
}

static gboolean
read_enrolment (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  const QfuEnrolmentFiles files = {image, image, image, image};
  g_autoptr (QfuEnrolment) enrolment = qfu_enrolment_read (config, &files, 0, error);

  return enrolment != NULL;
}

static gboolean
read_refvals (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (GPtrArray) records = qfu_refimport_read (config, image, error);

  g_assert_true (records == NULL || records->len > 0);
  return records != NULL;
}

/* What is said of a secret names PCRs that there are; nothing is known to close without a forecast.
 */
static gboolean
read_secrets (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (GPtrArray) secrets = qfu_secrets_new ();
  gboolean ok = qfu_secrets_read_luks (config, image, "volume", secrets, error);

  for (guint i = 0; i < secrets->len; i++) {
    const QfuSecret *secret = g_ptr_array_index (secrets, i);
    g_autofree char *reason = NULL;

    for (guint n = 0; n < secret->n_literal; n++)
      g_assert_cmpuint (secret->literal[n].pcrs - 1, <, (1u << QFU_PCR_COUNT) - 1);
    g_assert_cmpint (qfu_secret_judge (secret, NULL, &reason), !=, QFU_SECRET_WILL_NOT_UNSEAL);
  }
  return ok;
}

/* It is what it is, to the last step and value. */
static gboolean
read_manifest (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuManifest) manifest = qfu_manifest_read (config, image, QFU_MANIFEST_IS_JSON, error);

  return manifest != NULL && qfu_manifest_same (manifest, manifest, error);
}

static gboolean
lists_before (const GPtrArray *devices, guint end, const char *id)
{
  for (guint i = 0; i < end; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);

    if (g_str_equal (device->id, id))
      return TRUE;
  }
  return FALSE;
}

/* No device is there twice, or above itself, or a part of this machine. */
static gboolean
read_usbqube (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuUsbListing) listing = qfu_usb_listing_start (config, "sys-usb", error);
  g_autoptr (QfuUsbQube) qube = NULL;

  g_assert_nonnull (listing);
  qube = qfu_usb_listing_finish (listing, error);
  for (guint i = 0; qube != NULL && i < qube->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (qube->devices, i);

    g_assert_cmpuint (i, <, QFU_USB_DEVICES_MAX);
    g_assert_cmpstr (device->domain, ==, "sys-usb");
    g_assert_cmpuint (device->flags & QFU_DEVICE_INTERNAL, ==, 0);
    g_assert_true (qfu_device_id_ok (device->id));
    g_assert_false (lists_before (qube->devices, i, device->id));
    g_assert_true (device->parent == NULL || lists_before (qube->devices, i, device->parent));
    g_assert_nonnull (device->guids[0]);
  }
  return qube != NULL;
}

static const struct {
  const char *name;
  gboolean (*read) (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error);
} readers[] = {
    {"fetch", read_fetch},       {"resumed", read_resumed}, {"jcat", read_jcat},
    {"catalog", read_catalog},   {"cab", read_cab},         {"rom", read_rom},
    {"eventlog", read_eventlog}, {"index", read_index},     {"cbtable", read_cbtable},
    {"secrets", read_secrets},   {"quote", read_quote},     {"enrolment", read_enrolment},
    {"pcrfile", read_pcrfile},   {"refvals", read_refvals}, {"manifest", read_manifest},
    {"ifd", read_ifd},           {"usbqube", read_usbqube},
};

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static QfuConfig *config;
  static QfuUntrustedBlob *image;
  g_autoptr (GError) error = NULL;
  gboolean ok = FALSE;

  if (config == NULL) {
    config = fuzz_configuration ();
    image = fuzz_subject ();
  }
  fuzz_say (data, size);
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++) {
    if (g_str_equal (readers[i].name, READER))
      ok = readers[i].read (config, image, &error);
  }
  g_assert_true (ok == (error == NULL));
  g_assert_true (ok || (error->domain == QFU_ERROR && error->message != NULL));
  return 0;
}
