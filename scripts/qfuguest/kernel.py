# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the guest boots: a kernel and a shell as Debian packages them, unpacked and not installed."""

import re
import subprocess

METAPACKAGE = "linux-image-amd64"
SHELL = "busybox-static"
# Found by a name of the virtio and 9p devices, in the order that their dependencies want.
MODULES = ("efivarfs", "virtio_pci", "9pnet_virtio", "9p", "overlay", "mtdram", "mtd", "veth", "vsock_loopback")
OPTIONS = {"mtdram": "total_size=16384 erase_size=4"}     # KiB
INIT = """\
#!/bin/busybox sh
# The files of the machine that runs the guest, below a layer that is lost with it.
/bin/busybox mkdir -p /proc /below /above /root
/bin/busybox mount -t proc none /proc
while read -r file options; do /bin/busybox insmod "/modules/$file" $options || echo "guest: $file does not load"; done <<'END'
{modules}
END
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=262144,ro root /below || exec /bin/busybox poweroff -f
/bin/busybox mount -t tmpfs none /above
/bin/busybox mkdir /above/changes /above/work
/bin/busybox mount -t overlay -o lowerdir=/below,upperdir=/above/changes,workdir=/above/work none /root
/bin/busybox mount -t proc none /root/proc
/bin/busybox mount -t sysfs none /root/sys
/bin/busybox mount -t securityfs none /root/sys/kernel/security
/bin/busybox mount -t efivarfs none /root/sys/firmware/efi/efivars 2>/dev/null
/bin/busybox mount -t devtmpfs none /root/dev
/bin/busybox mkdir -p /root/dev/pts /root/dev/shm
/bin/busybox mount -t devpts -o ptmxmode=666 none /root/dev/pts
/bin/busybox mount -t tmpfs none /root/dev/shm
/bin/busybox mount -t tmpfs none /root/run
/bin/busybox mount -t cgroup2 none /root/sys/fs/cgroup
/bin/busybox umount /proc
exec /bin/busybox switch_root /root {command}
"""


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, timeout=600, **more).stdout


def packages():
    """Names of the kernel's and the shell's packages."""
    depends = re.search(r"Depends: (linux-image-[0-9]\S+)", run("apt-cache", "depends", METAPACKAGE))
    if depends is None:
        raise OSError(f"apt knows no {METAPACKAGE}")
    return depends[1], SHELL


def unpack(folder):
    """Download and unpack what is not there yet; returns the folder of the files."""
    tree = folder / "files"
    for name in packages():
        mark = folder / f"{name}.unpacked"
        if mark.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        run("apt-get", "-q", "download", name, cwd=folder, stderr=subprocess.DEVNULL)
        (package,) = folder.glob(f"{name}_*.deb")
        run("dpkg-deb", "-x", package, tree)
        package.unlink()
        mark.touch()
    return tree


def modules(tree):
    """Files of the modules and of what they need, in the order in which they load."""
    paths = {path.name.removesuffix(".ko").replace("-", "_"): path for path in tree.glob("lib/modules/*/kernel/**/*.ko")}
    found = []

    def add(name):
        path = paths.get(name.replace("-", "_"))
        if path is None or path in found:       # built in, or there already
            return
        depends = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())[1].decode()
        for each in filter(None, depends.split(",")):
            add(each)
        found.append(path)
    for name in MODULES:
        add(name)
    return found


def entry(number, name, mode, data):
    """One file of an archive as the kernel unpacks it (cpio, newc)."""
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def initramfs(tree, command, output):
    """Write the first files of the guest, which run this command in the end."""
    loaded = modules(tree)
    init = INIT.format(modules="\n".join(f"{path.name} {OPTIONS.get(path.stem, '')}" for path in loaded), command=command)
    files = [("bin", 0o40755, b""), ("modules", 0o40755, b""), ("dev", 0o40755, b""),
             ("bin/busybox", 0o100755, (tree / "bin/busybox").read_bytes()), ("init", 0o100755, init.encode()),
             *((f"modules/{path.name}", 0o100644, path.read_bytes()) for path in loaded), ("TRAILER!!!", 0, b"")]
    output.write_bytes(b"".join(entry(number, *file) for number, file in enumerate(files, 1)))


def image(tree):
    (found,) = tree.glob("boot/vmlinuz-*")
    return found
