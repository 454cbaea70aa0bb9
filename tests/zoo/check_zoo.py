#!/usr/bin/env python3
"""Says whether the zoo has a specimen of every rule of src/verifier/rules.h.

A rule without one stands in without.tsv, with the reason. Such a row goes when
the specimen comes, and when the rule goes.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "verifier"))
import rules_page  # noqa: E402


def excused():
    for line in (HERE / "without.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            id, reason = line.split("\t")
            yield id, reason


def complaints():
    rules = {rule["id"] for rule in rules_page.all_rules()}
    shown = {rule for _, rule, _, _ in rules_page.all_specimens()}
    without = dict(excused())
    for id in sorted(rules - shown - without.keys()):
        yield f"{id} has no specimen, and no row in without.tsv"
    for id in sorted(without.keys() & shown):
        yield f"{id} has a specimen: its row in without.tsv can go"
    for id in sorted((without.keys() | shown) - rules):
        yield f"{id} is no rule"
    for id, reason in without.items():
        if len(reason) < 10:
            yield f"{id} has no reason in without.tsv"


def main():
    found = list(complaints())
    for complaint in found:
        print(complaint)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
