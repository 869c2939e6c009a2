# SPDX-License-Identifier: LGPL-2.1-or-later
"""The UpdateVM: a namespace with one wire to the mirror, and the agent that dom0 calls there."""

import pathlib

from . import namespaces, tools
from .pki import Pki

AGENT_CONF = """\
[Agent]
CAFile={ca}
ConnectSeconds=10
IdleSeconds=20
TotalSeconds=600
Proxy=
"""


def configure(lab):
    lab.agent_conf.write_text(AGENT_CONF.format(ca=Pki(lab).web_ca))


def agent(lab):
    """The command with which dom0 reaches the agent."""
    program = pathlib.Path(lab.settings()["build"]) / "updatevm" / "qubes.FwupdFetch"
    return [*namespaces.enter(lab, "updatevm"), str(program), "--config", str(lab.agent_conf)]


def environment(lab):
    build = pathlib.Path(lab.settings()["build"])
    return tools.environment(PATH=f"{build / 'updatevm'}:{tools.SYSTEM_PATH}", HOME=str(lab.updatevm),
                             CURL_CA_BUNDLE=str(Pki(lab).web_ca))
