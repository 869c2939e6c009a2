/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-verbs.h"

#include "qfu-error.h"
#include "qfu-suggest.h"

#include <string.h>

#define DEVICES (QFU_OPTION_DEVICE | QFU_OPTION_ALLOW)
#define INSTALL                                                                                    \
  (DEVICES | QFU_OPTION_WHONIX | QFU_OPTION_YES | QFU_OPTION_ACCEPT | QFU_OPTION_WRITE |           \
   QFU_OPTION_FORCE | QFU_OPTION_DRY_RUN | QFU_OPTION_POSTQUANTUM)
/* What the Python tool of the same name took with every verb. */
#define COMPATIBLE                                                                                 \
  (QFU_OPTION_ALLOW | QFU_OPTION_FORCE | QFU_OPTION_POSTQUANTUM | QFU_OPTION_WHONIX)
#define ATTEST (QFU_OPTION_LEARN | QFU_OPTION_YES | QFU_OPTION_ATTESTER | QFU_OPTION_VERIFIER)
#define COMPOSE (QFU_OPTION_PREDICT | QFU_OPTION_LAYOUT | QFU_OPTION_SECRETS)

static const QfuVerb verbs[] = {
    {.name = "refresh",
     .also = "refresh-metadata sync",
     .arguments = "[REMOTE]",
     .max_arguments = 1,
     .group = QFU_GROUP_EVERYDAY,
     .takes = QFU_OPTION_WHONIX | QFU_OPTION_URL | QFU_OPTION_POSTQUANTUM | QFU_OPTION_UNATTENDED,
     .ignores = COMPATIBLE,
     .help = "Fetch and verify metadata through the UpdateVM",
     .details =
         "Fetches the metadata of all enabled remotes, or of one, verifies and keeps it, "
         "and hands it to fwupd. Fails when one remote failed; the others are refreshed all "
         "the same. Exit status 2 when nothing was new; with --unattended, which the timer uses, "
         "that is 0, and so is a time at which it cannot be done.",
     .needs_root = TRUE,
     .run = qfu_verb_refresh},
    {.name = "get-updates",
     .also = "get-upgrades check-updates list-updates",
     .arguments = "[DEVICE]",
     .max_arguments = 1,
     .group = QFU_GROUP_EVERYDAY,
     .takes = DEVICES,
     .ignores = COMPATIBLE,
     .help = "List newer firmware in verified metadata",
     .details = "Looks at what `refresh` kept, and fetches nothing. Exit status 2 when there is "
                "nothing newer.",
     .run = qfu_verb_get_updates},
    {.name = "update",
     .also = "upgrade",
     .arguments = "[DEVICE]",
     .max_arguments = 1,
     .group = QFU_GROUP_EVERYDAY,
     .takes = INSTALL,
     .help = "Bring devices to the newest firmware",
     .details = "Fetches the cabinet through the UpdateVM, checks it, says what the update brings "
                "and what it changes, asks, and installs through fwupd. Without a terminal it "
                "needs -y. Exit status 2 when there is nothing newer.",
     .needs_root = TRUE,
     .run = qfu_verb_update},
    {.name = "status",
     .group = QFU_GROUP_EVERYDAY,
     .help = "Show what an update of this machine needs, and what is in its way",
     .details = "Changes nothing and fetches nothing. Root sees more.",
     .run = qfu_verb_status},

    {.name = "get-devices",
     .also = "get-topology list-devices devices",
     .group = QFU_GROUP_DEVICES,
     .ignores = COMPATIBLE,
     .help = "List the devices that fwupd knows",
     .details = "Each with the ID, the GUIDs and the name that other verbs take as DEVICE.",
     .run = qfu_verb_get_devices},
    {.name = "get-remotes",
     .also = "list-remotes remotes",
     .group = QFU_GROUP_DEVICES,
     .ignores = COMPATIBLE,
     .help = "List where metadata comes from",
     .details = "As fwupd's remotes.d and the groups [Remote ID] of the configuration say.",
     .run = qfu_verb_get_remotes},
    {.name = "get-releases",
     .also = "list-releases releases",
     .arguments = "[DEVICE]",
     .max_arguments = 1,
     .group = QFU_GROUP_DEVICES,
     .takes = QFU_OPTION_DEVICE,
     .ignores = COMPATIBLE,
     .help = "List every version in verified metadata",
     .details = "Newer and older ones, and why one cannot be installed; with --verbose what the "
                "vendor says of each. Looks at what `refresh` kept. Exit status 2 when there is "
                "none.",
     .run = qfu_verb_get_releases},
    {.name = "get-history",
     .also = "history",
     .group = QFU_GROUP_DEVICES,
     .help = "List the updates that fwupd remembers",
     .details = "How each ended; with --verbose what the plugin has written down of it. Exit "
                "status 2 when there is none.",
     .run = qfu_verb_get_history},
    {.name = "get-results",
     .also = "results",
     .arguments = "[DEVICE]",
     .max_arguments = 1,
     .group = QFU_GROUP_DEVICES,
     .takes = QFU_OPTION_DEVICE,
     .help = "Show how the last update of a device ended",
     .details = "Of all devices without DEVICE. Exit status 2 when none was updated.",
     .run = qfu_verb_get_results},
    {.name = "security",
     .also = "hsi get-security",
     .group = QFU_GROUP_DEVICES,
     .help = "Show how fwupd judges the security of the host",
     .details = "Its host security id and what that rests on; with --verbose in its own words. "
                "What it does not find in a domain of Xen may be there nevertheless.",
     .run = qfu_verb_security},
    {.name = "hcl",
     .also = "hcl-report report",
     .group = QFU_GROUP_DEVICES,
     .help = "Print what the list of compatible hardware wants",
     .details = "Lines for a report of qubes-hcl-report: fwupd, the devices that it updates, whose "
                "firmware this is, and whether the boot is measured.",
     .run = qfu_verb_hcl},
    {.name = "install",
     .also = "local-install install-blob",
     .arguments = "FILE.cab or DEVICE [VERSION]",
     .max_arguments = 2,
     .group = QFU_GROUP_DEVICES,
     .takes = INSTALL | QFU_OPTION_LOCAL | QFU_OPTION_URL | QFU_OPTION_SHA,
     .help = "Install what verified metadata names: a cab, or a version",
     .details = "As `update` does, with a cabinet that is here already, with the newest or a "
                "certain version for a device, or with the cabinet of this --sha, fetched from "
                "this --url. A cabinet that no metadata names takes --local, and a person on a "
                "terminal.",
     .needs_root = TRUE,
     .run = qfu_verb_install},
    {.name = "reinstall",
     .arguments = "[DEVICE]",
     .max_arguments = 1,
     .group = QFU_GROUP_DEVICES,
     .takes = INSTALL,
     .help = "Install the present version of a device again",
     .details = "As `update` does. Without DEVICE it asks which, if several could be meant. Exit "
                "status 2 when the metadata does not have the present version.",
     .needs_root = TRUE,
     .run = qfu_verb_reinstall},
    {.name = "downgrade",
     .arguments = "[DEVICE] [VERSION]",
     .max_arguments = 2,
     .group = QFU_GROUP_DEVICES,
     .takes = INSTALL,
     .help = "Install an older version on a device",
     .details = "As `update` does. Without DEVICE or VERSION it asks which on a terminal. Exit "
                "status 2 when the metadata has nothing older.",
     .needs_root = TRUE,
     .run = qfu_verb_downgrade},
    {.name = "update-heads",
     .arguments = "[BOARD]",
     .max_arguments = 1,
     .group = QFU_GROUP_DEVICES,
     .takes = QFU_OPTION_WHONIX | DEVICES | QFU_OPTION_DRY_RUN | QFU_OPTION_PREDICT |
              QFU_OPTION_URL | QFU_OPTION_YES | QFU_OPTION_POSTQUANTUM,
     .ignores = COMPATIBLE,
     .help = "Put newer firmware into the boot folder, for Heads to write",
     .details = "For machines that boot through Heads. The board is found by hardware IDs or whole "
                "names; BOARD is its name, a GUID or an AppStream id. Heads writes the firmware, "
                "and what is sealed to PCR 2 is sealed again there. Exit status 2 when nothing is "
                "newer, or it lies there already.",
     .needs_root = TRUE,
     .run = qfu_verb_update_heads},

    {.name = "attest",
     .arguments = "",
     .group = QFU_GROUP_MEASURED,
     .takes = ATTEST,
     .help = "Compare this boot, or another machine's, with the reference values",
     .details = "Reads the PCRs and the event logs of this boot. Exit status 1 when the PCRs are "
                "not the expected ones, 2 when an update waits for its boot. --learn records the "
                "present values. --enroll, --challenge, --activate, --accept, --quote and --verify "
                "let another machine do it; those for the verifier need no root.",
     .needs_root = TRUE,
     .rootless = QFU_OPTION_VERIFIER,
     .run = qfu_verb_attest},
    {.name = "refvals",
     .also = "reference-values",
     .group = QFU_GROUP_MEASURED,
     .help = "Show the reference values",
     .details = "The records of the PCRs that this machine has had and is to have, and what the "
                "last attestation found.",
     .run = qfu_verb_refvals},
    {.name = "predict",
     .also = "forecast",
     .group = QFU_GROUP_MEASURED,
     .takes = COMPOSE | QFU_OPTION_NEW_ROM | QFU_OPTION_MANIFEST,
     .help = "Forecast the PCRs that another image gives",
     .details = "What the options do not give is read from this machine: the chip, which takes "
                "root, the event logs, the TPM.",
     .run = qfu_verb_predict},
    {.name = "eventlog",
     .arguments = "[FILE...]",
     .max_arguments = 16,
     .group = QFU_GROUP_MEASURED,
     .takes = QFU_OPTION_PCRS,
     .help = "List and replay TPM event logs",
     .details = "Without FILE the logs of this boot, compared with its TPM.",
     .run = qfu_verb_eventlog},

    {.name = "get-details",
     .also = "details inspect",
     .arguments = "FILE.cab",
     .max_arguments = 1,
     .group = QFU_GROUP_FILES,
     .help = "Show what a cab holds, for which devices, signed by whom",
     .details = "Installs nothing and needs no root. `verify` says whether it is good.",
     .run = qfu_verb_get_details},
    {.name = "verify",
     .arguments = "FILE.cab",
     .min_arguments = 1,
     .max_arguments = 1,
     .group = QFU_GROUP_FILES,
     .takes = QFU_OPTION_KEYS | QFU_OPTION_METADATA | COMPOSE,
     .help = "Check a cab: every member, signature and checksum",
     .details = "Installs nothing and needs no root.",
     .run = qfu_verb_verify},
    {.name = "make-manifest",
     .arguments = "ROM",
     .min_arguments = 1,
     .max_arguments = 1,
     .group = QFU_GROUP_FILES,
     .takes = QFU_OPTION_PREDICT | QFU_OPTION_MANIFEST | QFU_OPTION_MAKE,
     .help = "Declare what an image measures, for its cab",
     .details = "For vendors: the file goes into the cabinet as firmware.manifest.json, or "
                "firmware.corim, signed by the certificate that signs the image.",
     .run = qfu_verb_make_manifest},

    {.name = "recover",
     .group = QFU_GROUP_UPKEEP,
     .takes = QFU_OPTION_DRY_RUN,
     .help = "End a write of the chip that was cut off",
     .details = "Exit status 2 when no write was cut off. May be run again.",
     .needs_root = TRUE,
     .run = qfu_verb_recover},
    {.name = "clean",
     .also = "clean-cache clear",
     .group = QFU_GROUP_UPKEEP,
     .ignores = COMPATIBLE,
     .help = "Delete what was downloaded",
     .details = "Reference values, contents of the chip that were kept, and the marks against old "
                "metadata stay.",
     .needs_root = TRUE,
     .run = qfu_verb_clean},
    {.name = "help",
     .arguments = "[VERB]",
     .max_arguments = 1,
     .group = QFU_GROUP_UPKEEP,
     .takes = QFU_OPTION_WORDS,
     .help = "Explain a verb, or list the verbs",
     .bare = TRUE,
     .run = qfu_verb_help},
};

