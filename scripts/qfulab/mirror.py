# SPDX-License-Identifier: LGPL-2.1-or-later
"""The HTTPS mirror: Debian's nginx over DIR/mirror/docroot, as one process in the mirror's namespace."""

import sys

from . import namespaces, processes, tools
from .layout import MIRROR_ADDRESS
from .pki import Pki

CONFIG = """\
daemon off;
master_process off;
user root root;
pid {mirror}/nginx.pid;
error_log {logs}/mirror-error.log info;
error_log {mirror}/sign notice;
events {{ worker_connections 64; }}
http {{
  access_log {logs}/mirror-access.log;
  default_type application/octet-stream;
  client_body_temp_path {tmp}/body;
  proxy_temp_path {tmp}/proxy;
  fastcgi_temp_path {tmp}/fastcgi;
  uwsgi_temp_path {tmp}/uwsgi;
  scgi_temp_path {tmp}/scgi;
  server {{
    listen {address}:443 ssl;
    ssl_certificate {pki.server};
    ssl_certificate_key {pki.server_key};
    root {docroot};
  }}
}}
"""

# Shows that what was configured is what is served: the certificate holds.
HANDSHAKE = """
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
with socket.create_connection((sys.argv[1], 443)) as plain, context.wrap_socket(plain, server_hostname=sys.argv[1]):
    pass
"""


def configure(lab):
    (lab.mirror / "nginx.conf").write_text(CONFIG.format(
        mirror=lab.mirror, logs=lab.logs, tmp=lab.mirror / "tmp", address=MIRROR_ADDRESS, pki=Pki(lab), docroot=lab.docroot))


def handshake(lab):
    """One TLS connection from the UpdateVM, after which nginx is in its main loop for certain."""
    tools.run([*namespaces.enter(lab, "updatevm"), sys.executable, "-c", HANDSHAKE, MIRROR_ADDRESS, Pki(lab).web_ca],
              seconds=processes.READY_SECONDS)


def start(lab):
    """nginx logs its first notice when it listens; with a FIFO as one of its logs that is a sign to wait for. Until it
    is in its main loop, it would die of SIGPIPE if the FIFO lost its reader."""
    processes.start(lab, "mirror", [*namespaces.enter(lab, "mirror"), "nginx", "-c", lab.mirror / "nginx.conf", "-e",
                                    lab.logs / "mirror-error.log"],
                    env=tools.environment(), sign=lab.mirror / "sign", probe=handshake)
