#!/usr/bin/env python3
"""Compiles the public headers the ways a driver may include them.

    check_headers.py KIND TREE STANDARD COMPILER [FLAG...]

KIND is
  alone   every header of include/km and include/uwsk as the only include of a
          file, and twice in it
  alias   every other spelling of include/km/alias
  pairs   the main headers, two by two, in both orders
  refused what must not compile, with the message it must give

No file is written: the compiler reads from its standard input.
"""
import itertools
import os
import subprocess
import sys

# Gates before headers of the host: there is nothing of ours in them. Headers
# called uwsk_* are parts of others and not for drivers to include.
GATES = {"netdb.h", "winsock.h", "winsock2.h", "ws2tcpip.h"}
MAIN = ["ntdef.h", "wdm.h", "ntddk.h", "ntifs.h", "wsk.h", "ntstrsafe.h",
        "ntintsafe.h", "netioapi.h"]
# One half of a pair does not stand alone.
BEFORE = {"poppack.h": "pshpack1.h"}
SOCKETS = "km headers and system socket headers cannot share one file"
WIDE = "WCHAR has 16 bits"
NO_BCRYPT = "built without <bcrypt.h>"


def includes(*names):
    return "".join(f"#include <{name}>\n" for name in names)


def headers_of(folder):
    return sorted(n for n in os.listdir(folder)
                  if n.lower().endswith(".h") and n not in GATES
                  and not n.startswith(("uwsk_", "UWSK_")))


class Compiler:
    def __init__(self, tree, standard, command):
        self.tree = tree
        language = "c++" if "++" in standard else "c"
        self.command = command + [
            f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
            "-I" + os.path.join(tree, "include/km"),
            "-I" + os.path.join(tree, "include/km/alias"),
            "-I" + os.path.join(tree, "include"), "-x", language, "-"]
        self.tried = 0
        self.failed = []

    def run(self, text, drop=""):
        command = [word for word in self.command if word != drop]
        self.tried += 1
        return subprocess.run(command, input=text, text=True,
                              capture_output=True)

    def accept(self, what, text):
        result = self.run(text)
        if result.returncode != 0:
            self.failed.append(f"--- {what} does not compile\n{result.stderr}")

    def refuse(self, what, text, message, drop=""):
        result = self.run(text, drop)
        errors = [line for line in result.stderr.split("\n")
                  if " error: " in line and "fatal error" not in line]
        if result.returncode == 0:
            self.failed.append(f"--- {what} compiles")
        elif len(errors) != 1 or message not in errors[0]:
            self.failed.append(f"--- {what} has to give the one error "
                               f'"{message}"\n{result.stderr}')


def check_alone(compiler):
    for name in headers_of(os.path.join(compiler.tree, "include/km")):
        before = [BEFORE[name]] if name in BEFORE else []
        compiler.accept(name, includes(*(before + [name]) * 2))
    for name in headers_of(os.path.join(compiler.tree, "include/uwsk")):
        compiler.accept(name, includes("uwsk/" + name, "uwsk/" + name))


def check_alias(compiler):
    folder = os.path.join(compiler.tree, "include/km/alias")
    for name in headers_of(folder):
        file = name.lower()
        before = [BEFORE[file]] if file in BEFORE else []
        compiler.accept(name, includes(*before, name, *before, file))


def check_pairs(compiler):
    for pair in itertools.permutations(MAIN, 2):
        compiler.accept(" before ".join(pair), includes(*pair))


def check_refused(compiler):
    windows = "mingw" in compiler.command[0]
    hosts = ["winsock2.h", "ws2tcpip.h"] if windows else [
        "sys/socket.h", "netinet/in.h", "arpa/inet.h", "netdb.h"]
    for host in hosts:
        compiler.refuse(f"wsk.h before {host}", includes("wsk.h", host),
                        SOCKETS)
        compiler.refuse(f"{host} before wsk.h", includes(host, "wsk.h"),
                        SOCKETS)
        compiler.accept(f"{host} with the km headers in reach", includes(host))
    compiler.refuse("bcrypt.h in a build without it",
                    "#define UWSK_NO_BCRYPT\n" + includes("bcrypt.h"),
                    NO_BCRYPT)
    if not windows:
        compiler.refuse("wsk.h without -fshort-wchar", includes("wsk.h"), WIDE,
                        drop="-fshort-wchar")
        compiler.refuse("ntdef.h without -fshort-wchar", includes("ntdef.h"),
                        WIDE, drop="-fshort-wchar")


def main(kind, tree, standard, *command):
    compiler = Compiler(tree, standard, list(command))
    globals()["check_" + kind](compiler)
    print(*compiler.failed, sep="\n")
    print(f"{compiler.tried} tried, {len(compiler.failed)} wrong")
    return 1 if compiler.failed or not compiler.tried else 0


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
