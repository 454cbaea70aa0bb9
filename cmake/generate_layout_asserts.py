#!/usr/bin/env python3
"""Turns the table of Windows' x64 layouts into rows a C file can assert.

    generate_layout_asserts.py TABLE SKIPS HEADERS OUTPUT
    generate_layout_asserts.py TABLE SKIPS HEADERS --check

TABLE has the columns type, member, offset_or_size, source. HEADERS is the
directory of the km headers. OUTPUT gets one line per row:

    SIZE(type, n)  ALIGN(type, n)  OFFSET(type, member, n)
    BITS(type, member, first, end)     a bit-field lies in these bytes

SKIPS lists, as type, member pattern and reason, what is left out. Nothing is
left out in silence: a type the headers do not declare must be in SKIPS, and a
skip that fits no row, or a type the headers do declare after all, is wrong.
--check fails for these; a build only warns, so that whoever adds a type can
compile before the list is right. A member out of place stops both.
"""
import fnmatch
import os
import re
import sys

BITFIELD = "(bitfield)"


def read_table(path):
    rows = []
    with open(path, encoding="utf-8") as table:
        next(table)
        for line in table:
            kind, member, value = line.rstrip("\n").split("\t")[:3]
            rows.append((kind, member, int(value, 16)))
    return rows


def read_skips(path):
    skips = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            parts = line.rstrip("\n").split("\t")
            if len(parts) != 3 or not parts[2].strip():
                sys.exit(f"{path}:{number}: type, member, reason expected")
            skips.append(tuple(parts))
    return skips


def declared_names(folder):
    """Names that a typedef of the headers ends in."""
    names = set()
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".h"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as header:
            text = re.sub(r"/\*.*?\*/", " ", header.read(), flags=re.S)
        for tail in re.findall(r"\}([^;{}]*);", text):
            names.update(re.findall(r"\b[A-Za-z_]\w*\b", tail))
        for body in re.findall(r"\btypedef\b([^;{}()]*);", text):
            names.update(re.findall(r"\b[A-Za-z_]\w*\b", body))
    return names


def is_skipped(row, skips, used):
    for skip in skips:
        if skip[0] == row[0] and fnmatch.fnmatchcase(row[1], skip[1]):
            used.add(skip)
            return True
    return False


def check_types(rows, skips, names):
    """Complaints about types without an owner."""
    wrong = []
    whole = {s[0] for s in skips if s[1] == "*"}
    for kind in dict.fromkeys(r[0] for r in rows):
        if kind not in names and kind not in whole:
            wrong.append(f"{kind} is in the table, but no km header declares"
                         " it and no skip says why")
        if kind in names and kind in whole:
            wrong.append(f"{kind} is skipped, but a km header declares it")
        members = {r[1] for r in rows if r[0] == kind}
        if not {"sizeof", "alignof"} <= members:
            wrong.append(f"{kind} lacks its sizeof or alignof row")
    return wrong


def format_row(row, rows):
    kind, member, value = row
    if member == "sizeof":
        return f"SIZE({kind}, {value:#x})"
    if member == "alignof":
        return f"ALIGN({kind}, {value:#x})"
    if not member.endswith(BITFIELD):
        return f"OFFSET({kind}, {member}, {value:#x})"
    # The table gives the storage unit. It ends where the next member starts.
    later = [r[2] for r in rows if r[0] == kind and r[2] > value
             and r[1] not in ("sizeof", "alignof")]
    size = next(r[2] for r in rows if r[:2] == (kind, "sizeof"))
    end = min(later + [size])
    return (f"BITS({kind}, {member[:-len(BITFIELD)]}, {value:#x}, {end:#x})")


def main(table, skip_file, headers, output):
    rows, skips, used = read_table(table), read_skips(skip_file), set()
    names = declared_names(headers)
    kept = [r for r in rows if not is_skipped(r, skips, used) and r[0] in names]
    wrong = check_types(rows, skips, names)
    wrong += [f"skip {s[0]} {s[1]} fits no row of the table"
              for s in skips if s not in used]
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
    if output == "--check":
        print(f"{len(kept)} of {len(rows)} rows are asserted")
        sys.exit(1 if wrong or not kept else 0)
    text = "".join(format_row(r, rows) + "\n" for r in kept)
    with open(output, "w", encoding="utf-8") as out:
        out.write(f"/* {len(kept)} of {len(rows)} rows. */\n{text}")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
