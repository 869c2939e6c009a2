/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define QFU_WIRE_VERSION 1
#define QFU_WIRE_HEADER_SIZE 8           /* u16 type, u16 version, u32 length of the payload */
#define QFU_WIRE_PAYLOAD_MAX (64 * 1024) /* bytes of any payload */
#define QFU_WIRE_DATA_MAX QFU_WIRE_PAYLOAD_MAX
#define QFU_WIRE_FIELD_HEADER_SIZE 8 /* u16 field, u16 zero, u32 length */

/* Every frame type; schemas/wire.md has direction, order and fields of each. */
typedef enum {
  QFU_FRAME_REQUEST = 1,
  QFU_FRAME_HELLO = 2,
  QFU_FRAME_SIZE = 3,
  QFU_FRAME_PROGRESS = 4,
  QFU_FRAME_DATA = 5,
  QFU_FRAME_END = 6,
  QFU_FRAME_ERROR = 7,
  QFU_FRAME_ARGUMENTS = 8,

  QFU_FRAME_JCAT_ITEM = 16,
  QFU_FRAME_JCAT_BLOB = 17,
  QFU_FRAME_SIGNATURE = 18,

  QFU_FRAME_COMPONENT = 32,
  QFU_FRAME_REQUIREMENT = 33,
  QFU_FRAME_RELEASE = 34,
  QFU_FRAME_MEMBER = 35,

  QFU_FRAME_REGION = 48,
  QFU_FRAME_FILE = 49,
  QFU_FRAME_SETTING = 50,
  QFU_FRAME_LOG = 51,
  QFU_FRAME_EVENT = 52,

  QFU_FRAME_REMOTE = 64,
  QFU_FRAME_DEVICE = 65,
  QFU_FRAME_CHIP = 66,
  QFU_FRAME_PCR = 67,

  QFU_FRAME_HWID = 84,
  QFU_FRAME_VBLOCK = 85,
  QFU_FRAME_VOLUME = 86,
  QFU_FRAME_MANIFEST = 88,
  QFU_FRAME_MANIFEST_OBJECT = 89,
  QFU_FRAME_RECIPE = 90,
  QFU_FRAME_RECIPE_STEP = 91,
  QFU_FRAME_CBMEM = 80,
  QFU_FRAME_FORWARD = 81,
  QFU_FRAME_READ = 82,

  QFU_FRAME_PIECE = 92,
  QFU_FRAME_QUOTE = 93,
  QFU_FRAME_ENROLMENT = 94,
  QFU_FRAME_REFERENCE = 95,

  QFU_FRAME_LUKS = 96,
  QFU_FRAME_SECRET = 97,

  QFU_FRAME_RECOVERY = 100,

  QFU_FRAME_DESCRIPTOR = 104,
  QFU_FRAME_UNUSED = 105,

  QFU_FRAME_HISTORY = 110,
  QFU_FRAME_SECURITY = 111,
  QFU_FRAME_ATTRIBUTE = 112,

  QFU_FRAME_LIST = 120,
  QFU_FRAME_QUBE = 121,
  QFU_FRAME_USB_DEVICE = 122,
  QFU_FRAME_PUSH = 123,
  QFU_FRAME_ACTION = 124,
} QfuFrameType;

/* KIND of a REQUEST: what dom0 is after. The numbers travel. */
typedef enum {
  QFU_FETCH_JCAT = 1,     /* signatures of the metadata */
  QFU_FETCH_METADATA = 2, /* the metadata that they sign */
  QFU_FETCH_CAB = 3,      /* an archive; the only kind that may be resumed */
  QFU_FETCH_LAST = QFU_FETCH_CAB
} QfuFetchKind;

/* FLAGS of a REQUEST. The numbers travel. */
typedef enum {
  QFU_REQUEST_UNATTENDED = 1 << 0,  /* nobody waits for it: a VM without network says OFFLINE */
  QFU_REQUEST_NOT_METERED = 1 << 1, /* a connection that is metered is not used: METERED */
  QFU_REQUEST_ALL = QFU_REQUEST_UNATTENDED | QFU_REQUEST_NOT_METERED
} QfuRequestFlags;

