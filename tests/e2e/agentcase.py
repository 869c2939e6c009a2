# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of the agent qubes.FwupdFetch have in common: a call as dom0 makes it, and a mirror."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import unittest

import qfuwire as w
from mirror import CONTENT, Handler, Mirror

AGENT = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "updatevm" / "qubes.FwupdFetch"
(USAGE, IO, UNREACHABLE, PROTOCOL, LIMIT, MISMATCH, SIGNATURE, NOT_FOUND, REFUSED, METERED, OFFLINE) = \
    (2, 3, 4, 5, 6, 8, 9, 10, 17, 19, 20)
UNATTENDED, NOT_METERED = 1, 2
JCAT, METADATA, CAB = 1, 2, 3
WAIT = 100  # seconds after which a test counts as hanging


class Call:
    """One run of the agent: its frames up to END, ERROR or the end of the stream."""

    def __init__(self, config, request, *, environment=None, command=None):
        command = command or [str(AGENT), "--config", str(config)]
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment or {})
        # one that refuses its configuration answers and leaves without reading
        with contextlib.suppress(BrokenPipeError):
            os.write(self.process.stdin.fileno(), request)

    def next(self):
        return w.read_frame(self.process.stdout)

    def run(self):
        """(types in order, DATA joined, SIZE's fields, last frame's fields, exit status)"""
        kinds, data, size, last = [], b"", None, None
        while (frame := self.next()) is not None:
            kind, value = frame
            if kind == w.DATA:
                data += value
            elif kind == w.SIZE:
                size = value
            if kind != w.DATA or kinds[-1:] != [w.DATA]:
                kinds.append(kind)
            last = value
        return kinds, data, size, last, self.close()

    def close(self):
        try:
            return self.process.wait(WAIT)
        finally:
            self.process.kill()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                stream.close()


class AgentCase(unittest.TestCase):
    """A mirror, and an agent configured for it."""

    handler = Handler

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        cls.addClassCleanup(cls.folder.cleanup)
        cls.mirror = Mirror(cls.folder.name, cls.handler)
        cls.addClassCleanup(cls.mirror.close)
        cls.config = cls.configure("agent.conf")

    @classmethod
    def configure(cls, name, **keys):
        path = pathlib.Path(cls.folder.name) / name
        keys = {"CAFile": cls.mirror.ca, "ConnectSeconds": 10, "IdleSeconds": 10,
                "TotalSeconds": 20, "Proxy": "", **keys}
        path.write_text("[Agent]\n" + "".join(f"{k}={v}\n" for k, v in keys.items()))
        return path

    def request(self, name, kind=METADATA, maximum=1 << 20, **extra):
        fields = {w.PROTOCOL: 1, w.KIND: kind, w.URL: self.mirror.url(name), w.MAXIMUM: maximum}
        if "offset" in extra:
            fields[w.OFFSET] = extra["offset"]
        if "sha256" in extra:
            fields[w.SHA256] = extra["sha256"]
        if "flags" in extra:
            fields[w.FLAGS] = extra["flags"]
        if "url" in extra:
            fields[w.URL] = extra["url"]
        return w.frame(w.REQUEST, fields)

    def fetch(self, name, *, config=None, environment=None, **request):
        call = Call(config or self.config, self.request(name, **request), environment=environment)
        return call.run()

    def expect_error(self, result, code, status=None):
        kinds, _, _, last, exit_status = result
        self.assertEqual(kinds[-1], w.ERROR)
        self.assertEqual(last[w.CODE], code)
        self.assertEqual(last.get(w.STATUS), status)
        self.assertNotIn(w.DETAIL, last)
        self.assertEqual(exit_status, 1)

    def expect_file(self, result, content=CONTENT, *, sized=True):
        kinds, data, size, last, exit_status = result
        body = [w.DATA] if content else []
        self.assertEqual(kinds, [w.HELLO, *([w.SIZE] if sized else []), *body, w.END])
        self.assertEqual(data, content)
        self.assertEqual(last, {w.TOTAL: len(content)})
        self.assertEqual(exit_status, 0)
        if sized:
            self.assertEqual(size, {w.LENGTH: len(content)})
