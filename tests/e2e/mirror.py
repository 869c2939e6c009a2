# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small HTTPS mirror on a free port of 127.0.0.1, with the habits of bad servers on demand."""

import http.server
import pathlib
import re
import ssl
import subprocess
import threading

CONTENT = bytes(i * 7 % 251 for i in range(300_000))

CA = "cn = {name}\nca\ncert_signing_key\nexpiration_days = 30\n"
LEAF = "cn = localhost\nip_address = 127.0.0.1\ntls_www_server\nsigning_key\nexpiration_days = 30\n"


def certtool(*arguments):
    subprocess.run(["certtool", *arguments], check=True, capture_output=True, timeout=60)


def make_ca(folder, name):
    """A key and a self-signed certificate; returns the certificate's path."""
    key, template, cert = (folder / f"{name}.{end}" for end in ("key", "cfg", "pem"))
    template.write_text(CA.format(name=name))
    certtool("--generate-privkey", "--ecc", "--outfile", str(key))
    certtool("--generate-self-signed", "--load-privkey", str(key), "--template", str(template),
             "--outfile", str(cert))
    return cert


def make_leaf(folder, ca, text=LEAF):
    key, template, cert = (folder / f"server.{end}" for end in ("key", "cfg", "pem"))
    template.write_text(text)
    certtool("--generate-privkey", "--ecc", "--outfile", str(key))
    certtool("--generate-certificate", "--load-privkey", str(key), "--template", str(template),
             "--load-ca-certificate", str(ca), "--load-ca-privkey", str(ca.with_suffix(".key")),
             "--outfile", str(cert))
    return cert, key


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # pylint: disable=invalid-name
        self.close_connection = True
        self.server.seen.append((self.path, self.headers.get("Range"), dict(self.headers)))
        name = self.path.strip("/").split("?")[0].replace("-", "_")
        getattr(self, f"get_{name}", self.get_missing)()

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        if "Content_Length" not in headers and "Transfer_Encoding" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def get_good(self):
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not found:
            self.answer(200, CONTENT)
        elif int(found[1]) >= len(CONTENT):
            self.answer(416)
        else:
            start = int(found[1])
            self.answer(206, CONTENT[start:],
                        Content_Range=f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")

    def get_whole_only(self):
        self.answer(200, CONTENT)

    def get_wrong_range(self):
        if "Range" in self.headers:
            self.answer(206, CONTENT[7:],
                        Content_Range=f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}")
        else:
            self.answer(200, CONTENT)

    def get_missing(self):
        self.answer(404, b"<html>no\x1b[31m such file</html>")

    def get_broken(self):
        self.answer(503, b"later")

    def get_empty(self):
        self.answer(200)

    def get_to_http(self):
        self.answer(302, Location=f"http://127.0.0.1:{self.server.server_port}/good")

    def get_to_file(self):
        self.answer(302, Location="file:///etc/passwd")

    def get_to_user(self):
        self.answer(302, Location=f"https://a:b@127.0.0.1:{self.server.server_port}/good")

    def get_to_good(self):
        self.answer(302, Location="/good")

    def get_fifth(self):
        self.answer(302, Location="/fourth")

    def get_fourth(self):
        self.answer(302, Location="/third")

    def get_third(self):
        self.answer(302, Location="/second")

    def get_second(self):
        self.answer(302, Location="/to-good")

    def get_loop(self):
        self.answer(302, Location="/loop")

    def get_huge(self):
        self.answer(200, b"x", Content_Length="99999999999")

    def get_endless(self):
        self.answer(200, Transfer_Encoding="chunked")
        block = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        while not self.server.over.is_set():
            self.wfile.write(block)

    def get_chunked(self):
        self.answer(200, Transfer_Encoding="chunked")
        self.wfile.write(b"%x\r\n" % len(CONTENT) + CONTENT + b"\r\n0\r\n\r\n")

    def get_cut(self):
        self.answer(200, CONTENT[:1000], Content_Length=str(len(CONTENT)))

    def get_stall(self):
        """Sends a beginning, then nothing until the test is over."""
        self.answer(200, CONTENT[:1000], Content_Length=str(len(CONTENT)))
        self.wfile.flush()
        self.server.over.wait(60)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """The tests look at what the server has seen, not at a log."""


class Mirror(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder, handler=Handler):
        folder = pathlib.Path(folder)
        self.ca = make_ca(folder, "mirror-ca")
        self.other_ca = make_ca(folder, "other-ca")
        super().__init__(("127.0.0.1", 0), handler)
        self.seen = []
        self.over = threading.Event()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(*make_leaf(folder, self.ca))
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def finish_request(self, request, client_address):
        """In the thread of the connection: a client that refuses our certificate hurts no other."""
        request.settimeout(60)
        with self.tls.wrap_socket(request, server_side=True) as tls:
            super().finish_request(tls, client_address)

    def handle_error(self, request, client_address):
        """Clients that break off are what the tests are about."""

    def present(self, text):
        """Go on with a certificate of another template."""
        self.tls.load_cert_chain(*make_leaf(self.ca.parent, self.ca, text))

    def url(self, name):
        return f"https://127.0.0.1:{self.server_port}/{name}"

    def close(self):
        self.over.set()
        self.shutdown()
        self.thread.join(10)
        self.server_close()