/* Every field that a payload can hold; a frame other than DATA is a sequence of them. */
typedef enum {
  QFU_FIELD_PROTOCOL = 1,
  QFU_FIELD_KIND = 2,
  QFU_FIELD_URL = 3,
  QFU_FIELD_MAXIMUM = 4,
  QFU_FIELD_OFFSET = 5,
  QFU_FIELD_SIZE = 6,
  QFU_FIELD_SHA256 = 7,
  QFU_FIELD_CODE = 8,
  QFU_FIELD_DETAIL = 9,
  QFU_FIELD_DONE = 10,
  QFU_FIELD_TOTAL = 11,
  QFU_FIELD_STATUS = 12,
  QFU_FIELD_NAME = 13,
  QFU_FIELD_ID = 14,
  QFU_FIELD_ALIAS = 15,
  QFU_FIELD_VALUE = 16,
  QFU_FIELD_INDEX = 17,
  QFU_FIELD_FLAGS = 18,
  QFU_FIELD_TIME = 19,
  QFU_FIELD_BLOB = 20,
  QFU_FIELD_AUTHORITY = 21,
  QFU_FIELD_SUBJECT = 22,
  QFU_FIELD_SERIAL = 23,
  QFU_FIELD_GUID = 24,
  QFU_FIELD_VERSION = 25,
  QFU_FIELD_VERSION_FORMAT = 26,
  QFU_FIELD_VERSION_LOWEST = 27,
  QFU_FIELD_SUMMARY = 28,
  QFU_FIELD_DESCRIPTION = 29,
  QFU_FIELD_VENDOR = 30,
  QFU_FIELD_VENDOR_ID = 31,
  QFU_FIELD_BRANCH = 32,
  QFU_FIELD_URGENCY = 33,
  QFU_FIELD_CVE = 34,
  QFU_FIELD_LOCATION = 35,
  QFU_FIELD_CONTENT_SHA256 = 36,
  QFU_FIELD_CONTENT_NAME = 37,
  QFU_FIELD_DEVICE_CHECKSUM = 38,
  QFU_FIELD_INSTALLED_SIZE = 39,
  QFU_FIELD_COMPARE = 40,
  QFU_FIELD_PLUGIN = 41,
  QFU_FIELD_REGION = 42,
  QFU_FIELD_PCR = 43,
  QFU_FIELD_DIGEST = 44,
  QFU_FIELD_LOCALITY = 45,
  QFU_FIELD_UPDATE_PROTOCOL = 46,
  QFU_FIELD_LOAD_ADDRESS = 47,
  QFU_FIELD_ALGORITHM = 48,
  QFU_FIELD_NOT_BEFORE = 49,
  QFU_FIELD_NOT_AFTER = 50,
  QFU_FIELD_ADDRESS = 60,

  QFU_FIELD_HWID = 65,
  QFU_FIELD_KEY_VERSION = 66,
  QFU_FIELD_FIRMWARE_VERSION = 67,
  QFU_FIELD_FILE_NAME = 70,
  QFU_FIELD_NONCE = 80,
  QFU_FIELD_SELECTION = 81,
  QFU_FIELD_CLOCK = 82,
  QFU_FIELD_RESET_COUNT = 83,
  QFU_FIELD_RESTART_COUNT = 84,
  QFU_FIELD_KEY_NAME = 85,
  QFU_FIELD_KEY = 86,

  QFU_FIELD_SIGNED = 90,
  QFU_FIELD_KEYSLOTS = 91,
  QFU_FIELD_OTHERS = 92,

  QFU_FIELD_ENTRY = 100,
  QFU_FIELD_RECORD = 101,
  QFU_FIELD_BLOCKS = 102,
  QFU_FIELD_BLOCKS_OLD = 103,
  QFU_FIELD_BLOCKS_NEW = 104,
  QFU_FIELD_BLOCKS_NEITHER = 105,
  QFU_FIELD_WRITTEN = 106,

  QFU_FIELD_REGISTERS = 110,
  QFU_FIELD_HEADER = 111,

  QFU_FIELD_VERSION_FROM = 130,
  QFU_FIELD_LEVEL = 131,
  QFU_FIELD_RESULT = 132,
  QFU_FIELD_EXPECTED = 133,
  QFU_FIELD_PARENT = 150,
  QFU_FIELD_DURATION = 151,

  QFU_FIELD_PRIORITY = 170,
  QFU_FIELD_PATH = 171,
  QFU_FIELD_BASE_URL = 172,
  QFU_FIELD_KEYBOARDS = 180,
} QfuField;

/* KIND of a LOG: the formats that worker `eventlog` tells apart. The numbers travel. */
typedef enum {
  QFU_LOG_COREBOOT = 1, /* coreboot's own table (CBMEM 0x54435041) */
  QFU_LOG_TCG1 = 2,     /* TCG, SHA-1 only */
  QFU_LOG_TCG2 = 3,     /* TCG, crypto-agile */
  QFU_LOG_CONSOLE = 4,  /* coreboot's console listing */
  QFU_LOG_LAST = QFU_LOG_CONSOLE
} QfuLogFormat;

/* KIND of a SECRET: what a TPM gives out while its PCRs are right. The numbers travel; those
 * behind the last that is sent are of dom0 alone. */
