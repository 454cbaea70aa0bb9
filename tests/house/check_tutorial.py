#!/usr/bin/env python3
"""Every fenced block of a page is a part of a file that the tests build.

    check_tutorial.py PAGE FOLDER

A block follows a comment <!-- FILE PART -->, and is what stands in FOLDER/FILE
between the comments "tutorial: PART" and "tutorial: end"; without a PART it is
all of the file. Parts that no block shows are findings, too.
"""
import os
import re
import sys

BLOCK = re.compile(r"(?:<!-- (\S+)(?: (\S+))? -->\n)?^```\w*\n(.*?)^```$",
                   re.M | re.S)
MARK = re.compile(r"^(?:/\*|#) tutorial: (\w+)(?: \*/)?\n", re.M)


def parts(text):
    """Name -> text of the marked parts."""
    found, name, start = {}, None, 0
    for mark in MARK.finditer(text):
        if mark.group(1) == "end":
            found[name] = text[start:mark.start()]
        else:
            name, start = mark.group(1), mark.end()
    return found


def main(page, folder):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    findings, shown = [], set()
    blocks = list(BLOCK.finditer(text))
    for block in blocks:
        name, part, content = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        path = os.path.join(folder, name or "")
        if not name or not os.path.isfile(path):
            findings.append(f"{page}:{line}: this block names no file")
            continue
        with open(path, encoding="utf-8") as file:
            whole = file.read()
        expected = parts(whole).get(part) if part else whole
        if content != expected:
            findings.append(f"{page}:{line}: this is not {name} {part or ''}")
        shown.add((name, part))
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            for part in parts(file.read()):
                if (name, part) not in shown:
                    findings.append(f"{page}: {name} {part} is not shown")
    print("\n".join(findings + [f"{len(blocks)} blocks, "
                                f"{len(findings)} findings"]))
    return 1 if findings or not blocks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
