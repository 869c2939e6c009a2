/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-device.h"

/**
 * QfuUsbQube:
 * @name: of the VM
 * @fwupd_version: of the fwupd that runs there: 1 to 64 characters of [A-Za-z0-9._+~-]
 * @keyboards: how many keyboards it has, and has not attached to another VM
 * @devices: (element-type QfuDevice): at most QFU_USB_DEVICES_MAX, in the VM's order; @domain of
 * each is @name, @id of each occurs once, @parent is one before it
 *
 * What a USB qube says of the devices that it has.
 *
 * Trust: every value is within its range and fit to be printed; what it means is the VM's word.
 */
typedef struct {
  char *name;
  char *fwupd_version;
  guint keyboards;
  GPtrArray *devices;
} QfuUsbQube;

void qfu_usb_qube_free (QfuUsbQube *qube);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuUsbQube, qfu_usb_qube_free)

/* A question to a USB qube that is under way. */
typedef struct _QfuUsbListing QfuUsbListing;

/**
 * qfu_usb_listing_start:
 * @config: how VMs are reached, and the deadlines; must outlive the listing
 * @vm: name of a VM that runs
 * @error: as from qfu_usb_argv(), or #QFU_ERROR_UNREACHABLE
 *
 * Asks, and waits for nothing, so that several qubes answer at once.
 *
 * Returns: (transfer full): the listing, or %NULL
 */
QfuUsbListing *qfu_usb_listing_start (const QfuConfig *config,
                                      const char *vm,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the call, too, when it was not finished. */
void qfu_usb_listing_free (QfuUsbListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuUsbListing, qfu_usb_listing_free)

/**
 * qfu_usb_listing_finish:
 * @listing: a listing; once
 * @error: #QFU_ERROR_NOT_FOUND (the VM has no such service), #QFU_ERROR_UNSUPPORTED (it has no
 * fwupd), #QFU_ERROR_UNREACHABLE, #QFU_ERROR_LIMIT (too late, or too much), #QFU_ERROR_PROTOCOL;
 * the texts do not name the VM
 *
 * Waits for the answer. The deadlines count from qfu_usb_listing_start(), but a qube whose answer
 * is here while others were waited for is not late.
 *
 * Returns: (transfer full): what the VM says, or %NULL
 */
QfuUsbQube *qfu_usb_listing_finish (QfuUsbListing *listing,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