typedef enum {
  QFU_SECRET_SYSTEMD = 1, /* LUKS2 token systemd-tpm2 */
  QFU_SECRET_CLEVIS = 2,  /* LUKS2 token of Clevis with its pin tpm2 */
  QFU_SECRET_AEM = 3,     /* Anti Evil Maid */
  QFU_SECRET_TOKEN = 4,   /* LUKS2 token of a TPM that is not known further */
  QFU_SECRET_SENT_LAST = QFU_SECRET_TOKEN,
  QFU_SECRET_HEADS_TOTP = 5,
  QFU_SECRET_HEADS_DISK = 6,
  QFU_SECRET_VOLUME = 7, /* LUKS2 volume that could not be read */
} QfuSecretKind;

#define QFU_SECRET_FLAG_PIN 1u     /* FLAGS of a SECRET: a PIN is asked for, too */
#define QFU_SECRET_FLAG_PCRLOCK 2u /* bound to a policy in the TPM that systemd-pcrlock keeps */
#define QFU_SECRET_FLAG_ODD 4u     /* something that its policy depends on is not understood */
#define QFU_SECRET_FLAG_ALL 7u

#define QFU_LOG_FLAG_COREBOOT 1u    /* FLAGS of a LOG: written by coreboot */
#define QFU_LOG_FLAG_OTHER_BANKS 2u /* it has digests of algorithms that are not sent */
#define QFU_EVENT_FLAG_FIRMWARE 1u  /* FLAGS of an EVENT: measures bytes of the firmware image */

/**
 * QfuSignatureVerdict:
 * @QFU_VERDICT_GOOD: by an accepted authority, in force, and over exactly this file
 * @QFU_VERDICT_EXPIRED: the same, but the certificate is no longer in force
 * @QFU_VERDICT_NOT_YET: the same, but the certificate is not in force yet
 * @QFU_VERDICT_BROKEN: over other bytes, or damaged, or nothing that can be read
 * @QFU_VERDICT_WEAK: of an algorithm that no longer counts
 * @QFU_VERDICT_NO_TIME: does not say when it was made, and should
 * @QFU_VERDICT_WRONG_AUTHORITY: no accepted authority issued the certificate for signing
 * @QFU_VERDICT_UNKNOWN_ALGORITHM: of an algorithm that the library does not have
 * @QFU_VERDICT_NO_CERTIFICATE: comes without the certificate that made it
 *
 * STATUS of a SIGNATURE: the lower the number, the more could be established. The numbers travel:
 * never reuse one.
 */
typedef enum {
  QFU_VERDICT_GOOD = 0,
  QFU_VERDICT_EXPIRED = 1,
  QFU_VERDICT_NOT_YET = 2,
  QFU_VERDICT_BROKEN = 3,
  QFU_VERDICT_WEAK = 4,
  QFU_VERDICT_NO_TIME = 5,
  QFU_VERDICT_WRONG_AUTHORITY = 6,
  QFU_VERDICT_UNKNOWN_ALGORITHM = 7,
  QFU_VERDICT_NO_CERTIFICATE = 8,
  QFU_VERDICT_LAST = QFU_VERDICT_NO_CERTIFICATE
} QfuSignatureVerdict;

/* FLAGS of the ARGUMENTS of worker op `signature`: judge certificates at the authenticated signing
 * time instead of the present, for files that outlive the certificate that signed them. */
#define QFU_SIGNATURE_AT_SIGNING_TIME 1

/* FLAGS of ARGUMENTS for the worker `cbtable`: the first input begins with the table; otherwise it
 * is looked for. */
#define QFU_CBTABLE_AT_START 1

/* FLAGS of ARGUMENTS for the worker `cab`: the cabinet must hold nothing that a reader passes over.
 */
#define QFU_CAB_EXACT 1

/* KIND of a PIECE: what qfu-tpm hands over for a file. The numbers travel. */
typedef enum {
  QFU_PIECE_AK_PUBLIC = 1,  /* TPM2B_PUBLIC of the attestation key */
  QFU_PIECE_AK_PEM = 2,     /* the same key for other tools */
  QFU_PIECE_AK_NAME = 3,    /* TPM2B_NAME's bytes */
  QFU_PIECE_EK_PUBLIC = 4,  /* TPM2B_PUBLIC of the endorsement key */
  QFU_PIECE_EK_PEM = 5,     /* the same key for other tools */
  QFU_PIECE_EK_CERT = 6,    /* DER, as the TPM keeps it */
  QFU_PIECE_MESSAGE = 7,    /* TPMS_ATTEST */
  QFU_PIECE_SIGNATURE = 8,  /* TPMT_SIGNATURE */
  QFU_PIECE_CREDENTIAL = 9, /* TPM2B_ID_OBJECT's bytes */
  QFU_PIECE_SEED = 10,      /* TPM2B_ENCRYPTED_SECRET's bytes */
  QFU_PIECE_SECRET = 11,    /* what the two above hide */
  QFU_PIECE_LAST = QFU_PIECE_SECRET
} QfuPieceKind;

