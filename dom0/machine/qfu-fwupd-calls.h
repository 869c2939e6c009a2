/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-device.h"
#include "qfu-fwupd-flags.h"

/* What we ask of fwupd, through qfu-fwupd. */

/**
 * QfuRemote:
 * @id: fwupd's name of it, 1 to 64 characters of [A-Za-z0-9._-]
 * @title: (nullable): what to call it
 * @url: (nullable): of its metadata
 * @path: (nullable): of its metadata, or of the folder of its cabs, on this machine; absolute
 * @base_url: (nullable): the folder in which its mirror has the cabs, whatever the metadata says
 * @kind: where its metadata comes from
 * @priority: of two releases of the same version, that of the remote with the higher one counts
 * @enabled: whether fwupd uses it
 * @download: whether its metadata is fetched from @url
 * @password: whether it wants a user name and a password, which the agent does not have
 */
typedef struct {
  char *id;
  char *title;
  char *url;
  char *path;
  char *base_url;
  QfuRemoteKind kind;
  guint priority;
  gboolean enabled;
  gboolean download;
  gboolean password;
} QfuRemote;

void qfu_remote_free (QfuRemote *remote);

/* (transfer full) (element-type QfuRemote) */
GPtrArray *qfu_fwupd_remotes (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * QfuMachine:
 * @fwupd_version: version of the fwupd daemon
 * @hardware: (element-type utf8): lower-case GUIDs that say what machine this is: SMBIOS hardware
 * ids
 * @devices: (element-type QfuDevice): its devices
 *
 * What fwupd says of this machine.
 */
typedef struct {
  char *fwupd_version;
  GPtrArray *hardware;
  GPtrArray *devices;
} QfuMachine;

QfuMachine *qfu_fwupd_machine (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_machine_free (QfuMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuMachine, qfu_machine_free)

/* Takes one answer of qfu-fwupd; %FALSE with @error ends the call. */
typedef gboolean (*QfuFwupdTakeFunc) (gpointer user, const QfuMessage *message, GError **error);
/* Runs @op of qfu-fwupd for @id (nullable), and has @take look at every answer. */
gboolean qfu_fwupd_ask (const QfuConfig *config,
                        const char *op,
                        const char *id,
                        QfuFwupdTakeFunc take,
                        gpointer user,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Hands verified metadata and the jcat that we rebuilt to fwupd; #QFU_ERROR_NOTHING when it has
 * exactly these. */
gboolean qfu_fwupd_put_metadata (const QfuConfig *config,
                                 const char *remote,
                                 const QfuUntrustedBlob *metadata,
                                 const QfuUntrustedBlob *jcat,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @percent: 0 to 100 */
typedef void (*QfuPercentFunc) (guint percent, gpointer user);
/* Lets fwupd install @cab on the device; @flags are QFU_INSTALL_…. */
gboolean qfu_fwupd_install (const QfuConfig *config,
                            const char *device,
                            guint flags,
                            const QfuUntrustedBlob *cab,
                            QfuPercentFunc progress,
                            gpointer user,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
