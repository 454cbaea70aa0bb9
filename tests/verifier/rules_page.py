#!/usr/bin/env python3
"""Writes docs/rules.md, or says whether it is what the tree holds.

    rules_page.py --write      writes the page
    rules_page.py --compare    fails when it is another, or when a rule has no
                               test that breaks it, or the duty of another

The rules are those of src/verifier/rules.h. The tests are found by the rule's
name in them: VF_SYMBOL or "ID" in a test's function, or an id in the comment in
front of it or in the table of conformance tests.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "rules.md"
RULES = ROOT / "src" / "verifier" / "rules.h"
BUGCHECKS = ROOT / "src" / "verifier" / "bugchecks.h"

HEAD = """\
# The verifier's rules

Generated from [`src/verifier/rules.h`](../src/verifier/rules.h) and the tests by
`tests/verifier/rules_page.py --write`; not to be edited. How to use them:
[`verifier.md`](verifier.md).

*Violation*: Windows misbehaves. *Warning*: the documentation forbids it; clients do it
and get away with it. *Note*: worth knowing, and harmless.

Each rule has tests that break it (⚡) and see the report, and tests that name it and keep
it (✓), after which nothing may have been reported. So it is with every test of the tree: a
report that a test does not expect fails it. A test is named as `folder/file`: test.

The example of a rule is a specimen of [the zoo](../tests/zoo/zoo.h): a piece of a driver
that makes this mistake and no other; its corrected twin stands beside it.
"""

# In front of a function may stand a comment, which speaks of it.
TEST = re.compile(
    r"(?:/\*((?:[^*]|\*(?!/))*)\*/\n)?"
    r"static (?:void|VOID)\s(?:NTAPI )?(\w+)\([^)]*\) \{\n(.*?)\n\}\n", re.S)
LISTED = re.compile(r"\bTEST(?:_[A-Z]+)*\(\s*(\w+),\s*((?:\"[^\"]*\"\s*)+)\)")
# A row of a table of the zoo: the rule, and the function that breaks it.
SPECIMEN = re.compile(
    r'\bSPECIMEN(?:_\w+)?\(\s*"([^"]+)",\s*(\w+),\s*(\w+)\)')
RUN = re.compile(r"\b[A-Z_]*TEST[A-Z_]*\(\s*(\w+)"
                 r"|\bcmocka_unit_test\w*\(\s*(\w+)")


def strings(text):
    return "".join(re.findall(r'"((?:\\.|[^"\\])*)"', text))


def arguments(text, at):
    """The arguments of the macro call whose first one begins at `at`."""
    found, depth, current = [], 1, ""
    for token in re.finditer(r'"(?:\\.|[^"\\])*"|[^"]', text[at:]):
        word = token.group()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0:
            return found + [current.strip()]
        if word == "," and depth == 1:
            found.append(current.strip())
            current = ""
        else:
            current += word
    raise ValueError("a row has no end")


def all_rules():
    text = RULES.read_text(encoding="utf-8").replace("\\\n", "\n")
    text = text[text.index("define VF_RULES"):]
    for row in re.finditer(r"\n\s*X\(", text):
        symbol, id, level, what, bugcheck, windows, page = arguments(
            text, row.end())
        yield {"symbol": "VF_" + symbol, "id": strings(id),
               "level": level.lower(), "what": strings(what),
               "bugcheck": bugcheck, "windows": strings(windows),
               "page": strings(page)}


def bugcheck_codes():
    return dict(re.findall(r"X\((\w+),\s*(0x[0-9A-F]+)\)",
                           BUGCHECKS.read_text(encoding="utf-8")))


class Test:
    """A function that a test program runs as a test."""

    def __init__(self, path, comment, name, body, ids):
        folder = path.parent.relative_to(ROOT / "tests").as_posix()
        self.where = f"{folder}/{path.stem.removeprefix('test_')}"
        self.name = name
        self.comment = comment + " " + ids
        self.body = body
        # Looked at first: most tests know nothing of most rules.
        self.symbols = set(re.findall(r"\bVF_\w+", body))
        self.strings = set(re.findall(r'"(?:WSK-)?([^"\n]*)"', body))

    def words(self, rule):
        """Where the body names the rule, with the line it stands in."""
        if (rule["symbol"] not in self.symbols
                and rule["id"] not in self.strings):
            return
        name = rf'\b{rule["symbol"]}\b|"(?:WSK-)?{re.escape(rule["id"])}"'
        for match in re.finditer(name, self.body):
            start = self.body.rfind(";", 0, match.start()) + 1
            end = self.body.find(";", match.end())
            yield self.body[start:end]

    def breaks(self, rule):
        return any(not self.is_silence(statement)
                   for statement in self.words(rule))

    @staticmethod
    def is_silence(statement):
        return (re.search(r"CHECK_EQUAL\(0,|_count\([^)]*\), 0\)", statement)
                or "host_heed" in statement)

    def keeps(self, rule):
        if self.breaks(rule):
            return False
        if any(True for _ in self.words(rule)):
            return True
        return rule["id"] in self.comment and re.search(
            rf'(?<![\w-]){re.escape(rule["id"])}(?![\w-])', self.comment)


def all_tests():
    for path in sorted((ROOT / "tests").rglob("test_*.c")):
        text = path.read_text(encoding="utf-8")
        listed = {name: strings(ids) for name, ids in LISTED.findall(text)}
        run = {a or b for a, b in RUN.findall(text)}
        for comment, name, body in TEST.findall(text):
            if name in run:
                yield Test(path, comment or "", name, body,
                           listed.get(name, ""))


def all_specimens():
    """(file, rule, mistake, corrected) of every row of the zoo's tables."""
    for path in sorted((ROOT / "tests" / "zoo").glob("test_*.c")):
        for row in SPECIMEN.findall(path.read_text(encoding="utf-8")):
            yield path.name, *row