const QfuVerb *
qfu_verbs (gsize *n_verbs)
{
  *n_verbs = G_N_ELEMENTS (verbs);
  return verbs;
}

const char *
qfu_verb_group_title (QfuVerbGroup group)
{
  static const char *const titles[] = {[QFU_GROUP_EVERYDAY] = "Everyday",
                                       [QFU_GROUP_DEVICES] = "Devices",
                                       [QFU_GROUP_MEASURED] = "Measured boot",
                                       [QFU_GROUP_FILES] = "Files",
                                       [QFU_GROUP_UPKEEP] = "Upkeep"};

  return titles[group];
}

static gboolean
is_also (const QfuVerb *verb, const char *name)
{
  g_auto (GStrv) also = g_strsplit (verb->also == NULL ? "" : verb->also, " ", -1);

  return g_strv_contains ((const char *const *)also, name);
}

/* What was meant by a word that is no verb; %NULL when that cannot be told. */
static const char *
nearest_verb (const char *name)
{
  const char *known[G_N_ELEMENTS (verbs) + 1] = {NULL};

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++) {
    if (is_also (&verbs[i], name))
      return verbs[i].name;
    known[i] = verbs[i].name;
  }
  return qfu_suggest (name, known);
}

const QfuVerb *
qfu_verb_find (const char *name, GError **error)
{
  const char *nearest = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++) {
    if (strcmp (verbs[i].name, name) == 0)
      return &verbs[i];
  }
  nearest = nearest_verb (name);
  if (nearest != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "there is no verb %s; did you mean %s? See qubes-fwupdmgr --help", name, nearest);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "there is no verb %s. See qubes-fwupdmgr --help", name);
  return NULL;
}
