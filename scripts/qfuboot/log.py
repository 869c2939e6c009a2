# SPDX-License-Identifier: LGPL-2.1-or-later
"""coreboot's event log in each of its three forms, and its listing on the console."""
import struct

BANKS = {"sha1": (0x0004, 20), "sha256": (0x000b, 32), "sha384": (0x000c, 48),
         "sha512": (0x000d, 64)}
NAME_SIZE = 50          # of a name in a log entry, with at least one NUL
MAX_ENTRIES = 50        # further events are extended, but not logged
EV_ACTION = 5
# form -> CBMEM entry, headline on the console
FORMS = {"cb": (0x54435041, "TPM log"), "tpm1": (0x54445041, "TPM 1.2"),
         "tpm2": (0x54504d32, "TPM 2.0")}


class Log:
    """coreboot's event log in CBMEM: an area of fixed size for MAX_ENTRIES entries."""

    def __init__(self, form, bank):
        self.form = form
        self.bank = bank
        self.entries = []

    def add(self, pcr, digest, name):
        if len(self.entries) < MAX_ENTRIES:
            name = name.encode()[:NAME_SIZE - 1].ljust(NAME_SIZE, b"\0")
            self.entries.append((pcr, digest, name))

    def bytes(self):
        """-> (the used part, the whole area)"""
        header, entry = getattr(self, self.form)()
        used = header + b"".join(entry(*fields) for fields in self.entries)
        return used, used + bytes((MAX_ENTRIES - len(self.entries)) * len(entry(0, b"", b"")))

    def listing(self):
        """What coreboot writes to its console before it starts the payload; (level, line)."""
        yield 6, f"coreboot {FORMS[self.form][1]} measurements:\n"
        yield None, "\n"
        for pcr, digest, name in self.entries:
            text = name.rstrip(b"\0").decode()
            yield 6, f" PCR-{pcr} {digest.hex()} {self.bank.upper()} [{text}]\n"
        yield None, "\n"

    def vendor(self, magic, entry_size):
        return struct.pack("<BBBB4sHHI", 15, 0, 1, 0, magic, MAX_ENTRIES, len(self.entries),
                           entry_size)

    def cb(self):
        """coreboot's own form."""
        def entry(pcr, digest, name):
            return struct.pack("<I10s64sI50s", pcr, self.bank.upper().encode(), digest,
                               len(digest), name)
        return struct.pack("<HH", MAX_ENTRIES, len(self.entries)), entry

    def tpm1(self):
        """TCG form for TPM 1.2."""
        def entry(pcr, digest, name):
            return struct.pack("<II20sI50s", pcr, EV_ACTION, digest, NAME_SIZE, name)
        spec = struct.pack("<16sIBBBB", b"Spec ID Event00", 0, 2, 1, 1, 0)
        return spec_event(spec + self.vendor(b"CBT1", len(entry(0, b"", b"")))), entry

    def tpm2(self):
        """TCG form for TPM 2.0."""
        algorithm, size = BANKS[self.bank]

        def entry(pcr, digest, name):
            return struct.pack(f"<IIIH{size}sI50s", pcr, EV_ACTION, 1, algorithm, digest, NAME_SIZE,
                               name)
        spec = struct.pack("<16sIBBBBIHH", b"Spec ID Event03", 0, 0, 2, 0, 2, 1, algorithm, size)
        return spec_event(spec + self.vendor(b"CBT2", len(entry(0, b"", b"")))), entry


def spec_event(data):
    return struct.pack("<II20sI", 0, 3, bytes(20), len(data)) + data


def form_of(config):
    if config.get("TPM_LOG_CB") == "y":
        return "cb"
    return "tpm1" if config.get("TPM_LOG_TPM1") == "y" else "tpm2"
