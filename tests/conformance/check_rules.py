#!/usr/bin/env python3
"""Checks that the tests prove the rules.

    check_rules.py wsk-rules.tsv not_yet.tsv COMMAND… --list

The command prints group, test and rule ids, one test a line, by tabs. Every
rule about what connection and listening sockets and names do must be named by
a test or stand, with a reason, in not_yet.tsv, and never both; no test may name
a rule that does not
exist. Rules of the kind client-duty are about the client: tests may name them.
"""
import csv
import subprocess
import sys

# The groups of rules that connection and listening sockets and names touch.
GROUPS = set(
    "REGISTER DEREG CAPTURE RELNPI QUERYCH IRP SOCKET SOCKETCONNECT BIND "
    "CONNECT CONNECTEX SEND RECV DISC CLOSE GETLOCAL GETREMOTE BUF OBS IRQL "
    "FLAGS ACCEPT ACCEPTEV ADDRINFO FREEADDR NAMEINFO".split())


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))


def named_rules(command):
    output = subprocess.run(command, check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    named = {}
    for line in output.splitlines():
        group, test, ids = line.rstrip("\r").split("\t")
        for rule in ids.split():
            named.setdefault(rule, []).append(f"{group}: {test}")
    return named


def main():
    rules = {row["id"]: row for row in rows(sys.argv[1])}
    not_yet = {row["id"]: row["reason"] for row in rows(sys.argv[2])}
    named = named_rules(sys.argv[3:])
    wanted = {id for id, row in rules.items()
              if id.rsplit("-", 1)[0] in GROUPS
              and row["kind"] != "client-duty"}
    faults = []
    for id in sorted(named):
        if id not in rules:
            faults.append(f"{id} is no rule, but {named[id][0]} names it")
    for id in sorted(not_yet):
        if id not in wanted:
            faults.append(f"{id} in not_yet.tsv is not a rule to be tested")
        elif id in named:
            faults.append(f"{id} is in not_yet.tsv, but {named[id][0]} "
                          "tests it")
        elif not not_yet[id]:
            faults.append(f"{id} in not_yet.tsv has no reason")
    for id in sorted(wanted - set(named) - set(not_yet)):
        faults.append(f"{id} is not tested: {rules[id]['rule']}")
    for fault in faults:
        print(fault)
    print(f"{len(wanted)} rules, {len(wanted & set(named))} tested, "
          f"{len(wanted & set(not_yet))} not yet, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