/**
 * QfuQuoteVerdict:
 * @QFU_QUOTE_GOOD: a quote, and signed by the key
 * @QFU_QUOTE_KEY: the key is none that signs the TPM's own statements alone
 * @QFU_QUOTE_BROKEN: not signed by the key
 * @QFU_QUOTE_OTHER: signed by the key, but another statement than a quote
 *
 * STATUS of a QUOTE. The numbers travel: never reuse one.
 */
typedef enum {
  QFU_QUOTE_GOOD = 0,
  QFU_QUOTE_KEY = 1,
  QFU_QUOTE_BROKEN = 2,
  QFU_QUOTE_OTHER = 3,
  QFU_QUOTE_LAST = QFU_QUOTE_OTHER
} QfuQuoteVerdict;

#define QFU_QUOTE_FLAG_SAFE 1u /* FLAGS of a QUOTE: the TPM's clock did not go back */

/**
 * QfuEnrolmentVerdict:
 * @QFU_ENROLMENT_GOOD: an accepted authority vouches for the endorsement key
 * @QFU_ENROLMENT_UNCHECKED: the certificate is for this key; no authority was given to check it by
 * @QFU_ENROLMENT_NO_CERTIFICATE: there is no certificate
 * @QFU_ENROLMENT_AK: the attestation key is none that signs the TPM's own statements alone
 * @QFU_ENROLMENT_EK: the endorsement key is not of a known template
 * @QFU_ENROLMENT_OTHER_KEY: the certificate is for another key
 * @QFU_ENROLMENT_EXPIRED: the certificate is not in force
 * @QFU_ENROLMENT_AUTHORITY: no accepted authority issued the certificate
 * @QFU_ENROLMENT_UNREADABLE: the certificate cannot be read
 *
 * STATUS of an ENROLMENT. The numbers travel: never reuse one.
 */
typedef enum {
  QFU_ENROLMENT_GOOD = 0,
  QFU_ENROLMENT_UNCHECKED = 1,
  QFU_ENROLMENT_NO_CERTIFICATE = 2,
  QFU_ENROLMENT_AK = 3,
  QFU_ENROLMENT_EK = 4,
  QFU_ENROLMENT_OTHER_KEY = 5,
  QFU_ENROLMENT_EXPIRED = 6,
  QFU_ENROLMENT_AUTHORITY = 7,
  QFU_ENROLMENT_UNREADABLE = 8,
  QFU_ENROLMENT_LAST = QFU_ENROLMENT_UNREADABLE
} QfuEnrolmentVerdict;

/* KIND of an ENROLMENT: which of the TCG's templates the endorsement key has. The numbers travel.
 */
typedef enum {
  QFU_EK_RSA_2048 = 1, /* L-1 */
  QFU_EK_ECC_P256 = 2, /* L-2 */
  QFU_EK_LAST = QFU_EK_ECC_P256
} QfuEkTemplate;

/**
 * QfuFieldKind:
 * @QFU_KIND_NUMBER: 8 bytes, little-endian, unsigned
 * @QFU_KIND_TEXT: printable ASCII, no line breaks
 * @QFU_KIND_PROSE: printable ASCII and line feeds
 * @QFU_KIND_BYTES: anything
 */
typedef enum { QFU_KIND_NUMBER, QFU_KIND_TEXT, QFU_KIND_PROSE, QFU_KIND_BYTES } QfuFieldKind;

typedef struct {
  QfuField field;
  const char *name;
  QfuFieldKind kind;
  gsize max; /* bytes */
} QfuFieldSpec;

/* A field of a frame: at least @min, at most @max times. */
typedef struct {
  QfuField field;
  guint min;
  guint max;
} QfuFrameField;

#define QFU_FRAME_FIELDS_MAX 20

typedef struct {
  QfuFrameType type;
  const char *name;
  QfuFrameField fields[QFU_FRAME_FIELDS_MAX]; /* ends with a zero field */
} QfuFrameSpec;

/* Returns (transfer none) (nullable): the row of @type or @field, %NULL when there is none. */
const QfuFrameSpec *qfu_wire_frame_spec (guint type);
const QfuFieldSpec *qfu_wire_field_spec (guint field);
/* Returns (nullable): how often @field may occur in a frame, %NULL when it may not. */
const QfuFrameField *qfu_wire_frame_field (const QfuFrameSpec *spec, guint field);
