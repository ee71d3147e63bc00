"""The page of faults names tests that exist: a test that goes must be replaced there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = {"S/": "tests/firmware_bridge/sources/", "F/": "tests/firmware_bridge/", "E/": "tests/edge/", "B/": "tests/browser/"}
ROWS = [line for line in (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "::" in line]
REFERENCE = re.compile(r"`([\w/.]*)::(test_\w+)")


def references(row):
    path = ""
    for file, name in REFERENCE.findall(row):
        path = file or path
        start = path[:2]
        yield SHORT[start] + path[2:] if start in SHORT else path, name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_each_fault_names_tests_that_exist(row):
    for path, name in references(row):
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), (path, name)


def test_no_fault_is_without_a_test():
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| line", "| ---", "|---"))]
    assert len(rows) == len(ROWS) > 100
