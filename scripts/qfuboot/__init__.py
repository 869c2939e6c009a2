# SPDX-License-Identifier: LGPL-2.1-or-later
"""What coreboot leaves behind for the system that it boots: event logs and CBMEM."""
