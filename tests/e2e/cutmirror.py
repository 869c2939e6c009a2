#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A mirror that breaks off: promises all of a file and sends its first half.

usage: cutmirror.py ADDRESS CERTIFICATE KEY DOCROOT

Prints a line when it listens, and goes on until it is ended.
"""
import http.server
import pathlib
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # pylint: disable=invalid-name
        self.close_connection = True
        data = (pathlib.Path(sys.argv[4]) / self.path.lstrip("/")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2])


def main():
    server = http.server.ThreadingHTTPServer((sys.argv[1], 443), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
