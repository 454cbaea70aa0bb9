#!/usr/bin/env python3
"""Says whether the headers tell how what a function gives is given back.

    owners.py [TREE]

tests/spec/owners.tsv names the function that ends what another begins, or who
else does, as the documentation has it; "-" where there is nothing to end.

 - Each row is of a function that include/km declares, and each function that
   allocates, creates, opens or duplicates, by its name, has a row.
 - The comment over its declaration, that of its section or that of the file
   names it. A group of declarations has one comment.
"""
import csv
import pathlib
import re
import sys

import irql

MAKES = re.compile(r"^[A-Z][a-z]+(Allocate|Create|Open|Duplicate)")


def rows_of(tree):
    path = tree / "tests" / "spec" / "owners.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["function"]: row["releases"]
                for row in csv.DictReader(file, delimiter="\t")}


def unlisted(declared, rows):
    names = {name for _, name, _ in declared}
    for name in sorted(names - rows.keys()):
        if MAKES.match(name):
            yield f"{name} has no row in owners.tsv"
    for name in sorted(rows.keys() - names):
        yield f"{name} has a row, and is not declared"


def unsaid(declared, rows):
    texts = {}
    for path, name, at in declared:
        wanted = rows.get(name, "-")
        if wanted == "-":
            continue
        text = texts.setdefault(path, path.read_text(encoding="utf-8"))
        comments = [*irql.comments_over(text, at),
                    irql.COMMENT.search(text)[0]]
        said = " ".join(re.sub(r"\s*\n\s*\*\s*", " ", comment)
                        for comment in comments)
        if wanted not in said:
            yield f"{path.name}: no comment over {name} names {wanted}"


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                        else pathlib.Path(__file__).parents[2])
    declared = list(irql.declarations(tree))
    rows = rows_of(tree)
    findings = [*unlisted(declared, rows), *unsaid(declared, rows)]
    for finding in findings:
        print(finding)
    print(f"{len(rows)} functions, {len(findings)} findings")
    return 1 if findings or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
