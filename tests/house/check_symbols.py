#!/usr/bin/env python3
"""What the library shows, and what it takes by name.

1. Every global symbol is public (a header of include/ names it) or has the
   spelling of one of the library's rooms (docs/architecture.md, "Names").
2. The shared library shows public names only.
3. The shared library shows every uwsk_ function that the static one has: a test
   links with either.
4. The static library takes none of the names that drivers define for
   themselves: linked into one program with such a driver it would call the
   driver's send(), not the host's.
"""
import argparse
import os
import re
import subprocess
import sys

ROOM = re.compile(r"^(os|loop|net|wsk|vf|fault|peer|host|ke|io|mm|ex"
                  r"|ob|ps|rtl|kd|etw|nmr|seh|cm|netio|bcrypt)__\w+$")
DRIVERS_OWN = {"socket", "bind", "listen", "accept", "connect", "send", "recv",
               "sendto", "recvfrom", "closesocket", "getaddrinfo"}
# The compiler's and the linker's own.
TOOLS = re.compile(
    r"^(_init|_fini|_edata|_end|__bss_start|DW\.ref\..*|_*local_asan.*"
    r"|__(asan|odr_asan|tsan|ubsan|start_|stop_).*)$")


def symbols(nm, library, *options):
    """(kind, name) of each symbol nm prints."""
    output = subprocess.run([nm, "-P", *options, library], check=True,
                            capture_output=True, text=True).stdout
    for line in output.split("\n"):
        fields = line.split()
        if len(fields) >= 2 and not fields[0].endswith(":"):
            yield fields[1], fields[0].split("@")[0]


def public_words(folder):
    words = set()
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), encoding="utf-8") as file:
                words |= set(re.findall(r"\w+", file.read()))
    return words


def main():
    parser = argparse.ArgumentParser()
    for option in ("nm", "include", "static", "shared"):
        parser.add_argument("--" + option, required=True)
    given = parser.parse_args()
    public = public_words(given.include)
    wrong = []
    promised = set()
    for kind, name in symbols(given.nm, given.static, "-g"):
        if kind == "U":
            if name in DRIVERS_OWN:
                wrong.append(f"the library calls {name}() by name")
        elif not (ROOM.match(name) or name in public or TOOLS.match(name)):
            wrong.append(f"{name} is neither public nor spelt like a room's")
        elif name.startswith("uwsk_") and name in public:
            promised.add(name)
    shown = [name for kind, name in symbols(
        given.nm, given.shared, "-D", "--defined-only")]
    for name in shown:
        if not (name in public or TOOLS.match(name)):
            wrong.append(f"the shared library shows {name}")
    for name in promised - set(shown):
        wrong.append(f"the shared library does not show {name}")
    if not shown:
        wrong.append("the shared library shows nothing")
    for line in sorted(set(wrong)):
        print(line)
    print(f"{len(shown)} names are public, {len(set(wrong))} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
