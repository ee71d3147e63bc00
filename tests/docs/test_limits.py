"""From which percentage a finding is present belongs to a model release: the documents state no number of their own, and true examples."""

import re
from pathlib import Path

import pytest

from edge.exam.verdict import WORDS, verdict_of
from edge.inference.release import BUILT_IN, ModelRelease

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
LIMIT = re.compile(r"(?:present|absent)[^.:]*\b(?:from|to|below|above|under|over) \d+ %")
EXAMPLE = re.compile(r'(\d+) % can be "([^"]+)"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_states_a_limit_of_its_own(page: Path) -> None:
    assert LIMIT.search(page.read_text()) is None


def test_each_example_is_true_of_a_finding_of_a_built_in_release() -> None:
    findings = [finding for folder in BUILT_IN.iterdir() if folder.is_dir() for finding in ModelRelease.load(folder).findings]
    examples = EXAMPLE.findall((ROOT / "docs" / "protocols.md").read_text())
    assert examples
    for percent, word in examples:
        assert word in {WORDS[verdict_of(finding.set_of(int(percent) / 100))] for finding in findings}
