# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest of QEMU with a kernel of Debian, which sees this machine's files and changes none of them."""
