#!/usr/bin/env python3
"""Says whether the IRQL of every public kernel function is looked after.

    irql.py [TREE]

tests/spec/irql.tsv has a row for each function that include/km declares: the
lowest and the highest IRQL it may be called at, and its page. A function that
the documentation does not tell of has "-" for both. Where a limit depends on
an argument, or on whether the caller's memory is paged, the row has the widest.

 - Each function has a row, and each row a function.
 - A function with a highest IRQL checks it: `ke__require_irql(LEVEL, "Name")`,
   `ke__within_irql` or `ke__check_irql` stands in it, or in what it gives its
   name to. LEVEL is the row's, or the highest that the expression names.
 - One with a lowest IRQL checks that, too.
 - Of the comment over its declaration, that of its section and that of the
   file the first that speaks of the IRQL names the highest; the file's says
   where the pages are.
"""
import csv
import pathlib
import re
import sys

ORDER = ["PASSIVE", "APC", "DISPATCH", "DIRQL", "HIGH"]
UNCHECKED = {"DIRQL", "HIGH", "-"}
# Why a function need not check its limits as the others do.
ELSEWHERE = {
    "KeRaiseIrqlToDpcLevel": "from above, it lowers: a rule of its own",
}
# What a driver calls where the name of the function is another.
CALLED = {
    "IofCallDriver": "IoCallDriver",
    "IofCompleteRequest": "IoCompleteRequest",
    "IoAcquireRemoveLockEx": "IoAcquireRemoveLock",
    "IoInitializeRemoveLockEx": "IoInitializeRemoveLock",
    "IoReleaseRemoveLockEx": "IoReleaseRemoveLock",
    "IoReleaseRemoveLockAndWaitEx": "IoReleaseRemoveLockAndWait",
    "KeAcquireSpinLockRaiseToDpc": "KeAcquireSpinLock",
    "KeExpandKernelStackAndCalloutEx": "KeExpandKernelStackAndCallout",
    "ObfDereferenceObject": "ObDereferenceObject",
    "ObfDereferenceObjectWithTag": "ObDereferenceObjectWithTag",
    "ObfReferenceObject": "ObReferenceObject",
    "ObfReferenceObjectWithTag": "ObReferenceObjectWithTag",
}
NO_FLOOR = {
    "ExAcquireFastMutexUnsafe": "in a critical region as well",
    "ExReleaseFastMutex": "who owns the mutex is at APC_LEVEL",
    "ExReleaseFastMutexUnsafe": "who owns the mutex is in a region",
    "KeShouldYieldProcessor": "a question; below, the answer is FALSE",
}
SOURCES = ("emu", "src/wsk", "src/netio", "src/host")

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
DECLARED = re.compile(r"\b(?:NTKERNELAPI|NTSYSAPI|NTHALAPI)\b[^;{]*?"
                      r"\b(\w+)\s*\([^;{]*\)\s*;")
HEAD = re.compile(r"^[A-Za-z_][\w \t*]*?\**\b(\w+)\([^;{}]*\)\s*\{"
                  r"|^(\w+)\([^;{}]*\)\s*\{", re.M)
CHECK = re.compile(r"\bke__(?:require|within|check)_irql\(\s*"
                   r"([^,\"]*?),\s*([^();]+?)\s*\)", re.S)
FLOOR = re.compile(r"\bke__require_dispatch\(\s*([^(),]+?)\s*\)")
CALL = re.compile(r"\b(\w+)\s*\(")
PUBLIC = re.compile(r"[A-Z]")
DEPTH = 4
# How many statements a function has at most that leaves all to another one.
FORWARDS = 3


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def bare(path):
    return COMMENT.sub(blank, path.read_text(encoding="utf-8"))


# ---- what is declared ----------------------------------------------------

def declarations(tree):
    """(header, function, where its declaration begins) of each."""
    for path in sorted((tree / "include" / "km").glob("*.h")):
        code = DIRECTIVE.sub(blank, bare(path))
        for match in DECLARED.finditer(code):
            yield path, match[1], match.start()


# ---- what is checked -----------------------------------------------------

def body_at(code, start):
    depth = 0
    for token in re.finditer(r"[{}]", code[start:]):
        depth += 1 if token[0] == "{" else -1
        if depth == 0:
            return code[start:start + token.end()]
    return code[start:]


def bodies(tree):
    """Public functions by name; of each, its file's functions and its body."""
    found = {}
    for folder in SOURCES:
        for path in sorted((tree / folder).rglob("*.[ch]")):
            code = bare(path)
            file = {}
            for match in HEAD.finditer(code):
                name = match[1] or match[2]
                file[name] = code[match.start():match.end() - 1] + body_at(
                    code, match.end() - 1)
            for name in file:
                found.setdefault(name, (file, file[name]))
    return found


def levels(pattern, name, known, file, body, depth=DEPTH):
    """The arguments of the checks that a function makes, or has made, in its
    own name."""
    inside = body[body.index("{"):]
    quoted = f'"{name}"'
    for match in pattern.finditer(inside):
        who = match[match.lastindex]
        if quoted in who or ('"' not in who and 0 <= depth < DEPTH):
            yield match[1]
    if depth <= 0 or (depth == DEPTH and quoted not in inside):
        return
    for helper in set(CALL.findall(inside)):
        if helper in file:
            its_file, its_body = file, file[helper]
        elif "__" in helper and helper in known:
            its_file, its_body = known[helper]
        else:
            continue
        if its_body is not body and not PUBLIC.match(helper):
            yield from levels(pattern, name, known, its_file, its_body,
                              depth - 1)


