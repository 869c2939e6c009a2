/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How much is taken of what is not trusted, in one place: what is larger is refused before memory
 * is spent on it. schemas/limits.md says of each which test tries it at the limit and one past it;
 * tests/lint/limits-doc compares the two. The maxima of the wire's fields are in qfu-wire-table.c.
 */

#define QFU_MIB (G_GUINT64_CONSTANT (1024) * 1024)

/* files from the network, or named on the command line */
#define QFU_URL_MAX 2048                         /* bytes */
#define QFU_TRANSPORT_MAX (1024 * QFU_MIB)       /* bytes; files are held in memory */
#define QFU_METADATA_SIZE_MAX (64 * 1024 * 1024) /* bytes of metadata, compressed */
#define QFU_CAB_SIZE_MAX (512 * QFU_MIB)         /* bytes of a cabinet */
#define QFU_HTTP_REDIRECTS_MAX 5                 /* that the agent follows */
#define QFU_CACHE_ID_MAX 64                      /* bytes of a remote's name */
#define QFU_CACHE_NAME_MAX 128                   /* bytes of a cached file's name */
#define QFU_ADMINAPI_ANSWER_MAX (256 * 1024)     /* bytes; of a list, a VM takes about eighty */
#define QFU_QUBESD_VM_NAME_MAX 31                /* bytes */

/* jcat: the one of a cabinet has two items, four blobs each, in 3 KiB */
#define QFU_JCAT_SIZE_MAX (1024 * 1024)     /* bytes of gzip */
#define QFU_JCAT_JSON_MAX (4 * 1024 * 1024) /* bytes of JSON */
#define QFU_JCAT_DEPTH_MAX 16               /* nested arrays and objects; the format has 6 */
#define QFU_JCAT_VALUES_MAX (32 * 1024)     /* values in arrays and objects */
#define QFU_JCAT_ITEMS_MAX 64               /* files described */
#define QFU_JCAT_NAMESAKES_MAX 4            /* items that share a name */
#define QFU_JCAT_BLOBS_MAX 16               /* checksums and signatures of one file */
#define QFU_JCAT_ALIASES_MAX 8              /* other names of one file */
#define QFU_JCAT_NAME_MAX 256               /* bytes of an ID or alias */
#define QFU_JCAT_BLOB_MAX (48 * 1024)       /* bytes of one blob, decoded */
#define QFU_JCAT_KIND_MAX 255               /* libjcat's number of a kind of blob */

/* signatures */
#define QFU_SIGNATURE_DATA_MAX (256 * QFU_MIB) /* bytes that are signed */
#define QFU_SIGNATURE_PKCS7_MAX (64 * 1024)    /* bytes of one PKCS#7 structure */
#define QFU_SIGNATURE_SIGNERS_MAX 8            /* signers of one PKCS#7 structure */
#define QFU_SIGNATURE_CERTIFICATES_MAX 16      /* certificates in one PKCS#7 structure */
#define QFU_SIGNATURE_SERIAL_MAX 64            /* bytes of a certificate's serial number */
#define QFU_SIGNATURE_TIME_MAX G_GINT64_CONSTANT (253402300799) /* the end of the year 9999 */
#define QFU_KEYS_SIZE_MAX (1024 * 1024)                         /* bytes of all authorities, PEM */
#define QFU_KEYS_COUNT_MAX 64                                   /* certificates among them */
#define QFU_KEYS_FILES_MAX 64 /* certificate files in a directory */

/* XML of any kind */
#define QFU_XML_DEPTH_MAX 32           /* nested elements; AppStream has 7 */
#define QFU_XML_ATTRIBUTES_MAX 32      /* of one element; AppStream has 5 */
#define QFU_XML_NAME_MAX 128           /* bytes of an element's or attribute's name */
#define QFU_XML_VALUE_MAX 4096         /* bytes of an attribute's value */
#define QFU_XML_TOKEN_MAX (128 * 1024) /* bytes without an event: a parser keeps them all */
#define QFU_XML_TEXT_MAX (64 * 1024)   /* bytes of text of one element that is kept */

/* metadata and metainfo */
#define QFU_DECOMPRESS_WINDOW_LOG 26        /* two to that many bytes that a decompressor keeps */
#define QFU_CATALOG_XML_MAX (128 * QFU_MIB) /* bytes of XML in the metadata */
#define QFU_METAINFO_XML_MAX (1024 * 1024)  /* bytes of XML in a cabinet */
#define QFU_CATALOG_COMPONENTS_MAX 16384    /* that one run of op `catalog` emits */
#define QFU_INDEX_SIZE_MAX (128 * QFU_MIB)  /* bytes of frames made of the metadata */
#define QFU_COMPONENT_GUIDS_MAX 256         /* as in COMPONENT */
#define QFU_COMPONENT_REQUIREMENTS_MAX 128
#define QFU_COMPONENT_RELEASES_MAX 1024
#define QFU_RELEASE_CVES_MAX 64        /* as in RELEASE */
#define QFU_RELEASE_CHECKSUMS_MAX 16   /* of the device, as in RELEASE */
#define QFU_RELEASE_DURATION_MAX 86400 /* seconds of an installation */

