# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line: one function for each verb, and the table of them."""

import argparse
import json
import os
import pathlib
import signal
import sys

from . import catalog, chip as flash, dom0, fwupd, info, lifecycle, namespaces, processes, updatevm, usbvm
from .layout import SOURCE, Lab, LabError


def up(lab, args):
    namespaces.create_as_root()
    lifecycle.up(lab, rom=args.rom, how=way(args), build=str(args.build.resolve()), filter=args.fwupd_filter,
                 layout=args.layout, banks=args.banks, chip=args.chip, usb=args.usb,
                 usb_emulation=args.usb_emulation,
                 plugins=[str(folder.resolve()) for folder in args.fwupd_plugins])
    print(f"lab: up in {lab.dir}")


def down(lab, args):
    if lifecycle.is_up(lab):
        namespaces.enter_as_root(lab)
    lifecycle.down(lab)
    if args.remove:
        lab.remove()
        lab.dir.rmdir()


def way(args):
    return dom0.Way(path=args.path, slot=args.slot, payload=args.payload, program=args.program)


def boot(lab, args):
    namespaces.enter_as_root(lab)
    with processes.locked(lab):
        dom0.boot(lab, way(args))


def start(lab, args):
    namespaces.enter_as_root(lab)
    with processes.locked(lab):
        if args.service == "chip":
            flash.start(lab, args.options)
        elif args.options:
            raise LabError(f"{args.service} takes no options")
        else:
            lifecycle.part(lab, args.service).start()


def stop(lab, args):
    namespaces.enter_as_root(lab)
    with processes.locked(lab):
        if not lifecycle.part(lab, args.service).stop():
            raise LabError(f"{args.service} of the lab {lab.dir} is not running")


def enter(lab, room, command, env):
    if not command:
        raise LabError("no command given")
    sys.stdout.flush()
    argv = [*namespaces.enter(lab, room), *command]
    os.execvpe(argv[0], argv, env)


def in_dom0(lab, args):
    namespaces.enter_as_root(lab)
    enter(lab, "dom0", args.command, fwupd.environment(lab))


def in_updatevm(lab, args):
    namespaces.enter_as_root(lab)
    enter(lab, "updatevm", args.command, updatevm.environment(lab))


def in_usbvm(lab, args):
    namespaces.enter_as_root(lab)
    named = bool(args.command) and args.command[0] in usbvm.names(lab)
    qube = usbvm.find(lab, args.command.pop(0) if named else None)
    drop_dashes(args.command)
    enter(lab, qube.name, args.command, usbvm.environment(lab, qube))


def publish(lab, args):
    lab.require()
    if args.cab:
        with processes.locked(lab):
            file = catalog.publish_cab(lab, args.cab.resolve())
        print(f"lab: {args.cab.name} is {lab.mirror_url}/{file}")
        return
    if not args.version:
        raise LabError("an image is published with its --version")
    with processes.locked(lab):
        release = catalog.publish(lab, args.rom.resolve(), args.version, args.board_guid, args.component)
    print(f"lab: {release.version} for {', '.join(release.guids)} is {lab.mirror_url}/{release.file}")


def chip(lab, args):
    """Behind everybody's back: no lock is asked and nothing is recorded."""
    lab.require()
    source, target = (lab.chip, args.file) if args.act == "get" else (args.file, lab.chip)
    data = source.read_bytes()
    if args.act == "put" and len(data) != lab.chip.stat().st_size:
        raise LabError(f"{source}: the chip holds {lab.chip.stat().st_size} bytes")
    # in place: the serprog chip has the file mapped
    with open(target, "r+b" if target.exists() else "wb") as out:
        out.write(data)
        out.truncate()


def show(lab, args):
    print(json.dumps(info.describe(lab), indent=2))


def boot_options(sub):
    sub.add_argument("--path", metavar="NAME", help="boot by the accesses of tests/lab/boot-order-NAME.txt; default: as "
                     "the image's settings have it")
    sub.add_argument("--slot", choices=("A", "B"), default="A", help="vboot's choice; default: A")
    sub.add_argument("--payload", choices=("linux", "heads", "seabios"), default="linux", help="default: linux")
    sub.add_argument("--with", dest="program", metavar="CMD",
                     help="run CMD CHIP_IMAGE TCTI LOG_FILE instead of the boot model")


