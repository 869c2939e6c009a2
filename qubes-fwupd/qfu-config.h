/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-remote-rules.h"

/**
 * QfuPredictionPolicy:
 * @QFU_PREDICTION_PREFERRED: without a forecast a person has to say yes
 * @QFU_PREDICTION_REQUIRED: no update without a forecast
 * @QFU_PREDICTION_OFF: no forecast is made
 *
 * What a forecast of the next boot means to an update.
 */
typedef enum {
  QFU_PREDICTION_PREFERRED,
  QFU_PREDICTION_REQUIRED,
  QFU_PREDICTION_OFF
} QfuPredictionPolicy;

/* Whether this machine boots through Heads: as its files in the boot folder say, or as a person
 * says. */
typedef enum { QFU_HEADS_AUTO, QFU_HEADS_YES, QFU_HEADS_NO } QfuHeadsPolicy;

#define QFU_CONFIG_AUTO "auto"   /* USB qubes: those that qubesd names */
#define QFU_CONFIG_CBMEM "cbmem" /* a source of event logs: what coreboot keeps in memory */

/**
 * QfuConfig:
 *
 * The one configuration file, /etc/qubes-fwupd/qubes-fwupd.conf or what the environment variable
 * QFU_CONFIG names, and its drop-ins: FILE.d/NAME.conf in the order of their names, of which a
 * later one counts before an earlier one. Every key has the default that data/qubes-fwupd.conf
 * shows; an unknown group or key and a value outside its range are errors. Strings are owned by the
 * configuration and never %NULL (empty when unset).
 *
 * Trust: files and folder belong to root, which qfu_keyfile_read() checks.
 */
typedef struct {
  /* [Transport] */
  char *transport;       /* "qrexec" or "exec" */
  char **update_vms;     /* in the order in which they are tried; empty: qubesd says which */
  char **tor_update_vms; /* the same for --whonix, but empty is none */
  char *qrexec_client;
  char *qubesd_socket;
  char *command;
  char *tor_command; /* of --whonix; empty: none */
  guint connect_seconds;
  guint first_byte_seconds;
  guint idle_seconds;
  guint total_seconds;
  guint minimum_rate; /* bytes a second */
  /* [Usb] */
  char **usb_qubes;          /* QFU_CONFIG_AUTO alone: qubesd says which; empty: none */
  char *usb_command;         /* exec: with the words {domain} and {service} in it */
  guint usb_install_seconds; /* for what a USB qube does with one cabinet */
  /* [Trust] */
  char *metadata_keys;
  char *firmware_keys;
  char **denied_serials; /* lower-case hexadecimal digits without leading zeros */
  gboolean require_post_quantum;
  guint maximum_age_days; /* 0: any */
  /* [Refresh]: `refresh --unattended` alone, but for the lock */
  gboolean start_vm;      /* whether it may start an UpdateVM */
  gboolean allow_metered; /* whether it may use a metered connection */
  guint retries;          /* after the first try */
  guint retry_seconds;    /* before the first of them; doubled before each of the others */
  guint lock_seconds;     /* how long it waits for others, and they for it */
  /* [Paths] */
  char *state;
  char *cache;
  char *runtime;
  char *programs; /* resolved: never empty after loading */
  char *layouts;  /* resolved */
  char *boot_id_file;
  char *power_supply;  /* where the kernel lists power supplies */
  char *input;         /* where the kernel lists keyboards and mice */
  char *dmi;           /* where the kernel shows what SMBIOS says */
  char *fstab;         /* the table of file systems */
  char *fwupd_plugins; /* folder of fwupd's folders of plugins; resolved */
  char *pci_devices;   /* where the kernel lists PCI devices */
  /* [Worker] */
  char *worker_user;
  /* [Chip] */
  char *programmer;
  char *layout;
  guint chip_size;       /* bytes, 0: as probed */
  char *chip_model;      /* as libflashrom names it; empty: the one that answers */
  guint minimum_battery; /* percent */
  char *bios_vendor;     /* how SMBIOS names the firmware's vendor here; empty: any */
  char *minimum_version; /* nothing older is installed; empty: anything */
  gboolean cold_boot;    /* new firmware runs only once the power was off */
  /* [MeasuredBoot] */
  char *tcti;         /* empty: automatic */
  char *ak_handle;    /* of the attestation key in the TPM, 0x and hexadecimal digits */
  char **event_logs;  /* absolute paths, and the word QFU_CONFIG_CBMEM */
  char *memory;       /* the machine's, where coreboot's tables are */
  char *coreboot_bus; /* folder of the devices of the kernel's coreboot bus */
  guint prediction;   /* a QfuPredictionPolicy */
  /* [Secrets] */
  char **secrets_aem;  /* folders of Anti Evil Maid */
  char **secrets_luks; /* devices and files; empty: the volumes that are open */
  guint secrets_heads; /* a QfuHeadsPolicy */
  char *cryptsetup;    /* the program */
  char *block_devices; /* where the kernel lists them */
  char *boot;          /* where Heads keeps its files */

  GHashTable *remotes; /* id -> QfuRemoteGroup; qfu_config_remote() reads it */
  char **files;        /* that were read, in order; none: all is default */
  GHashTable *places;  /* what is set -> where; qfu_config_place() reads it */
} QfuConfig;

/**
 * qfu_config_load:
 * @error: #QFU_ERROR_USAGE naming file, line, key, value and what is allowed
 *
 * Reads the file; a missing default file gives the defaults, a missing QFU_CONFIG is an error.
 */
QfuConfig *qfu_config_load (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_config_free (QfuConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuConfig, qfu_config_free)

/* (transfer none): where the value of a key stands, as FILE:LINE; "the default of" when nowhere. */
const char *qfu_config_place (const QfuConfig *config, const char *group, const char *key);

/* What the remote called @id may do; the strings live as long as @config. */
QfuRemoteRules qfu_config_remote (const QfuConfig *config, const char *id);

/* (transfer full): the path of the program @name of ours. */
char *qfu_config_program (const QfuConfig *config, const char *name);

/* (transfer full): the id of the present boot, one line of at most 64 characters of [A-Za-z0-9-].
 */
char *qfu_config_boot_id (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
