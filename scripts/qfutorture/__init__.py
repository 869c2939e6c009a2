# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cutting the power of a flash write, anywhere, and seeing what recovery makes of it."""
