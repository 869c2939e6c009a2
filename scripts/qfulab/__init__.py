# SPDX-License-Identifier: LGPL-2.1-or-later
"""The laboratory behind `scripts/lab`; one module for each part of it."""
