#!/usr/bin/env python3
"""Checks that the tests prove the rules.

    check_rules.py COMMAND…

COMMAND… --list prints group, test and rule ids, one test a line, by tabs. Every
rule must be named by a test, or name the entry of docs/differences.md that says
why none can be (differences.tsv), or stand, with a reason, in not_yet.tsv. What
a Windows host cannot show stands in windows.tsv: tests that are left out there
are no fault. No test may name a rule that does not exist. Rules of the kind
client-duty are about the client: tests may name them.
"""
import sys

import rules as tables


def named_rules(command, rules):
    named = {}
    for group, test, ids in tables.listed(command):
        for rule in ids:
            named.setdefault(rule, []).append(f"{group}: {test}")
    for source, test, ids in tables.unit_tests(rules):
        for rule in ids:
            named.setdefault(rule, []).append(f"{source}: {test}")
    return named


def check_tests(named, rules):
    for id in sorted(named):
        if id not in rules:
            yield f"{id} is no rule, but {named[id][0]} names it"


def check_not_yet(not_yet, wanted, named):
    for id in sorted(not_yet):
        if id not in wanted:
            yield f"{id} in not_yet.tsv is not a rule to be tested"
        elif id in named:
            yield f"{id} is in not_yet.tsv, but {named[id][0]} tests it"
        elif not not_yet[id]:
            yield f"{id} in not_yet.tsv has no reason"


def check_differences(differences, rules, not_yet):
    entries = tables.entries()
    for id in sorted(differences):
        if id not in rules:
            yield f"{id} in differences.tsv is no rule"
        if id in not_yet:
            yield f"{id} is in differences.tsv and in not_yet.tsv"
        if differences[id] not in entries:
            yield (f"{id} in differences.tsv names {differences[id]}, which "
                   "is no entry of docs/differences.md")
    for anchor, lines in entries.items():
        for part in tables.PARTS:
            if not any(line.startswith(part) for line in lines):
                yield f"docs/differences.md: #{anchor} has no line “{part}…”"


def main():
    rules = tables.all_rules()
    not_yet = tables.not_yet()
    differences = tables.differences()
    windows = tables.on_windows()
    named = named_rules(sys.argv[1:], rules)
    wanted = {id for id, row in rules.items()
              if row["kind"] != "client-duty"}
    answered = set(named) | set(not_yet) | set(differences)
    if sys.argv[-1].endswith(".exe"):
        answered |= set(windows)
    faults = [*check_tests(named, rules),
              *check_not_yet(not_yet, wanted, named),
              *check_differences(differences, rules, not_yet),
              *(f"{id} in windows.tsv is no rule"
                for id in sorted(set(windows) - set(rules))),
              *(f"{id} is not tested: {rules[id]['rule']}"
                for id in sorted(wanted - answered))]
    for fault in faults:
        print(fault)
    print(f"{len(wanted)} rules, {len(wanted & set(named))} tested, "
          f"{len(wanted & set(differences))} differ, "
          f"{len(wanted & set(not_yet))} not yet, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
