"""The ledger in the records: signed entries, entries of releases in use, and the gate."""

import sqlite3
from contextlib import closing

import pytest

from edge.feedback.ledger.entry import NOTHING_MEASURED, Kind, Subject, subject_of
from edge.feedback.ledger.errors import LedgerIncomplete
from edge.feedback.ledger.standing import Standing
from edge.inference.release import BUILT_IN
from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordStale

FILES = Subject("lung-s-1.0.0", "a" * 64, "b" * 64)
OTHERS = Subject("lung-s-1.0.0", "c" * 64, "d" * 64)


def sign(ledger, parts, subject=FILES, seen=None):
    return ledger.sign("Hana Girma (hana)", subject, parts, NOTHING_MEASURED, seen)


def run(store, statement, *values):
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(statement, values)


def test_a_built_in_release_needs_no_entry_of_the_site(ledger):
    assert ledger.require(subject_of(BUILT_IN / "lung-m")).change.kind is Kind.BUILT_IN


def test_a_release_without_an_entry_is_refused_and_with_a_signed_one_admitted(ledger, parts):
    with pytest.raises(LedgerIncomplete, match="has no entry"):
        ledger.require(FILES)
    made = sign(ledger, parts)
    assert ledger.require(FILES) == made
    assert (made.by, made.change.parts, made.supersedes) == ("Hana Girma (hana)", parts, None)


def test_the_entry_is_in_the_audit_trail_with_the_person_and_the_chain_stays_whole(ledger, store, parts):
    made = sign(ledger, parts)
    ((entry,),) = [[each.entry for each in AuditTrail(store).newest(9, act="ledger.signed")]]
    assert (entry.actor, entry.subject, entry.at) == (made.by, f"ledger/{made.id}", made.at)
    assert (entry.detail["release"], entry.detail["release_sha256"]) == (FILES.ident, FILES.sha256)
    assert AuditTrail(store).verify().whole


def test_a_later_entry_supersedes_the_earlier_one_which_stays(ledger, parts):
    first = sign(ledger, parts)
    second = sign(ledger, parts.model_copy(update={"impact": "none"}), seen=first.id)
    assert [each.id for each in ledger.entries(FILES.ident)] == [second.id, first.id]
    assert (second.supersedes, ledger.require(FILES)) == (first.id, second)


def test_of_two_entries_at_once_one_is_refused(ledger, parts):
    first = sign(ledger, parts)
    for seen in (None, "another"):
        with pytest.raises(RecordStale, match="in the meantime"):
            sign(ledger, parts, seen=seen)
    assert [each.id for each in ledger.entries(FILES.ident)] == [first.id]


def test_a_release_that_changed_after_the_signature_is_refused(ledger, parts):
    sign(ledger, parts)
    with pytest.raises(LedgerIncomplete, match="not those for which its ledger entry was signed"):
        ledger.require(OTHERS)
    with pytest.raises(LedgerIncomplete):
        ledger.require_known(OTHERS)


@pytest.mark.parametrize(
    ("column", "value"),
    [("body", "{}"), ("by", "another"), ("release_sha256", OTHERS.sha256), ("at", 0), ("supersedes", "x"), ("audit_seq", 9)],
)
def test_an_entry_that_was_changed_in_the_database_admits_nothing(ledger, store, parts, column, value):
    made = sign(ledger, parts)
    run(store, f'UPDATE model_change SET "{column}" = ? WHERE id = ?', value, made.id)
    (found,) = ledger.entries(FILES.ident)
    assert (found.change, found.complete) == (None, False)
    subject = OTHERS if column == "release_sha256" else FILES
    with pytest.raises(LedgerIncomplete, match="changed after it was signed"):
        ledger.require(subject)
    assert sign(ledger, parts, subject, seen=made.id).complete
    ledger.require(subject)


def test_an_audit_entry_that_is_no_entry_any_more_makes_its_ledger_entry_damaged(ledger, store, parts):
    made = sign(ledger, parts)
    run(store, "UPDATE audit SET body = 'x' WHERE seq = 1")
    assert [(each.id, each.change) for each in ledger.entries(FILES.ident)] == [(made.id, None)]


def test_a_release_in_use_without_an_entry_gets_one_that_states_so_once(ledger, store):
    ledger.note_in_use(FILES)
    ledger.note_in_use(FILES)
    (found,) = ledger.entries(FILES.ident)
    assert (found.change.kind, found.by, found.complete) == (Kind.IN_USE, "appliance", False)
    assert ledger.standing(FILES) is Standing.IN_USE
    with pytest.raises(LedgerIncomplete, match="was in use before it had an entry"):
        ledger.require(FILES)
    ledger.require_known(FILES)
    assert [each.entry.act for each in AuditTrail(store).newest(9)] == ["ledger.noted-in-use"]


def test_a_release_with_an_entry_is_not_noted_as_in_use(ledger, parts):
    sign(ledger, parts)
    ledger.note_in_use(FILES)
    ledger.note_in_use(subject_of(BUILT_IN / "lung-m"))
    assert [each.change.kind for each in ledger.entries(FILES.ident)] == [Kind.SIGNED]


def test_a_release_is_gone_back_to_whatever_its_entry_lacks(ledger, store, parts):
    ledger.require_known(FILES)
    made = sign(ledger, parts)
    run(store, "UPDATE model_change SET body = '{}' WHERE id = ?", made.id)
    ledger.require_known(FILES)
