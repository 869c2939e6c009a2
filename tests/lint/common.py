# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the checks share: the tree, its files, and how a check ends."""

import os
import re
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(*patterns):
    """Files of the tree, tracked or new but not ignored, that match git's patterns."""
    if not os.path.exists(os.path.join(TREE, ".git")):
        print("skipped: git alone knows which files belong to the tree, and this is no clone")
        sys.exit(77)
    out = subprocess.run(
        ["git", "-C", TREE, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
         "--", *patterns],
        check=True, capture_output=True).stdout.decode()
    names = sorted(set(out.split("\0")) - {""})
    # A file that was deleted, but is still in the index, is no file.
    return [n for n in names if os.path.isfile(os.path.join(TREE, n))]


def read(name):
    with open(os.path.join(TREE, name), encoding="utf-8") as stream:
        return stream.read()


def first_line(name):
    with open(os.path.join(TREE, name), "rb") as stream:
        return stream.readline(200).decode("latin-1").rstrip("\n")


def scripts(*interpreters):
    """Files whose first line names one of the interpreters, and libraries that end in .py or .sh."""
    suffixes = tuple({"python3": ".py", "sh": ".sh", "bash": ".sh"}[i] for i in interpreters)
    found = []
    for name in files():
        line = first_line(name)
        interpreter = re.split(r"[/ ]", line)[-1] if line.startswith("#!") else None
        if interpreter in interpreters or (interpreter is None and name.endswith(suffixes)):
            found.append(name)
    return found


def c_files():
    return files("*.c", "*.h")


def run(command, names):
    """Runs a tool on files; returns what it said when it fails, else nothing."""
    if not names:
        return []
    result = subprocess.run([*command, *names], cwd=TREE, text=True, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode == 0:
        return []
    return [result.stdout.strip() or f"{command[0]}: exit status {result.returncode}"]


def finish(errors, what):
    """Prints the errors, or what was found good, and ends the program."""
    for error in errors:
        print(error)
    print(f"{len(errors)} errors" if errors else f"good: {what}")
    sys.exit(1 if errors else 0)