def examples(rule, specimens):
    return ", ".join(f"[{mistake}](../tests/zoo/{file})"
                     for file, id, mistake, _ in specimens if id == rule["id"])


class Half:
    """One half of a specimen of the bug zoo."""

    def __init__(self, path, name, broken=None, kept=None):
        self.where = f"zoo/{path.stem.removeprefix('test_')}"
        self.name, self.broken, self.kept = name, broken, kept

    def breaks(self, rule):
        return self.broken == rule["id"]

    def keeps(self, rule):
        return self.kept == rule["id"]


def all_halves():
    for path in sorted((ROOT / "tests" / "zoo").glob("test_*.c")):
        seen = set()
        for id, mistake, corrected in SPECIMEN.findall(
                path.read_text(encoding="utf-8")):
            yield Half(path, mistake, broken=id)
            if (id, corrected) not in seen:
                yield Half(path, corrected, kept=id)
            seen.add((id, corrected))


def cell(mark, tests):
    by_file = {}
    for test in tests:
        by_file.setdefault(test.where, []).append(test.name)
    return [f"{mark} `{where}`: {', '.join(names)}"
            for where, names in by_file.items()]


def escape(text):
    return text.replace("|", "\\|")


def on_windows(rule, codes):
    if rule["bugcheck"] == "NONE":
        return rule["windows"]
    name = f"{rule['bugcheck']} ({codes[rule['bugcheck']]})"
    return f"{name} {rule['windows']}".strip()


def page():
    """(the page, the ids of rules that no test breaks)"""
    codes, tests = bugcheck_codes(), [*all_tests(), *all_halves()]
    specimens = list(all_specimens())
    lines, unproven = [], []
    for rule in sorted(all_rules(), key=lambda rule: rule["id"]):
        breaking = [t for t in tests if t.breaks(rule)]
        keeping = [t for t in tests if t.keeps(rule)]
        if not breaking:
            unproven.append(rule["id"])
        proofs = "<br>".join(cell("⚡", breaking) + cell("✓", keeping))
        cells = [rule["id"], rule["level"], rule["what"],
                 on_windows(rule, codes), rule["page"],
                 examples(rule, specimens) or "–", proofs or "–"]
        lines.append(f"| {' | '.join(map(escape, cells))} |")
    table = ["", f"{len(lines)} rules.", "",
             "| rule | level | what a driver has to do | on Windows, if not | "
             "read | example | tests |", "|---|---|---|---|---|---|---|"]
    return HEAD + "\n".join(table + lines) + "\n", unproven


def repeated():
    """Ids of rules with the words of another rule: one of them is wrong."""
    first = {}
    for rule in all_rules():
        if first.setdefault(rule["what"], rule["id"]) != rule["id"]:
            yield f"{rule['id']} says what {first[rule['what']]} says"


def main():
    if sys.argv[1:] not in (["--write"], ["--compare"]):
        sys.exit(__doc__)
    new, unproven = page()
    if sys.argv[1] == "--write":
        PAGE.write_text(new, encoding="utf-8")
        wrong = False
    else:
        wrong = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != new
        if wrong:
            print("docs/rules.md is not what the tree holds: "
                  "tests/verifier/rules_page.py --write")
    complaints = [f"no test breaks {id}" for id in unproven] + list(repeated())
    for complaint in complaints:
        print(complaint)
    return 1 if wrong or complaints else 0


if __name__ == "__main__":
    sys.exit(main())
