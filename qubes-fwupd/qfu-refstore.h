/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-pcr.h"

#define QFU_PENDING_SECONDS (15 * 60) /* how long a pending record may be used */

/**
 * QfuRefState:
 * @QFU_REF_PENDING: written before the flash, not used yet
 * @QFU_REF_CONSUMED: the plugin began to write
 * @QFU_REF_WRITTEN: the chip was read back and holds the composed image
 * @QFU_REF_CURRENT: a boot was attested against it
 * @QFU_REF_SUPERSEDED: another record became current
 * @QFU_REF_FAILED: the write or the boot did not give what was recorded
 * @QFU_REF_ABANDONED: given up before the first erase
 */
typedef enum {
  QFU_REF_PENDING = 1,
  QFU_REF_CONSUMED,
  QFU_REF_WRITTEN,
  QFU_REF_CURRENT,
  QFU_REF_SUPERSEDED,
  QFU_REF_FAILED,
  QFU_REF_ABANDONED
} QfuRefState;

const char *qfu_ref_state_name (QfuRefState state);

/**
 * QfuRefBasis:
 * @QFU_BASIS_PREDICTED: a forecast from image and log
 * @QFU_BASIS_UNPREDICTED: nothing; a person let the update go without, the record says why
 * @QFU_BASIS_DECLARED: the vendor's word alone
 * @QFU_BASIS_LEARNED: a boot that a person confirmed
 *
 * What the values of a record rest on; each value says its own source besides.
 */
typedef enum {
  QFU_BASIS_PREDICTED = 1,
  QFU_BASIS_UNPREDICTED,
  QFU_BASIS_DECLARED,
  QFU_BASIS_LEARNED
} QfuRefBasis;

/* "predicted", "unpredicted", "declared", "learned". */
const char *qfu_ref_basis_name (QfuRefBasis basis);

/**
 * QfuRefRecord:
 *
 * Reference values of one firmware on one device. Strings are printable ASCII and never %NULL.
 */
typedef struct {
  guint id;            /* set by the store */
  QfuRefState state;   /* the latest */
  char *reason;        /* of the latest state */
  gint64 time;         /* of the first entry, seconds since 1970 */
  gint64 state_time;   /* of the latest */
  char *state_boot_id; /* of the boot in which the chip came to what @state says: that of the write,
                        * or a later one in which the write was finished or undone */
  QfuRefBasis basis;
  char *why_unpredicted; /* for people; "" unless @basis is unpredicted or declared */
  char *boot_id;         /* of the boot that wrote it */
  char *device_id;       /* fwupd's */
  char *device_name;
  char *version_from;
  char *version_to;
  QfuDigest old_chip; /* SHA-256 of the chip before */
  QfuDigest image;    /* SHA-256 of the composed image */
  QfuDigest payload;  /* SHA-256 of the image in the cab */
  QfuDigest cab;      /* SHA-256 of the cab */
  QfuDigest manifest; /* SHA-256 of the vendor's manifest that agreed; size 0: there was none */
  GArray *forecasts;  /* QfuForecast */
} QfuRefRecord;

/* A record of basis predicted without anything in it. */
QfuRefRecord *qfu_ref_record_new (void);
/* Gives a record's member another text; %NULL: none, which is an empty one. */
void qfu_ref_record_set (char **member, const char *text);
/* Makes @record say that nothing is known of its boot, and @why. */
void qfu_ref_record_unpredicted (QfuRefRecord *record, const char *why);
/* Makes @record rest on what its vendor declares: PCR 0 holds @value after the boot, or what
 * another call says of the same bank. @why tells why there is no forecast. */
void qfu_ref_record_declared (QfuRefRecord *record, const QfuDigest *value, const char *why);
void qfu_ref_record_free (QfuRefRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRefRecord, qfu_ref_record_free)

/**
 * QfuRefStore:
 *
 * The reference values in State/refvals: one JSON file an entry, numbered, never changed
 * (schemas/refvalue.schema.json). Writers exclude each other by a lock for the life of the object.
 *
 * Trust: our own store, written by root.
 */
typedef struct _QfuRefStore QfuRefStore;

/* @writable: %FALSE takes no lock and makes no folder, and works for any user who may read. */
QfuRefStore *qfu_refstore_open (const QfuConfig *config,
                                gboolean writable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_refstore_close (QfuRefStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRefStore, qfu_refstore_close)

/* (transfer none) (element-type QfuRefRecord): all records, oldest first, as of the opening and
 * what this object wrote since. */
const GPtrArray *qfu_refstore_records (const QfuRefStore *store);
/* (transfer none) (nullable): the record @id. */
const QfuRefRecord *qfu_refstore_record (const QfuRefStore *store, guint id);
/* (transfer none) (nullable): the latest record in @state. */
const QfuRefRecord *qfu_refstore_latest (const QfuRefStore *store, QfuRefState state);

/* Appends @record (transfer full) as pending, gets its id, and abandons every other pending record.
 */
gboolean qfu_refstore_stage (QfuRefStore *store, QfuRefRecord *record, guint *id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Appends @record (transfer full) as current at once, and as learned: values of a boot that a
 * person confirmed. It supersedes the one that was, and what updates before that boot left
 * unsettled. */
gboolean qfu_refstore_learn (QfuRefStore *store, QfuRefRecord *record, guint *id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Appends a change of state; #QFU_ERROR_STALE when record @id cannot go from its state to @state. A
 * record that becomes current supersedes the one that was, and what older updates left unsettled.
 */
gboolean qfu_refstore_move (QfuRefStore *store,
                            guint id,
                            QfuRefState state,
                            const char *reason,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, when that happens to the chip in another boot than that of the write: @boot_id
 * (nullable) is of the boot that may not be judged by the record. */
gboolean qfu_refstore_move_in (QfuRefStore *store,
                               guint id,
                               QfuRefState state,
                               const char *boot_id,
                               const char *reason,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuRefBinding:
 *
 * What the plugin is about to do.
 */
typedef struct {
  const char *boot_id;
  const char *device_id;
  const QfuDigest *old_chip;
  const QfuDigest *image;
  gint64 now; /* seconds since 1970 */
} QfuRefBinding;

/* Whether @binding agrees with the pending record in every part; @id and @error as for
 * qfu_refstore_consume(). Changes nothing. */
gboolean qfu_refstore_fits (const QfuRefStore *store,
                            const QfuRefBinding *binding,
                            guint *id,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_refstore_consume:
 * @store: opened writable
 * @binding: what must agree with the pending record in every part
 * @id: (out): the record
 * @error: #QFU_ERROR_NOT_FOUND without a pending record, #QFU_ERROR_STALE when one does not agree;
 * the text says in what and names `qubes-fwupdmgr update`
 *
 * Marks the pending record as consumed, durably, before it returns.
 */
gboolean qfu_refstore_consume (QfuRefStore *store,
                               const QfuRefBinding *binding,
                               guint *id,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_refstore_tell:
 * @store: opened writable
 * @id: of a record; when there is none there is nothing to do
 * @is_new: whether the chip was found to hold the record's image; else it holds what was before
 * @boot_id: of the boot in which it came to that
 * @error: why that cannot be written
 *
 * Brings the record of a write that was cut off to where the chip is: written, or failed, or, when
 * nothing had begun, abandoned. What a boot was attested against stays as it is.
 */
gboolean qfu_refstore_tell (QfuRefStore *store,
                            guint id,
                            gboolean is_new,
                            const char *boot_id,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
