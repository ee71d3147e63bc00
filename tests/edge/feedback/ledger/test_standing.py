"""Which entry counts for exactly the files on the shelf, and what each other standing states as missing."""

import pytest

from edge.feedback.ledger.built_in import built_in
from edge.feedback.ledger.entry import Change, Entry, Kind, Subject, superseded_by_next
from edge.feedback.ledger.errors import LedgerIncomplete
from edge.feedback.ledger.standing import Standing, refusal, standing_of
from tests.edge.feedback.ledger.test_entry import AT

FILES = Subject("lung-s-1.0.0", "a" * 64, "b" * 64)
OTHERS = Subject("lung-s-1.0.0", "c" * 64, "d" * 64)


@pytest.fixture
def entry(parts):
    """Makes an entry of a kind; None: a damaged one."""

    def make(kind, ident="1", subject=FILES):
        facts = {"release": subject.ident, "release_sha256": subject.sha256, "model_sha256": subject.model_sha256}
        change = Change(kind=kind, parts=None if kind is Kind.IN_USE else parts, **facts) if kind else None
        return Entry(ident, subject.ident, subject.sha256, "hana", AT, None, change)

    return make


def test_a_signed_entry_of_these_files_is_complete(entry):
    assert standing_of(FILES, [entry(Kind.SIGNED)])[0] is Standing.COMPLETE


def test_the_newest_entry_counts(entry):
    signed, damaged = entry(Kind.SIGNED, "1"), entry(None, "2")
    assert standing_of(FILES, [damaged, signed]) == (Standing.DAMAGED, damaged)
    assert standing_of(FILES, [signed, damaged]) == (Standing.COMPLETE, signed)


def test_an_entry_of_other_files_or_of_another_release_does_not_count(entry):
    assert standing_of(FILES, [entry(Kind.SIGNED, subject=OTHERS)])[0] is Standing.OTHER_FILES
    assert standing_of(FILES, [entry(Kind.SIGNED, subject=Subject("lung-s-2.0.0", FILES.sha256, FILES.model_sha256))])[0] is Standing.NONE
    assert standing_of(FILES, []) == (Standing.NONE, None)


def test_a_release_that_was_in_use_before_is_not_complete(entry):
    assert standing_of(FILES, [entry(Kind.IN_USE)])[0] is Standing.IN_USE


def test_a_damaged_entry_locks_nobody_out_of_a_built_in_release(entry):
    (program, *_) = built_in()
    subject = Subject(program.release, program.release_sha256, program.change.model_sha256)
    assert standing_of(subject, [entry(None, subject=subject), program]) == (Standing.COMPLETE, program)


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.COMPLETE}))
def test_each_refusal_names_the_release_what_is_missing_and_the_command(standing):
    error = refusal(standing, "lung-s-1.0.0")
    assert isinstance(error, LedgerIncomplete)
    assert "lung-s-1.0.0" in error.what
    assert error.fix.endswith("sonoedge model ledger add lung-s-1.0.0")
    assert error.says.params == {"release": "lung-s-1.0.0"}
    if standing in (Standing.NONE, Standing.IN_USE):
        assert "description, verification protocol, impact assessment and signature are missing" in error.what


def test_the_next_entry_supersedes_the_newest_of_these_files_and_never_one_of_the_program(entry):
    newer, older, others = entry(Kind.SIGNED, "2"), entry(Kind.IN_USE, "1"), entry(Kind.SIGNED, "3", OTHERS)
    assert superseded_by_next(FILES, [others, newer, older]) == "2"
    assert superseded_by_next(FILES, [others]) is None
    (program, *_) = built_in()
    assert superseded_by_next(Subject(program.release, program.release_sha256, ""), [program]) is None
