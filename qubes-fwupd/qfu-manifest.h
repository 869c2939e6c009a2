/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"
#include "qfu-pcr.h"

/* What the members of a cab are called that declare measurements (schemas/manifest.md). */
#define QFU_MANIFEST_JSON "firmware.manifest.json"
#define QFU_MANIFEST_CORIM "firmware.corim"
/* `format` of the JSON, and the profile of the CoRIM. */
#define QFU_MANIFEST_FORMAT "qubes-fwupd-manifest-1"
#define QFU_MANIFEST_PROFILE "urn:qubes-fwupd:manifest:1"

/**
 * QfuManifestForm:
 * @QFU_MANIFEST_IS_JSON: JSON, schemas/manifest.schema.json
 * @QFU_MANIFEST_IS_CORIM: CoRIM, schemas/manifest.cddl
 * @QFU_MANIFEST_FORMS: how many there are
 *
 * How a manifest is written. The content is the same.
 */
typedef enum { QFU_MANIFEST_IS_JSON, QFU_MANIFEST_IS_CORIM, QFU_MANIFEST_FORMS } QfuManifestForm;

/* QFU_MANIFEST_JSON or QFU_MANIFEST_CORIM. */
const char *qfu_manifest_file_name (QfuManifestForm form);

/**
 * QfuManifestObject:
 * @region: an area of the flash map
 * @file: (nullable): a file of the CBFS in it; %NULL: the whole area
 * @digests: of its bytes as stored, by bank; size 0: not declared
 */
typedef struct {
  char *region;
  char *file;
  QfuDigest digests[QFU_BANK_COUNT];
} QfuManifestObject;

/* A measurement: PCR @pcr is extended with the @object-th object. */
typedef struct {
  guint pcr;
  guint object;
} QfuManifestStep;

/**
 * QfuManifestRecipe:
 * @name: what the vendor calls this way to boot
 * @condition: (nullable): when it applies, for people
 * @steps: (element-type QfuManifestStep): what is measured, in order; empty: not declared
 * @pcrs: the values after the boot, as far as they are declared
 */
typedef struct {
  char *name;
  char *condition;
  GArray *steps;
  QfuPcrSet pcrs;
} QfuManifestRecipe;

/**
 * QfuManifest:
 * @version: (nullable): of the firmware
 * @image: SHA-256 of the image
 * @objects: (element-type QfuManifestObject): no two of one name
 * @recipes: (element-type QfuManifestRecipe): no two of one name
 *
 * What a vendor expects an image to measure.
 *
 * Trust: a worker's reading of bytes that the vendor signed when they came by qfu_cab_manifest…(),
 * else that a person named. It only ever refuses: no value of it becomes a reference value.
 */
typedef struct {
  char *version;
  QfuDigest image;
  GArray *objects;
  GArray *recipes;
} QfuManifest;

/* (transfer full): an empty one. */
QfuManifest *qfu_manifest_new (void);
void qfu_manifest_free (QfuManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuManifest, qfu_manifest_free)

/* (transfer none): appends an object or a recipe with nothing declared; copies the names. */
QfuManifestObject *
qfu_manifest_add_object (QfuManifest *manifest, const char *region, const char *file);
QfuManifestRecipe *
qfu_manifest_add_recipe (QfuManifest *manifest, const char *name, const char *condition);

/* The number of the object of that name, -1 when there is none. */
int qfu_manifest_find (const QfuManifest *manifest, const char *region, const char *file);

/* (transfer full): `REGION:FILE` or `REGION`, for messages. */
char *qfu_manifest_object_label (const QfuManifestObject *object);

/**
 * qfu_manifest_read:
 * @config: where the worker is
 * @blob: a manifest
 * @form: how it is written
 * @error: #QFU_ERROR_FORMAT when it breaks the rules of the format, #QFU_ERROR_PROTOCOL when the
 * worker lies, and what the worker reports
 *
 * Has worker `manifest` or `corim` read @blob.
 */
QfuManifest *qfu_manifest_read (const QfuConfig *config,
                                const QfuUntrustedBlob *blob,
                                QfuManifestForm form,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_manifest_same:
 * @error: #QFU_ERROR_MISMATCH naming the first thing that they say differently
 *
 * Whether two forms of a manifest say the same.
 */
gboolean qfu_manifest_same (const QfuManifest *one,
                            const QfuManifest *other,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
