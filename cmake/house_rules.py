#!/usr/bin/env python3
"""House rules of the tree, as a test.

    house_rules.py [TREE]        checks a tree; 1 when something is wrong
    house_rules.py --self-test   checks that each rule finds what it is for

What the rules are for stands in docs/architecture.md. clang-format looks after
the layout of lines; this looks after size and after who includes whom.
"""
import os
import re
import subprocess
import sys
import tempfile

MAX_FUNCTION = 70
MAX_FILE = 800
MAX_COLUMN = 80

C_FILE = re.compile(r"\.(c|h|cpp|hpp|inl)$")
# Long by nature: one row per value, nothing to read top to bottom.
TABLES = re.compile(r"^(include/km/ntstatus[^/]*\.(h|inl)|.*_table\.(h|c|inl))$")

# They only switch packing on and off, each time they are included.
PACKING = re.compile(r"^include/km/(pshpack\d|poppack)\.h$")

# Room -> what its files may include of the tree. A name with a dot is one file.
KM = "include/km"
PUBLIC = {KM, "include/uwsk"}
BASE = {"src/os", "src/loop/loop.h", "src/verifier", "src/fault"}
NET = {"src/net/net.h", "src/net/net_udp.h", "src/net/net_option.h",
       "src/net/net_interface.h"}
# What other rooms use of the provider: addresses and errors in NT's words.
WORDS = {"src/wsk/address.h", "src/wsk/status.h"}
BORDERS = {
    "include/km": {KM},
    "include/wpp": {KM, "include/wpp"},
    "include/uwsk": PUBLIC,
    "src/os": {"src/os"},
    "src/loop": {"src/os", "src/loop"},
    "src/net": {"src/os", "src/loop", "src/net"},
    "src/verifier": {"src/os", "src/verifier"} | {"include/uwsk"},
    "src/fault": {"src/os", "src/fault", "include/uwsk"},
    "src/peer": {"src/os", "src/loop/loop.h", "src/peer", "include/uwsk"},
    "emu": PUBLIC | BASE | {"emu"},
    "src/wsk": PUBLIC | BASE | NET | {"emu", "src/wsk"},
    "src/netio": PUBLIC | BASE | NET | WORDS | {"emu", "src/netio"},
    "src/host": PUBLIC
    | {"emu", "src/os", "src/loop", "src/net", "src/verifier", "src/fault",
       "src/peer/peer.h", "src/wsk", "src/netio", "src/host"},
    # The program is an ordinary host of the library.
    "src/host/uwsk_run": {"include/uwsk", "src/host/uwsk_run.h"},
    "examples": PUBLIC | {"examples"},
    # Kernel code; the world around it stands in files of other names.
    "tests/conformance/test_": {KM, "tests/conformance"},
    "tests/zoo/test_": {KM, "tests/zoo", "include/uwsk/event.h",
                        "include/uwsk/fault.h"},
}
RUN = "src/host/uwsk_run"
# Rooms that are some files of a folder.
PREFIXES = (RUN, "tests/conformance/test_", "tests/zoo/test_")
FLOOR = ("src/os", "src/loop", "src/net", "src/peer")
# These are read on both sides of the border and must stay neutral.
NEUTRAL = {"src/os/os.h", "src/loop/loop.h"} | NET

HOST_HEADER = re.compile(
    r"^(uv\.h|uv/.*|nettle/.*|sys/socket\.h|sys/un\.h|netinet/.*|arpa/inet\.h|netdb\.h"
    r"|net/if\.h|winsock2?\.h|wspiapi\.h|ws2tcpip\.h|mswsock\.h|windows\.h|iphlpapi\.h)$",
    re.I)
