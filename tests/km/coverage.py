#!/usr/bin/env python3
"""Writes docs/coverage.md, or says whether it is true.

    coverage.py --write     writes the page
    coverage.py --compare   fails when the page is not true: a symbol has come or
                            gone, or a test that it names knows nothing of it

The census (tests/spec/api-census.tsv) lists what drivers with WSK clients use.
A symbol is there when the headers know it; a function also has to have a body.
A test covers a symbol when it names it; the page names the two that do so most.
Tests may come without the page being written again.
"""
import collections
import csv
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CENSUS = ROOT / "tests" / "spec" / "api-census.tsv"
PAGE = ROOT / "docs" / "coverage.md"
HEADERS = ROOT / "include" / "km"
SOURCES = ("emu", "src/wsk", "src/netio", "src/host")
TESTS = ("tests",)
SHOWN = 2

WORD = re.compile(r"[A-Za-z_]\w*")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
# A body begins at the left margin; its parameters may fill several lines.
BODY = re.compile(r"^[A-Za-z_][\w \t*]*?\**\b(\w+)\([^;{}]*\)\s*\{", re.M)
NAMED_ALONE = re.compile(r"^(\w+)\([^;{}]*\)\s*\{", re.M)
INLINE = re.compile(r"\bUWSK_INLINE\b[^;{}#]*?\b(\w+)\s*\(")
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.M)

# Families whose names a macro puts together: that a test names one, and
# compiles, is the only sign of it.
FAMILY = re.compile(r"RtlString(Cb|Cch)\w+[AW]|Rtl[A-Z]\w+(Add|Sub|Mult|To\w+)")
# What the compiler brings, or the host's C library.
HOSTED = {"stdarg.h", "stddef.h", "stdint.h", "stdlib.h", "string.h"}

HEAD = """\
# What is covered

Written by `tests/km/coverage.py --write`; not to be edited. A test says whether it
is true.

What 25 drivers with WSK clients use of the kernel
([`api-census.tsv`](../tests/spec/api-census.tsv)), whether uwsk has it, and which
tests name it. How the language of drivers is dealt with stands in
[porting](porting.md). A symbol that is missing does not compile: nothing is declared
that does not work.

"""


def text_of(path):
    return COMMENT.sub(" ", path.read_text(encoding="utf-8", errors="replace"))


def files(folders, *endings):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and path.is_file():
                yield path


class Tree:
    def __init__(self):
        self.headers = {p.name.lower() for p in HEADERS.rglob("*.h")}
        text = "\n".join(text_of(p) for p in sorted(HEADERS.rglob("*.h")))
        self.words = set(WORD.findall(text))
        self.bodies = set(DEFINE.findall(text)) | set(INLINE.findall(text))
        for path in files(SOURCES, ".c", ".cpp", ".h"):
            source = text_of(path)
            self.bodies |= set(BODY.findall(source))
            self.bodies |= set(NAMED_ALONE.findall(source))
            self.bodies |= set(DEFINE.findall(source))
        self.tests = {}
        for path in files(TESTS, ".c", ".cpp", ".h"):
            counts = collections.Counter(WORD.findall(text_of(path)))
            self.tests[path.relative_to(ROOT).as_posix()] = counts

    def tested_by(self, name):
        found = [(-counts[name], path) for path, counts in self.tests.items()
                 if counts[name]]
        return [path for _, path in sorted(found)[:SHOWN]]


def name_of(row):
    """What to look for: a member, a header's file, or the symbol itself."""
    symbol = row["symbol"]
    if row["kind"] == "field":
        return symbol.rsplit(".", 1)[-1]
    if row["kind"] == "header":
        return symbol.split("<")[-1].rstrip(">")
    return symbol


