/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbword.h"

#include "qfu-error.h"

/* Errors of libfwupd by their numbers, which do not change. A VM has no say in what we do next, so
 * none of these means that there is nothing to do, that the person said no, or that the same is
 * tried once more. */
static const struct {
  QfuError code;
  const char *text;
} fwupd_errors[] = {
    /* 0 internal */ {QFU_ERROR_IO, "fwupd in the VM has a problem; its journal says which"},
    /* 1 version newer */
    {QFU_ERROR_REFUSED, "the VM's fwupd says that the device runs a newer version"},
    /* 2 version same */
    {QFU_ERROR_REFUSED, "the VM's fwupd says that the device runs this version already"},
    /* 3 already pending */
    {QFU_ERROR_BUSY, "the VM's fwupd says that an update of the device is already waiting"},
    /* 4 auth failed */ {QFU_ERROR_REFUSED, "the VM does not let the agent update devices"},
    /* 5 read */ {QFU_ERROR_IO, "the VM's fwupd could not read from the device"},
    /* 6 write */ {QFU_ERROR_IO, "the VM's fwupd could not write to the device"},
    /* 7 invalid file */
    {QFU_ERROR_FORMAT, "the VM's fwupd finds the firmware unfit for the device"},
    /* 8 not found */ {QFU_ERROR_NOT_FOUND, "the VM's fwupd does not find the device any more"},
    /* 9 nothing to do */ {QFU_ERROR_REFUSED, "the VM's fwupd finds nothing to do"},
    /* 10 not supported */
    {QFU_ERROR_UNSUPPORTED, "the VM's fwupd cannot do this: it may be too old for the firmware"},
    /* 11 signature */
    {QFU_ERROR_SIGNATURE,
     "the VM's fwupd does not accept the signature: it may lack the authority"},
    /* 12 AC power */ {QFU_ERROR_REFUSED, "the VM's fwupd demands mains power"},
    /* 13 permission */ {QFU_ERROR_REFUSED, "the VM does not let the agent update devices"},
    /* 14 broken system */ {QFU_ERROR_IO, "the VM's fwupd says that its system is broken"},
    /* 15 battery */
    {QFU_ERROR_REFUSED, "the battery of the device, or of the computer, is too low"},
    /* 16 user action */
    {QFU_ERROR_REFUSED, "something has to be done at the device first; its manual says what"},
    /* 17 auth expired */ {QFU_ERROR_REFUSED, "the VM does not let the agent update devices"},
    /* 18 invalid data */
    {QFU_ERROR_FORMAT, "the VM's fwupd finds the firmware, or an answer of the device, unfit"},
    /* 19 timed out */ {QFU_ERROR_IO, "the device did not answer the VM's fwupd in time"},
    /* 20 busy */ {QFU_ERROR_BUSY, "the device is busy, or the VM's fwupd is"},
    /* 21 not reachable */ {QFU_ERROR_IO, "the VM's fwupd cannot reach the device"},
};

/* What an agent says without fwupd's number. */
static const struct {
  QfuError theirs;
  QfuError ours;
  const char *text;
} agent_errors[] = {
    {QFU_ERROR_UNSUPPORTED, QFU_ERROR_UNSUPPORTED,
     "fwupd is not installed in the VM: install the package fwupd in its template"},
    {QFU_ERROR_UNREACHABLE, QFU_ERROR_UNREACHABLE,
     "fwupd in the VM does not answer, or the device is gone"},
    {QFU_ERROR_NOT_FOUND, QFU_ERROR_NOT_FOUND, "the device is not in the VM any more"},
    {QFU_ERROR_NOTHING, QFU_ERROR_REFUSED, "the VM's fwupd says that it is no newer version"},
    {QFU_ERROR_BUSY, QFU_ERROR_BUSY, "another update is under way in the VM"},
    {QFU_ERROR_REFUSED, QFU_ERROR_REFUSED,
     "the VM says that the device is locked, attached to another VM, or waits for something"},
    {QFU_ERROR_SIGNATURE, QFU_ERROR_SIGNATURE,
     "the VM's fwupd does not accept the signature: it may lack the authority"},
    {QFU_ERROR_FORMAT, QFU_ERROR_FORMAT, "the VM's fwupd cannot read the archive"},
    {QFU_ERROR_MISMATCH, QFU_ERROR_MISMATCH, "the archive did not arrive as it was sent"},
    {QFU_ERROR_LIMIT, QFU_ERROR_LIMIT,
     "the VM has more devices than are taken, was sent too much, or waited too long"},
    {QFU_ERROR_PROTOCOL, QFU_ERROR_PROTOCOL, "the agent does not understand us: is it too old?"},
    {QFU_ERROR_USAGE, QFU_ERROR_PROTOCOL, "the agent does not take the request: is it too old?"},
    {QFU_ERROR_IO, QFU_ERROR_IO, "the VM lacks something; its log says what"},
    {QFU_ERROR_INTERNAL, QFU_ERROR_UNREACHABLE, "the agent has a problem; the VM's log says which"},
};

void
qfu_usb_word_set (const QfuMessage *message, GError **error)
{
  guint64 status =
      qfu_message_number_or (message, QFU_FIELD_STATUS, 1, G_N_ELEMENTS (fwupd_errors), 0);
  guint64 code = qfu_message_number_or (message, QFU_FIELD_CODE, 1, QFU_ERROR_LAST, 0);

  /* fwupd has one number for an archive that it cannot read and for one whose signature it does not
   * accept; the agent has looked which it is */
  if (status > 0 && code != QFU_ERROR_SIGNATURE) {
    g_set_error_literal (error, QFU_ERROR, (int)fwupd_errors[status - 1].code,
                         fwupd_errors[status - 1].text);
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (agent_errors); i++) {
    if (agent_errors[i].theirs == code) {
      g_set_error_literal (error, QFU_ERROR, (int)agent_errors[i].ours, agent_errors[i].text);
      return;
    }
  }
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the agent sends an unknown error");
}

const char *
qfu_usb_word_doing (guint64 status)
{
  /* FwupdStatus by its numbers, which do not change */
  static const char *const words[] = {
      NULL,
      NULL, /* idle */
      "loading",
      "unpacking",
      "restarting the device",
      "writing",
      "verifying",
      "scheduling",
      NULL, /* downloading: not there */
      "reading",
      "erasing",
      NULL, /* waiting for authentication */
      "waiting for the device",
      "shutting down",
      "waiting for you",
  };

  return status < G_N_ELEMENTS (words) ? words[status] : NULL;
}