# On Windows the host has headers of these names too; on the floor they are
# the host's.
SHARED_NAMES = {"bcrypt.h", "devioctl.h", "ifdef.h", "mstcpip.h", "netioapi.h",
                "nldef.h", "ws2def.h", "ws2ipdef.h"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
HEAP = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|strdup|free)[ \t]*\(")
# A home or work directory of somebody's machine.
FOREIGN_PATH = re.compile(r"(?<![\w.$}/-])/(?:home|root|work|Users)/\w")
UNBREAKABLE = re.compile(r"\s*#\s*error\b")
SKIPPED_TREES = re.compile(r"^(build|build-[^/]*|out|\.git|\.deps)(/|$)")


def list_files(tree):
    """Files that are tracked or would be; all of them outside of git."""
    git = subprocess.run(
        ["git", "-C", tree, "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True)
    if git.returncode == 0:
        found = git.stdout.split("\n")
    else:
        found = []
        for folder, _, names in os.walk(tree):
            found += [os.path.relpath(os.path.join(folder, n), tree)
                      for n in names]
    keep = [f for f in found if f and not SKIPPED_TREES.match(f)]
    return sorted(f for f in set(keep)
                  if os.path.isfile(os.path.join(tree, f)))


def blank(match):
    """Keeps the line breaks of what is taken out."""
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    pattern = (r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
               r"|'(?:\\.|[^'\\\n])*'")
    return re.sub(pattern, blank, text, flags=re.S)


def without_directives(text):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)


def functions(text):
    """(name, first line, number of lines) of each function in C or C++."""
    code = without_directives(without_comments(text))
    # A linkage block or a namespace is no function: its braces do not nest.
    code = re.sub(r"\b(extern\s+|namespace(\s+\w+)?\s*)\{",
                  lambda m: m.group(0)[:-1] + ";", code)
    depth, start, since = 0, None, 0
    for token in re.finditer(r"[{};]", code):
        at = token.start()
        if token.group() == "{":
            if depth == 0:
                head = code[since:at]
                name = re.search(r"(~?\w+)\s*\(", head)
                value = re.search(r"=\s*$", head)
                start = (name.group(1) if name and not value else None, at)
            depth += 1
        elif token.group() == "}":
            depth = max(depth - 1, 0)
            if depth == 0:
                if start and start[0]:
                    first = code.count("\n", 0, start[1]) + 1
                    last = code.count("\n", 0, at) + 1
                    yield start[0], first, last - first + 1
                start, since = None, at + 1
        elif depth == 0:
            since = at + 1


class House:
    """One tree under inspection."""

    def __init__(self, tree):
        self.tree = tree
        self.files = list_files(tree)
        self.known = set(self.files)
        # Under a host header's name include/km holds but an #error.
        names = {os.path.basename(f) for f in self.files
                 if f.startswith(KM + "/")}
        self.km = {n.lower() for n in names
                   if not HOST_HEADER.match(n)} - SHARED_NAMES
        self.findings = []
        self.texts = {}
        self.closures = {}

    def text(self, path):
        if path not in self.texts:
            with open(os.path.join(self.tree, path), "rb") as file:
                self.texts[path] = file.read().decode("utf-8", "replace")
        return self.texts[path]

    def report(self, path, line, rule, message):
        self.findings.append((path, line, rule, message))

    def check(self):
        for path in self.files:
            if b"\0" in self.text(path).encode()[:4096]:
                continue
            self.check_any(path)
            if C_FILE.search(path):
                self.check_lines(path)
                self.check_functions(path)
                self.check_guard(path)
                self.check_borders(path)
                self.check_worlds(path)
                self.check_heap(path)
        return self.findings

    def check_any(self, path):
        for number, line in enumerate(self.text(path).split("\n"), 1):
            if FOREIGN_PATH.search(line):
                self.report(path, number, "path",
                            "names a directory of somebody's machine")

    def check_lines(self, path):
        text = self.text(path)
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if "\t" in line:
                self.report(path, number, "tab", "has a tab")
            if line != line.rstrip():
                self.report(path, number, "blank", "ends with a blank")
            if (len(line) > MAX_COLUMN and not UNBREAKABLE.match(line)
                    and not TABLES.match(path)):
                self.report(path, number, "column",
                            f"has {len(line)} columns, not {MAX_COLUMN}")
        if text and not text.endswith("\n"):
            self.report(path, len(lines), "blank", "has no last line break")
        if len(lines) - 1 > MAX_FILE and not TABLES.match(path):
            self.report(path, 1, "file",
                        f"has {len(lines) - 1} lines, not {MAX_FILE}")

    def check_functions(self, path):
        for name, line, length in functions(self.text(path)):
            if length > MAX_FUNCTION:
                self.report(path, line, "function",
                            f"{name} has {length} lines, not {MAX_FUNCTION}")

    def check_guard(self, path):
        if (not re.match(r"(include|src|emu)/.*\.(h|hpp)$", path)
                or TABLES.match(path) or PACKING.match(path)
                or path.endswith("_body.h")
                or HOST_HEADER.match(path.removeprefix(KM + "/"))):
            return  # meant to be read more than once
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", self.text(path), flags=re.S)
        code = [line.strip() for line in code.split("\n") if line.strip()]
        if len(code) == 1 and code[0].startswith("#include"):
            return  # another spelling of a header's name
        text = "\n".join(code)
        guard = re.match(r"#pragma once|#ifndef (\w+)\n#define \1\b", text)
        if not guard:
            self.report(path, 1, "guard", "has no include guard")

    def resolve(self, path, quote, name):
        """The file of the tree an #include means, or None."""
        if HOST_HEADER.match(name):
            return None
        places = [os.path.dirname(path)] if quote == '"' else []
        places += ["src", "emu", "include", "tests/support"]
        if not self.on_floor(path) and not path.startswith(RUN):
            places += [KM, KM + "/alias"]
        for place in places:
            candidate = os.path.normpath(os.path.join(place, name))
            if candidate in self.known:
                return candidate
        return None

    @staticmethod
    def on_floor(path):
        return path.startswith(tuple(room + "/" for room in FLOOR))

    def includes(self, path):
        text = re.sub(r"/\*.*?\*/", blank, self.text(path), flags=re.S)
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield line, match.group(1), match.group(2)

    def check_borders(self, path):
        room = next((r for r in sorted(BORDERS, key=len, reverse=True)
                     if path.startswith(r if r in PREFIXES else r + "/")), None)
        if room is None:
            return
        for line, quote, name in self.includes(path):
            self.check_host_header(path, room, line, name)
            if room in FLOOR + (RUN,) and name.lower() in self.km:
                self.report(path, line, "border",
                            f"{room} includes the km header {name}")
            target = self.resolve(path, quote, name)
            if target and not any(
                    target == allowed or target.startswith(allowed + "/")
                    for allowed in BORDERS[room]):
                self.report(path, line, "border",
                            f"{room} may not include {target}")

    def check_host_header(self, path, room, line, name):
        if not HOST_HEADER.match(name):
            return
        if path in NEUTRAL:
            self.report(path, line, "border", f"must not need {name}")
        elif room == "src/os" and not path.endswith(".c"):
            self.report(path, line, "border",
                        f"only .c files of src/os include {name}")
        elif room == RUN and not name.lower().startswith("uv"):
            pass
        elif room not in FLOOR:
            self.report(path, line, "border", f"{room} may not include {name}")

    def closure(self, path):
        """(km headers, host headers) a file sees, through the tree's files."""
        if path in self.closures:
            return self.closures[path]
        self.closures[path] = (set(), set())  # ends cycles
        km, host = set(), set()
        for _, quote, name in self.includes(path):
            target = self.resolve(path, quote, name)
            if target and target.startswith(KM + "/"):
                km.add(name)
            elif target:
                below = self.closure(target)
                km |= below[0]
                host |= below[1]
            elif HOST_HEADER.match(name):
                host.add(name)
        self.closures[path] = (km, host)
        return km, host

    def check_worlds(self, path):
        if not re.search(r"\.(c|cpp)$", path) or path.startswith("tests/km/"):
            return  # tests/km proves what mixing them answers
        km, host = self.closure(path)
        if km and host:
            self.report(path, 1, "worlds",
                        f"sees {sorted(km)[0]} and {sorted(host)[0]}")

    def check_heap(self, path):
        if (not re.match(r"(src|emu)/", path)
                or path.startswith(("src/os/", RUN))):
            return
        code = without_directives(without_comments(self.text(path)))
        for match in HEAP.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            self.report(path, line, "heap",
                        f"calls {match.group(1)}, not os__alloc and os__free")


def long_function(lines):
    return "int f(int a) {\n" + "  a++;\n" * (lines - 2) + "}\n"


# rule -> files of a tree in which this rule, and no other, finds something.
# The long words are put together here so that this file keeps the rules.
GUARDED = "#ifndef A_H\n#define A_H\n%s#endif\n"
HOME = "/ho" + "me/somebody"
BAD = {
    "function": [
        {"src/os/a.c": long_function(MAX_FUNCTION + 1)},
        {"emu/ke/a.c": 'extern "C" {\n' + long_function(MAX_FUNCTION + 1)
         + "}\n"},
        {"emu/ke/a.c": "/* { */\n#define X {\n"
         + long_function(MAX_FUNCTION + 1)},
    ],
    "file": [{"src/os/a.c": "int x;\n" * (MAX_FILE + 1)}],
    "column": [{"src/os/a.c": "/* " + "x" * 80 + " */\n"}],
    "tab": [{"src/os/a.c": "int\tx;\n"}],
    "blank": [{"src/os/a.c": "int x; \n"}, {"src/os/a.c": "int x;"}],
    "guard": [{"include/km/a.h": "int x;\n"},
              {"emu/ke/a.h": "#ifndef A_H\n#define B_H\n#endif\n"}],
    "path": [{"README.md": "See " + HOME + "/x.\n"},
             {"cmake/a.sh": "cd " + HOME + "/x\n"}],
    "heap": [{"emu/ex/a.c": "void *f(void) { return malloc(1); }\n"},
             {"src/wsk/a.c": "void f(void *p) { free(p); }\n"}],
    "border": [
        {"src/net/a.c": "#include <ntddk.h>\n"},
        {"src/loop/a.c": '#include "net/net.h"\n', "src/net/net.h":
         GUARDED % ""},
        {"emu/ke/a.c": "#include <uv.h>\n"},
        {"emu/ke/a.c": '#include "wsk/wsk_internal.h"\n',
         "src/wsk/wsk_internal.h": GUARDED % ""},
        {"emu/ke/a.c": '#include "loop/loop_internal.h"\n',
         "src/loop/loop_internal.h": GUARDED % ""},
        {"src/wsk/a.c": "#include <sys/socket.h>\n"},
        {"src/wsk/a.c": '#include "net/net_uv.h"\n',
         "src/net/net_uv.h": GUARDED % ""},
        {"src/verifier/a.c": '#include "ke/wait.h"\n',
         "emu/ke/wait.h": GUARDED % ""},
        {"src/host/a.c": "#include <uv.h>\n"},
        {"src/host/uwsk_run.c": "#include <ntddk.h>\n"},
        {"src/host/uwsk_run.c": '#include "host/runtime.h"\n',
         "src/host/runtime.h": GUARDED % ""},
        {"src/os/a.h": GUARDED % "#include <uv.h>\n"},
        {"src/loop/loop.h": GUARDED % "#include <uv.h>\n"},
        {"include/km/a.h": GUARDED % "#include <windows.h>\n"},
        {"include/km/a.h": GUARDED % '#include "os/os.h"\n',
         "src/os/os.h": GUARDED % ""},
        {"tests/conformance/test_a.c": '#include "ke/wait.h"\n',
         "emu/ke/wait.h": GUARDED % ""},
        {"examples/a.c": '#include "os/os.h"\n', "src/os/os.h": GUARDED % ""},
    ],
    "worlds": [
        {"tests/wsk/test_a.c": "#include <wsk.h>\n#include <uv.h>\n"},
        {"tests/wsk/test_a.c": '#include "b.h"\n#include <ntddk.h>\n',
         "tests/wsk/b.h": "#include <sys/socket.h>\n"},
    ],
}
GOOD = {
    "src/os/a.c": "#include <uv.h>\n#include <stdlib.h>\n"
    + long_function(MAX_FUNCTION),
    "src/net/a.c": "#include <uv.h>\n#include <ws2def.h>\n"
    + "#include <sys/socket.h>\n" + "int x;\n" * (MAX_FILE - 3),
    "src/loop/loop.h": GUARDED % "",
    "emu/ke/a.c": '#include <ntddk.h>\n#include "loop/loop.h"\n'
    "/* malloc(1) */\nstatic const char *s = \"free(\";\n"
    "void f(struct a *x) { x->free(x); }\n",
    "include/km/alias/Wsk.h": "#include <wsk.h>\n",
    "include/km/b.h": "#pragma once\n",
    "include/km/sys/socket.h": "#error " + "x" * 90 + "\n",
    "include/km/a_table.h": ("X(" + "1" * 90 + ")\n") * (MAX_FILE + 1),
    "tests/net/test_a.c": '#include "net/net.h"\n#include <uv.h>\n',
    "src/net/net.h": GUARDED % "",
    "README.md": "Set `PATH=$HOME/x`, see https://example.org/home/x.\n",
}
KM_HEADERS = {"include/km/ntddk.h": GUARDED % "",
              "include/km/wsk.h": GUARDED % "",
              "include/km/ws2def.h": GUARDED % ""}


def findings_of(files):
    with tempfile.TemporaryDirectory() as tree:
        for path, text in {**KM_HEADERS, **files}.items():
            full = os.path.join(tree, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return House(tree).check()


def self_test():
    failures = 0
    for rule, trees in BAD.items():
        for files in trees:
            found = {finding[2] for finding in findings_of(files)}
            if found != {rule}:
                failures += 1
                print(f"a breach of '{rule}' was reported as "
                      f"{sorted(found) or 'nothing'}: {sorted(files)}")
    for finding in findings_of(GOOD):
        failures += 1
        print("a clean tree was reported:", *finding)
    controls = sum(map(len, BAD.values()))
    print(f"{controls} bad trees and a good one: {failures} wrong answers")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    tree = arguments[0] if arguments else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..")
    house = House(tree)
    for path, line, rule, message in house.check():
        print(f"{path}:{line}: {rule}: {message}")
    print(f"{len(house.files)} files, {len(house.findings)} findings")
    return 1 if house.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
