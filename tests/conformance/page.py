#!/usr/bin/env python3
"""Writes docs/conformance.md, or says whether it is what the tests show.

    page.py PROGRAMS RESULTS --write      writes the page
    page.py PROGRAMS RESULTS --compare    fails when it is another

RESULTS holds what the conformance tests of one run came to, a file for each
group and mode of the loop (`--results FILE` of such a program). Unit tests that
name a rule in their comment are run here: PROGRAMS is where their programs are.
"""
import collections
import pathlib
import re
import subprocess
import sys

import rules as tables

PAGE = tables.ROOT / "docs" / "conformance.md"
VERIFIER = tables.ROOT / "src" / "verifier" / "rules.h"
UPDATE = "tests/conformance/update_page.sh"
MODES = ("auto", "stepped")

HEAD = f"""\
# What is proven

Generated from a run of the tests by `{UPDATE}`; not to be edited.

What a WSK client may rely on, rule by rule
([`wsk-rules.tsv`](../tests/spec/wsk-rules.tsv)), and what proves it: tests of
[`tests/conformance`](../tests/conformance), as `group`: test, and unit tests, as
`file`: test. A test runs in both modes of the loop and, where addresses matter, over
IPv4 and IPv6; the result counts these runs.

Duties of the client have no result when nothing is seen of a breach. What cannot be
proven in user mode names its entry in [differences](differences.md).

"""


class Proofs:
    """rule -> where -> test -> [passed, …]"""

    def __init__(self):
        self.of = collections.defaultdict(dict)

    def add(self, rule, where, test, passed):
        self.of[rule].setdefault((where, test), []).append(passed)


def source_exists(group):
    return any((tables.ROOT / "tests").glob(f"*/test_{group}.c"))


def read_results(directory, proofs):
    for path in sorted(pathlib.Path(directory).glob("*.tsv")):
        if not source_exists(path.name.split(".")[0]):
            continue  # of a run before the group went
        for line in path.read_text(encoding="utf-8").splitlines():
            group, test, result, ids = line.split("\t")
            for rule in ids.split():
                proofs.add(rule, group, test, result == "passed")


def passed_tests(program, mode):
    output = subprocess.run([program], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False,
                            env={"UWSK_LOOP": mode}).stdout
    return set(re.findall(r"^\[ +OK \] (\w+)", output, re.MULTILINE))


def run_unit_tests(programs, rules, proofs):
    by_source = collections.defaultdict(list)
    for source, test, ids in tables.unit_tests(rules):
        by_source[source].append((test, ids))
    for source, tests in by_source.items():
        folder, stem = re.fullmatch(r"tests/(.*)/test_(\w+)\.c",
                                    source).groups()
        name = f"test_{folder.replace('/', '_')}_{stem}"
        for mode in MODES:
            passed = passed_tests(pathlib.Path(programs) / name, mode)
            for test, ids in tests:
                for rule in ids:
                    proofs.add(rule, source, test, test in passed)


def reported():
    """The ids of what the verifier reports."""
    return set(re.findall(r'X\(\w+,\s*"([\w-]+)"',
                          VERIFIER.read_text(encoding="utf-8")))


def tests_cell(proofs):
    by_group = collections.defaultdict(list)
    for where, test in proofs:
        by_group[where].append(test)
    return "<br>".join(f"`{where}`: {', '.join(tests)}"
                       for where, tests in by_group.items())


def result_cell(proofs):
    runs = [passed for results in proofs.values() for passed in results]
    word = "passed" if all(runs) else "**FAILED**"
    return f"{word}, {sum(runs)} of {len(runs)}"


class Answers:
    def __init__(self, proofs):
        self.proofs = proofs
        self.not_yet = tables.not_yet()
        self.differences = tables.differences()
        self.entries = tables.entries()
        self.reported = reported()

    def difference(self, id):
        anchor = self.differences[id]
        title = self.entries.get(anchor, [anchor])[0]
        return f"[{title}](differences.md#{anchor})"

    def of(self, id, row):
        """(kind of answer, what proves it, result)"""
        proofs = self.proofs.of.get(id)
        duty = row["kind"] == "client-duty"
        if proofs:
            cell = tests_cell(proofs)
            if id in self.differences:
                cell += f"<br>see {self.difference(id)}"
            kind = "reported" if duty else "proven"
            return kind, cell, result_cell(proofs)
        if id in self.differences:
            return "differs", self.difference(id), "differs"
        if duty:
            what = ("the verifier reports a breach" if id in self.reported
                    else "nothing looks for a breach")
            return "duty", f"client duty: {what}", "–"
        reason = self.not_yet.get(id, "no test")
        return "not yet", reason, "not yet"


KINDS = {
    "proven": "proven by tests",
    "reported": "duties of the client whose breach, or keeping, tests show",
    "duty": "other duties of the client",
    "differs": "not to be proven in user mode, or different",
    "not yet": "not yet proven",
}


def escape(text):
    return text.replace("|", "\\|")


def sections(rules, answers):
    """Yields the lines of the tables; counts the kinds of answers."""
    count = collections.Counter()
    group, lines = None, []
    for id, row in rules.items():
        prefix = id.rsplit("-", 1)[0]
        if prefix != group:
            group = prefix
            lines += ["", f"## {group}", "", "| rule | of | | proof | result |",
                      "|---|---|---|---|---|"]
        kind, proof, result = answers.of(id, row)
        count[kind] += 1
        cells = (id, row["function"], row["rule"], proof, result)
        lines.append(f"| {' | '.join(map(escape, cells))} |")
    return count, lines


def windows():
    lines = ["", "## On Windows hosts", "",
             "These rows are of a Linux host. The tests also run on Windows, "
             "which is Wine, and there", "show less:", "",
             "| rule | not shown |", "|---|---|"]
    return lines + [f"| {id} | {escape(reason)} |"
                    for id, reason in tables.on_windows().items()]


def page(programs, results):
    rules = tables.all_rules()
    proofs = Proofs()
    read_results(results, proofs)
    run_unit_tests(programs, rules, proofs)
    count, lines = sections(rules, Answers(proofs))
    summary = ["| rules | |", "|---:|---|"]
    summary += [f"| {count[kind]} | {what} |" for kind, what in KINDS.items()
                if count[kind]]
    summary.append(f"| {len(rules)} | together |")
    return HEAD + "\n".join(summary + lines + windows()) + "\n"


def main():
    if len(sys.argv) != 4 or sys.argv[3] not in ("--write", "--compare"):
        sys.exit(__doc__)
    new = page(sys.argv[1], sys.argv[2])
    failed = "**FAILED**" in new
    if sys.argv[3] == "--write":
        PAGE.write_text(new, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != new:
        print(f"docs/conformance.md is not what this run shows: {UPDATE}")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
