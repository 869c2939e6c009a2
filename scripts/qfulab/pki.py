# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two authorities made by certtool: one signs firmware and metadata, the other the mirror's TLS certificate."""

import shutil

from . import tools
from .layout import MIRROR_ADDRESS

COMMON = "organization = Laboratory of qubes-fwupd\nexpiration_days = 365\nserial = {serial}\ncn = {cn}\n"
AUTHORITY = COMMON + "ca\ncert_signing_key\ncrl_signing_key\n"
SIGNER = COMMON + "signing_key\ncode_signing_key\n"
SERVER = COMMON + "signing_key\ntls_www_server\nip_address = {address}\ndns_name = mirror.lab\n"


class Pki:
    """Files of the lab's keys and certificates."""

    def __init__(self, lab):
        self.dir = lab.pki
        self.ca, self.ca_key = self._pair("firmware-ca")
        self.signer, self.signer_key = self._pair("signer")
        self.web_ca, self.web_ca_key = self._pair("web-ca")
        self.server, self.server_key = self._pair("server")

    def _pair(self, name):
        return self.dir / f"{name}.pem", self.dir / f"{name}.key"

    def _certify(self, cert, key, template, issuer=None):
        tools.run(["certtool", "--generate-privkey", "--key-type", "rsa", "--bits", "2048", "--outfile", key])
        key.chmod(0o600)
        file = self.dir / f"{cert.stem}.template"
        file.write_text(template)
        command = ["certtool", "--load-privkey", key, "--template", file, "--outfile", cert]
        if issuer:
            command += ["--generate-certificate", "--load-ca-certificate", issuer[0], "--load-ca-privkey", issuer[1]]
        else:
            command += ["--generate-self-signed"]
        tools.run(command)

    def create(self):
        self._certify(self.ca, self.ca_key, AUTHORITY.format(serial=1, cn="Lab Firmware CA"))
        self._certify(self.signer, self.signer_key, SIGNER.format(serial=2, cn="Lab Firmware Signer"),
                      (self.ca, self.ca_key))
        self._certify(self.web_ca, self.web_ca_key, AUTHORITY.format(serial=3, cn="Lab Web CA"))
        self._certify(self.server, self.server_key,
                      SERVER.format(serial=4, cn=MIRROR_ADDRESS, address=MIRROR_ADDRESS),
                      (self.web_ca, self.web_ca_key))

    def trust_in(self, *directories):
        """Make the signing authority known to those who look into these directories."""
        for directory in directories:
            shutil.copy(self.ca, directory / "lab-ca.pem")