def command_line():
    parser = argparse.ArgumentParser(prog="lab", description="A laboratory for qubes-fwupd: a signed HTTPS mirror, an "
                                     "UpdateVM and a dom0 without network, all in one directory.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name, run, text):
        sub = verbs.add_parser(name, help=text, description=text)
        sub.add_argument("dir", metavar="DIR", type=pathlib.Path)
        sub.set_defaults(run=run)
        return sub

    sub = verb("up", up, "make and start a lab in DIR")
    sub.add_argument("--rom", type=pathlib.Path, metavar="FILE", help="start with this image in the chip, booted")
    boot_options(sub)
    sub.add_argument("--banks", metavar="B[,B…]", help="banks of PCRs that the TPM has; default: all that it knows")
    sub.add_argument("--layout", metavar="NAME", default="coreboot", help="[Chip] Layout=; default: coreboot")
    sub.add_argument("--chip", choices=("dummy", "serprog"), default="dummy", help="dummy: in libflashrom, 8 or 16 MiB; "
                     "serprog: tests/chip/nor-emulator, 1 to 16 MiB, which power cuts and faults leave as a real chip "
                     "would be; default: dummy")
    sub.add_argument("--build", type=pathlib.Path, metavar="DIR", default=SOURCE / "build", help="default: build/")
    sub.add_argument("--fwupd-plugins", type=pathlib.Path, action="append", default=[], metavar="DIR",
                     help="folder of more plugins for fwupd")
    sub.add_argument("--fwupd-filter", choices=("none", "packaged", "shipped"), default="none",
                     help="run fwupd under the system-call filter of its packaged unit; shipped: with our drop-in")
    sub.add_argument("--usb", metavar="NAME[,NAME…]", type=lambda text: text.split(","), default=[],
                     help="USB qubes, each with a packaged fwupd and its test device; default: none")
    sub.add_argument("--usb-emulation", action="store_true", help="their fwupd takes devices of fwupdmgr emulation-load")
    sub = verb("down", down, "end all processes of the lab; its files stay")
    sub.add_argument("--remove", action="store_true", help="remove its files as well")
    sub = verb("boot", boot, "model a reboot: fresh TPM, the chip's contents measured, a cut-off write recovered, fwupd started again")
    boot_options(sub)
    sub = verb("chip", chip, "copy the chip's contents to a file, or a file into the chip")
    sub.add_argument("act", choices=("get", "put"))
    sub.add_argument("file", type=pathlib.Path, metavar="FILE")
    sub = verb("publish", publish, "sign an image, offer it on the mirror and make new metadata")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument("--rom", type=pathlib.Path, metavar="FILE")
    what.add_argument("--cab", type=pathlib.Path, metavar="FILE", help="offer this archive as it is, signed by whom it is")
    sub.add_argument("--version", metavar="V", help="of the image")
    sub.add_argument("--board-guid", metavar="GUID", nargs="+",
                     help="devices that it is for; default: the one of the board that the image names")
    sub.add_argument("--component", metavar="ID", help="its AppStream id; default: made of the board's name")
    sub = verb("dom0", in_dom0, "run a command in dom0: lab dom0 DIR -- CMD…")
    sub.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD")
    sub = verb("updatevm", in_updatevm, "run a command in the UpdateVM: lab updatevm DIR -- CMD…")
    sub.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD")
    sub = verb("usbvm", in_usbvm, "run a command in a USB qube, the first if none is named: lab usbvm DIR [NAME] -- CMD…")
    sub.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD")
    for name, run, text in (("start", start, "start a part that was stopped"), ("stop", stop, "stop a part alone")):
        sub = verb(name, run, text)
        sub.add_argument("service", metavar="PART", help=f"{', '.join(sorted(lifecycle.SERVICES))} or a USB qube's name")
        if run is start:
            sub.add_argument("options", nargs=argparse.REMAINDER, metavar="OPTION",
                             help="chip: of the emulator (tests/chip/nor-emulator.c), as in: lab start DIR chip -- --cut "
                             "100:40 --kill PID; until the next boot")
    verb("info", show, "print as JSON where everything is")
    return parser


def drop_dashes(words):
    if words and words[0] == "--":
        del words[0]


def interrupted(number, _frame):
    raise LabError(f"interrupted by {signal.Signals(number).name}")


def main():
    args = command_line().parse_args()
    for words in (getattr(args, "command", None), getattr(args, "options", None)):
        drop_dashes(words)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        args.run(Lab(args.dir), args)
    except (LabError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0
