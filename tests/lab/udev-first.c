/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * udev-first PROGRAM [ARGUMENT…]
 *
 * Become PROGRAM, in which libudev gets no socket for events of devices. libusb, which wants one,
 * then does not start, and fwupd's own backend gets the netlink address that it asks for: that of
 * its process, which libusb would have taken before. Devices that fwupd emulates need that backend,
 * and no libusb.
 */

#include <errno.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* fwupd's own socket has neither of the flags */
static int
refuse_libudev (scmp_filter_ctx filter)
{
  return seccomp_rule_add (filter, SCMP_ACT_ERRNO (EAFNOSUPPORT), SCMP_SYS (socket), 3,
                           SCMP_A0 (SCMP_CMP_EQ, AF_NETLINK, 0),
                           SCMP_A1 (SCMP_CMP_EQ, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                           SCMP_A2 (SCMP_CMP_EQ, NETLINK_KOBJECT_UEVENT, 0));
}

int
main (int argc, char **argv)
{
  scmp_filter_ctx filter;

  if (argc < 2) {
    fprintf (stderr, "usage: udev-first PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  filter = seccomp_init (SCMP_ACT_ALLOW);
  if (filter == NULL || refuse_libudev (filter) < 0 || seccomp_load (filter) < 0) {
    fprintf (stderr, "udev-first: the filter cannot be applied\n");
    return 1;
  }
  seccomp_release (filter);
  execv (argv[1], argv + 1);
  fprintf (stderr, "udev-first: %s: %s\n", argv[1], strerror (errno));
  return 1;
}
