# SPDX-License-Identifier: LGPL-2.1-or-later
"""The parts of a coreboot ROM for the lab: flash map, contents, vboot's structures."""