def state_of(row, tree):
    """yes, no, the host's, or "declared only", which must not be."""
    name = name_of(row)
    if row["header"] in HOSTED:
        return "the host's"
    if FAMILY.fullmatch(name) and tree.tested_by(name):
        return "yes"
    if row["kind"] == "header":
        return "yes" if name.lower() in tree.headers else "no"
    if name not in tree.words:
        return "no"
    if row["kind"] == "function" and name not in tree.bodies:
        return "declared only"
    return "yes"


def read_census(tree):
    rows = []
    with CENSUS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] == "language" or row["header"].startswith("WPP"):
                continue
            if state_of(row, tree) == "the host's":
                continue
            row["state"] = state_of(row, tree)
            row["tests"] = ([] if row["kind"] == "header"
                            else tree.tested_by(name_of(row)))
            rows.append(row)
    return rows


# ---- the page -----------------------------------------------------------

def link(path):
    return f"[`{path.split('/', 1)[1]}`](../{path})"


def line_of(row):
    tests = "<br>".join(link(path) for path in row["tests"])
    return (f"| `{row['symbol']}` | {row['kind']} | {row['clients']} | "
            f"{row['state']} | {tests} |\n")


def table(rows):
    rows = sorted(rows, key=lambda r: (-int(r["clients"]), r["symbol"]))
    return ("| symbol | kind | drivers | there | tests |\n"
            "|---|---|---:|---|---|\n" + "".join(map(line_of, rows)) + "\n")


def summary(rows):
    text = "| | symbols | there | with a test |\n|---|---:|---:|---:|\n"
    kinds = sorted({row["kind"] for row in rows})
    for kind in kinds + ["together"]:
        of = [r for r in rows if kind in (r["kind"], "together")]
        there = [r for r in of if r["state"] == "yes"]
        tested = [r for r in there if r["tests"]]
        text += f"| {kind} | {len(of)} | {len(there)} | {len(tested)} |\n"
    return text + "\n"


def page_of(rows):
    missing = [row for row in rows if row["state"] != "yes"]
    text = HEAD + summary(rows)
    text += "## What is not there\n\n" + table(missing)
    headers = collections.defaultdict(list)
    for row in rows:
        if row["state"] == "yes":
            headers[row["header"]].append(row)
    for header in sorted(headers):
        text += f"## {header}\n\n" + table(headers[header])
    return text.rstrip() + "\n"


# ---- comparing ----------------------------------------------------------

CELLS = re.compile(r"^\| `(?P<symbol>.+?)` \| (?P<kind>[^|]*) \| [^|]* \| "
                   r"(?P<state>[^|]*) \| (?P<tests>.*) \|$", re.M)
TARGET = re.compile(r"\]\(\.\./([^)]+)\)")


def faults(rows, page, tree):
    said = {(m["symbol"], m["kind"]): m for m in CELLS.finditer(page)}
    for row in rows:
        match = said.pop((row["symbol"], row["kind"]), None)
        if match is None:
            yield f"{row['symbol']} is not on the page"
            continue
        if match["state"].strip() != row["state"]:
            yield (f"{row['symbol']}: the page says {match['state'].strip()!r}, "
                   f"the tree {row['state']!r}")
        for path in TARGET.findall(match["tests"]):
            if not tree.tests.get(path, {}).get(name_of(row)):
                yield f"{path} does not name {row['symbol']}"
    for symbol, _ in said:
        yield f"{symbol} is not in the census"


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in ("--write", "--compare"):
        sys.exit(__doc__)
    tree = Tree()
    rows = read_census(tree)
    declared = [r["symbol"] for r in rows if r["state"] == "declared only"]
    for symbol in declared:
        print(f"{symbol} is declared, and has no body")
    if sys.argv[1] == "--write":
        PAGE.write_text(page_of(rows), encoding="utf-8")
        return
    found = list(faults(rows, PAGE.read_text(encoding="utf-8"), tree))
    for fault in found:
        print(fault)
    if found:
        print("tests/km/coverage.py --write writes the page again")
    sys.exit(1 if found or declared else 0)


if __name__ == "__main__":
    main()