/* cabinets */
#define QFU_CAB_MEMBERS_MAX 64
#define QFU_CAB_FOLDERS_MAX 64
#define QFU_CAB_BLOCKS_MAX                                                                         \
  8256 /* data blocks of all folders, of 32 KiB: 256 MiB, and 64 remainders */
#define QFU_CAB_TOTAL_MAX (256 * QFU_MIB) /* bytes of all members together */
#define QFU_CAB_NAME_MAX 255              /* bytes of a member's name */

/* images of flash chips */
#define QFU_ROM_SIZE_MAX (64 * 1024 * 1024) /* bytes of a chip or image */
#define QFU_ROM_REGIONS_MAX 128             /* areas of the flash map */
#define QFU_ROM_FILES_MAX 4096              /* files in all CBFS together */
#define QFU_ROM_UNUSED_MAX 1024             /* empty files of all CBFS that are sent */
#define QFU_ROM_SETTINGS_MAX 2048           /* settings of all regions */
#define QFU_ROM_VOLUMES_MAX 64              /* firmware volumes of UEFI, side by side */
#define QFU_ROM_VOLUME_CANDIDATES_MAX 4096  /* signatures; each costs a look at its header */
#define QFU_FMAP_CANDIDATES_MAX 4096        /* signatures; each costs a look at its table */
#define QFU_FMAP_NAME_MAX 32                /* bytes of an area's name, its NUL included */
#define QFU_CBFS_NAME_MAX 256               /* bytes of a file's name, its NUL included */
#define QFU_CONFIG_PLAIN_MAX (1024 * 1024)  /* bytes of a file `config`, decompressed */
#define QFU_CONFIG_LZMA_MEMORY_MAX (24 * 1024 * 1024) /* bytes; the file states its dictionary */
#define QFU_CONFIG_SETTINGS_MAX 512                   /* settings sent for one region */
#define QFU_BUILD_INFO_MAX 4096                       /* bytes of a file `build_info` */
#define QFU_CONFIG_NAME_MAX 128                       /* bytes of a setting's name */
#define QFU_CONFIG_VALUE_MAX 1024                     /* bytes of a setting's value */

/* logs of measurements */
#define QFU_EVENTLOG_SIZE_MAX (16 * 1024 * 1024) /* bytes */
#define QFU_EVENTLOG_EVENTS_MAX 262144           /* events of a log: 16 MiB of small ones */
#define QFU_EVENTLOG_BANKS_MAX 8                 /* algorithms that a log may declare */
#define QFU_EVENTLOG_DIGEST_MAX 128              /* bytes of a digest that we need not know */
#define QFU_EVENTLOG_LINE_MAX 512                /* bytes of a line of the console */
#define QFU_EVENTLOG_NAME_MAX 200                /* bytes of an event's name that are sent */
#define QFU_EVENTLOG_LOCALITY_MAX 4              /* of a start-up */

/* what a vendor declares of the measurements of an image */
#define QFU_MANIFEST_SIZE_MAX (512 * 1024)  /* bytes of a manifest, in either form */
#define QFU_MANIFEST_DEPTH_MAX 5            /* nested arrays and objects, as the format has */
#define QFU_MANIFEST_VALUES_MAX (32 * 1024) /* values in arrays and objects */
#define QFU_MANIFEST_OBJECTS_MAX 1024       /* areas and files */
#define QFU_MANIFEST_RECIPES_MAX 32         /* ways to boot */
#define QFU_MANIFEST_STEPS_MAX 512          /* measurements of one way to boot */
#define QFU_MANIFEST_NAME_MAX 64            /* bytes of a recipe's name */
#define QFU_MANIFEST_CONDITION_MAX 512      /* bytes, as in RECIPE */
/* secrets sealed to a TPM */
#define QFU_LUKS_SIZE_MAX                                                                          \
  (4 * 1024 * 1024)                       /* bytes of JSON; a LUKS2 header has no room for more    \
                                           */
