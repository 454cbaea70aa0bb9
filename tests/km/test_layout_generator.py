#!/usr/bin/env python3
"""The layout generator must complain about what it leaves out.

A table of assertions that shrinks without a word would go on passing; each
test here is one way in which it could shrink.
"""
import os
import subprocess
import sys
import tempfile
import unittest

GENERATOR = sys.argv.pop(1)

TABLE = """type\tmember\toffset_or_size\tsource
PAIR\tsizeof\t0x8\tx
PAIR\talignof\t0x4\tx
PAIR\tFirst\t0x0\tx
PAIR\tBit(bitfield)\t0x4\tx
"""
HEADER = """
typedef struct _PAIR {
  int First;
  int Bit : 1;
} PAIR, *PPAIR;
"""


class Generator(unittest.TestCase):
    def run_it(self, table=TABLE, header=HEADER, skips="", check=True):
        with tempfile.TemporaryDirectory() as folder:
            def write(name, text):
                path = os.path.join(folder, name)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                return path
            write("pair.h", header)
            output = os.path.join(folder, "rows.inc")
            result = subprocess.run(
                [sys.executable, GENERATOR, write("t.tsv", table),
                 write("s.tsv", skips), folder,
                 "--check" if check else output],
                capture_output=True, text=True)
            rows = ""
            if os.path.exists(output):
                with open(output, encoding="utf-8") as file:
                    rows = file.read()
        return result, rows

    def assert_complaint(self, text, **given):
        result, _ = self.run_it(**given)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(text, result.stderr)

    def test_each_row_becomes_an_assertion(self):
        result, rows = self.run_it(check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(rows.split("\n")[1:-1], [
            "SIZE(PAIR, 0x8)", "ALIGN(PAIR, 0x4)", "OFFSET(PAIR, First, 0x0)",
            "BITS(PAIR, Bit, 0x4, 0x8)"])

    def test_a_full_table_passes_the_check(self):
        self.assertEqual(self.run_it()[0].returncode, 0)

    def test_a_type_no_header_declares_is_reported(self):
        self.assert_complaint("PAIR is in the table", header="int x;")

    def test_a_type_may_be_skipped_with_a_reason(self):
        more = TABLE + "OTHER\tsizeof\t0x1\tx\nOTHER\talignof\t0x1\tx\n"
        result, _ = self.run_it(table=more, skips="OTHER\t*\tnot ours\n")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_skip_without_a_reason_is_reported(self):
        self.assert_complaint("reason expected", skips="PAIR\t*\t\n")

    def test_a_skip_of_a_declared_type_is_reported(self):
        self.assert_complaint("PAIR is skipped, but", skips="PAIR\t*\tlazy\n")

    def test_a_skip_that_fits_nothing_is_reported(self):
        self.assert_complaint("fits no row", skips="PAIR\tThird\tgone\n")

    def test_a_type_without_its_size_is_reported(self):
        table = TABLE.replace("PAIR\tsizeof\t0x8\tx\n", "")
        self.assert_complaint("lacks its sizeof", table=table)


if __name__ == "__main__":
    unittest.main()
