"""The rules, and what says something about them."""
import csv
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DIFFERENCES = ROOT / "docs" / "differences.md"
PARTS = ("* **Windows** ", "* **uwsk** ", "* **In a test:** ")

# A comment of ids and the cmocka test that it stands on: "BUF-01..03" is three.
COMMENT_AND_TEST = re.compile(
    r"/\*((?:[^*]|\*(?!/))*)\*/\s*static void (\w+)\(void \*\*\w+\)")
IDS = re.compile(r"\b([A-Z]+)-(\d\d)(?:\.\.(\d\d))?\b")


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))


def all_rules():
    """id -> row, in the order of the table."""
    return {row["id"]: row for row in table(ROOT / "tests/spec/wsk-rules.tsv")}


def not_yet():
    return {row["id"]: row["reason"] for row in table(HERE / "not_yet.tsv")}


def differences():
    """id -> anchor of an entry of docs/differences.md."""
    return {row["id"]: row["entry"] for row in table(HERE / "differences.tsv")}


def on_windows():
    """id -> what is not shown of it on a Windows host, which is Wine."""
    return {row["id"]: row["reason"] for row in table(HERE / "windows.tsv")}


def slug(heading):
    """A heading's anchor, as forges make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def entries():
    """anchor -> the lines of that entry of docs/differences.md."""
    found, lines = {}, None
    for line in DIFFERENCES.read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            lines = found.setdefault(slug(line[4:]), [line[4:]])
        elif line.startswith("#"):
            lines = None
        elif lines is not None:
            lines.append(line)
    return found


def listed(program):
    """(group, test, ids) of a program of tests that are kernel code; program
    may begin with the emulator that runs it."""
    output = subprocess.run([*program, "--list"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    for line in output.splitlines():
        group, test, ids = line.rstrip("\r").split("\t")
        yield group, test, ids.split()


def ids_in(text):
    for prefix, first, last in IDS.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"{prefix}-{number:02}"


def unit_tests(rules):
    """(source, test, ids) of the unit tests whose comments name rules. They
    prove rules of layout and what is reported; the others need a client."""
    for path in sorted((ROOT / "tests").rglob("test_*.c")):
        if path.parent == HERE:
            continue
        text = path.read_text(encoding="utf-8")
        for comment, test in COMMENT_AND_TEST.findall(text):
            ids = [id for id in ids_in(comment) if id in rules
                   and rules[id]["kind"] in ("layout", "client-duty")]
            if ids:
                yield path.relative_to(ROOT).as_posix(), test, ids