#define QFU_LUKS_DEPTH_MAX 16             /* nested arrays and objects; the format has 5 */
#define QFU_LUKS_VALUES_MAX (32 * 1024)   /* values in arrays and objects */
#define QFU_LUKS_NUMBERS_MAX 32           /* keyslots and tokens: the format numbers them 0 to 31 */
#define QFU_CLEVIS_HEADER_MAX (64 * 1024) /* bytes of JSON in a token of Clevis, decoded */
#define QFU_AEM_SIZE_MAX 4096             /* bytes of a file key.pcrs */
#define QFU_SECRET_SELECTIONS_MAX 8       /* selections of PCRs of one secret */
/* coreboot's table, and what it says of memory */
#define QFU_CBTABLE_SIZE_MAX (64 * 1024)         /* bytes that are searched at once */
#define QFU_CBTABLE_AREAS_MAX 256                /* areas of CBMEM */
#define QFU_CBTABLE_ADDRESS_MAX (4076 * QFU_MIB) /* the chipset's registers lie above */
#define QFU_CBMEM_READS_MAX 64                   /* ranges of memory that one program reads */
/* attestation of another machine */
#define QFU_NONCE_MIN 8                    /* bytes */
#define QFU_NONCE_MAX 64                   /* bytes */
#define QFU_QUOTE_MESSAGE_MAX 1024         /* bytes of a TPMS_ATTEST */
#define QFU_QUOTE_SIGNATURE_MAX 1024       /* bytes of a TPMT_SIGNATURE */
#define QFU_QUOTE_SELECTIONS_MAX 8         /* banks that a quote may be about */
#define QFU_TPM_PUBLIC_MAX 1024            /* bytes of a TPM2B_PUBLIC */
#define QFU_EK_CERTIFICATE_MAX (16 * 1024) /* bytes of an endorsement key's certificate */
#define QFU_PCRFILE_SIZE_MAX (64 * 1024)   /* bytes of a file of quoted values */
#define QFU_REFVALS_SIZE_MAX (4 * QFU_MIB) /* bytes of exported reference values */
#define QFU_REFVALS_DEPTH_MAX 8            /* nested arrays and objects; the format has 4 */
#define QFU_REFVALS_NODES_MAX (64 * 1024)  /* values in arrays and objects */
#define QFU_CREDENTIAL_MAX 1024            /* bytes of each half of a challenge */
#define QFU_ATTEST_LOGS_MAX 8              /* event logs beside a quote */
#define QFU_REFVALS_RECORDS_MAX 64         /* records that are taken of them */
#define QFU_SEEN_TEXT_MAX 1024             /* bytes of what a verification keeps */
#define QFU_REFVALS_VALUES_MAX 256         /* values of one of them */

/* what is configured */
#define QFU_KEYFILE_SIZE_MAX (1024 * 1024) /* bytes of one file */
#define QFU_KEYFILE_LINES_MAX 65536        /* of one file and its drop-ins, comments excepted */
#define QFU_KEYFILE_DROPINS_MAX 256        /* files beside one file */
#define QFU_CONFIG_VMS_MAX 16              /* VMs in a list, such as UpdateVM */
#define QFU_CONFIG_SERIALS_MAX 1024        /* serial numbers in DeniedSerials */
#define QFU_CONFIG_SOURCES_MAX 16          /* paths in a list, such as EventLog */
#define QFU_CONFIG_DEVICES_MAX 256         /* GUIDs and vendor ids in Devices of a remote */
#define QFU_CONFIG_VENDOR_ID_MAX 256       /* bytes, as on the wire */

/* what fwupd tells */
#define QFU_FWUPD_REMOTES_MAX 64
#define QFU_DIRECTORY_CABS_MAX 64     /* in the folder of a remote */
#define QFU_FWUPD_PRIORITY_MAX 100000 /* of a remote */
#define QFU_FWUPD_DEVICES_MAX 1024
#define QFU_FWUPD_HARDWARE_MAX 64
#define QFU_FWUPD_HISTORY_MAX 1024
#define QFU_FWUPD_REPORTS_MAX 256 /* of one update */
#define QFU_FWUPD_ATTRIBUTES_MAX 256

/* what a USB qube tells */
#define QFU_USB_LIST_MAX (256 * 1024)    /* bytes of all frames of a list of devices */
#define QFU_USB_DEVICES_MAX 64           /* devices in it */
#define QFU_USB_KEYBOARDS_MAX 1024       /* keyboards that it says it has */
#define QFU_USB_ANSWER_MAX (1024 * 1024) /* bytes of all frames that answer a push */

/* texts of this machine, and the store */
#define QFU_BIOS_TEXT_MAX 64                 /* bytes of a version */
#define QFU_MEASURED_TEXT_MAX (64 * 1024)    /* bytes of a list of measurements */
#define QFU_FLASH_LINE_MAX 512               /* bytes of a line of libflashrom's that are kept */
#define QFU_CLOCK_TEXT_MAX 256               /* bytes of the last time seen */
#define QFU_HIGHWATER_TEXT_MAX 4096          /* bytes of a remote's marks */
#define QFU_USBMARKS_TEXT_MAX (64 * 1024)    /* bytes of the versions of devices of VMs */
#define QFU_USBMARKS_MAX 128                 /* of them */
#define QFU_REFSTORE_ENTRY_MAX (1024 * 1024) /* bytes of one entry */
#define QFU_FLASHJOURNAL_ENTRY_MAX (1024 * 1024) /* bytes of one entry */
#define QFU_FLASHJOURNAL_ENTRIES_MAX 999999      /* writes that are numbered */
#define QFU_CLEAN_DEPTH_MAX 4                    /* nested folders that `clean` goes down */