def limits(expressions):
    """What checks hold a call to: of a condition one or the other."""
    return {level for text in expressions
            for level in re.findall(r"\b([A-Z]+)_LEVEL\b", text)}


class Checks:
    """What the bodies of a tree check."""

    def __init__(self, rows, known):
        self.rows = {row["function"]: row for row in rows}
        self.known = known

    def found(self, pattern, name):
        """Those of the function itself, or else of its helpers."""
        said = CALLED.get(name, name)
        own = levels(pattern, said, self.known, *self.known[name],
                     depth=-1)
        return list(own) or list(levels(pattern, said, self.known,
                                        *self.known[name]))

    def forwarded(self, name, column):
        """To a public function with the same limit, which then is named."""
        body = self.known[name][1]
        if body.count(";") > FORWARDS:
            return False
        row = self.rows[name]
        return any(other in self.rows and other != name
                   and self.rows[other][column] == row[column]
                   for other in CALL.findall(body[body.index("{"):]))

    def ceiling(self, name):
        want = self.rows[name]["highest"]
        if want in UNCHECKED or name in ELSEWHERE:
            return
        said = limits(self.found(CHECK, name))
        if want in said or not said and self.forwarded(name, "highest"):
            return
        yield (f"{name}: documented up to {want}, checked "
               f"{'up to ' + ', '.join(sorted(said)) if said else 'nowhere'}")

    def floor(self, name):
        want = self.rows[name]["lowest"]
        if want in ("-", "PASSIVE") or name in NO_FLOOR:
            return
        if not self.found(FLOOR, name) and not self.forwarded(name, "lowest"):
            yield f"{name}: documented from {want}, not checked"


def unchecked(rows, known):
    checks = Checks(rows, known)
    for row in rows:
        name = row["function"]
        if name in known:
            yield from checks.ceiling(name)
            yield from checks.floor(name)
        elif row["highest"] not in UNCHECKED:
            yield f"{name} has no body"


# ---- what is said --------------------------------------------------------

# How a sentence about the IRQL names the highest one.
NAMED = {
    "PASSIVE": re.compile(r"PASSIVE_LEVEL"),
    "APC": re.compile(r"APC_LEVEL"),
    "DISPATCH": re.compile(r"DISPATCH_LEVEL"),
    "DIRQL": re.compile(r"\b[Aa]ny\b"),
    "HIGH": re.compile(r"\b[Aa]ny\b"),
    "-": re.compile(""),
}
PAGES = re.compile(r"\bnf-\w+-<name>|learn\.microsoft\.com|\bddi/")
SECTION = re.compile(r"/\* ---- [^\n]* \*/\n\n?(/\*.*?\*/)?", re.S)


def comments_over(text, at):
    """The comment over a declaration, that of its group, and that which opens
    its section."""
    before = text[:at]
    last = None
    for last in COMMENT.finditer(before):
        pass
    if last and not last[0].startswith("/* ----"):
        yield last[0]
    sections = list(SECTION.finditer(before))
    if sections and sections[-1][1]:
        yield sections[-1][1]


def about_irql(comment):
    """Its sentences about the IRQL."""
    text = re.sub(r"\s*\n\s*\*\s*", " ", comment)
    return [sentence for sentence in re.split(r"(?<=[.;])\s", text)
            if re.search(r"\bIRQL\b", sentence)]


def unsaid(declared, rows):
    """The nearest comment that speaks of the IRQL counts."""
    limit = {row["function"]: row["highest"] for row in rows}
    texts = {}
    for path, name, at in declared:
        text = texts.setdefault(path, path.read_text(encoding="utf-8"))
        head = COMMENT.search(text)[0]
        if not PAGES.search(head):
            yield f"{path.name}: its head does not say where the pages are"
        said = next(filter(None, map(about_irql,
                                     [*comments_over(text, at), head])), [])
        named = NAMED[limit.get(name, "-")]
        if not any(named.search(sentence) for sentence in said):
            yield f"{path.name}: no comment says the IRQL of {name}"


def misspelt(rows):
    for row in rows:
        low, high = row["lowest"], row["highest"]
        if (low == "-") != (high == "-"):
            yield f"{row['function']} has half a row"
        elif low != "-" and ORDER.index(low) > ORDER.index(high):
            yield f"{row['function']}: {low} is above {high}"


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                        else pathlib.Path(__file__).resolve().parents[2])
    table = tree / "tests" / "spec" / "irql.tsv"
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    declared = list(declarations(tree))
    names = {name for _, name, _ in declared}
    listed = {row["function"] for row in rows}
    found = [f"{name} is not in {table.name}" for name in names - listed]
    found += [f"{name} is declared nowhere" for name in listed - names]
    found += misspelt(rows)
    found += unchecked(rows, bodies(tree))
    found += dict.fromkeys(unsaid(declared, rows))
    print("\n".join(sorted(found)), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
