"""The rows of the ledger of model changes: only added, in the order in which they were made, each with its audit entry."""

import pytest

from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordStale
from edge.records.model_changes import ModelChanges, NewModelChange

FIRST = NewModelChange("lung-s-1.0.0", "a" * 64, '{"kind": "signed"}', "ledger.signed")
OTHER_FILES = NewModelChange("lung-s-1.0.0", "b" * 64, "{}", "ledger.signed")
OTHER = NewModelChange("lung-m-1.0.0", "c" * 64, "{}", "ledger.signed")


@pytest.fixture
def changes(store):
    return ModelChanges(store)


def test_an_entry_is_read_as_it_was_added_the_newest_first(changes):
    made = [changes.add("hana", new, None) for new in (FIRST, OTHER_FILES, OTHER)]
    assert changes.all() == tuple(made[::-1])
    assert changes.all("lung-s-1.0.0") == (made[1], made[0])
    assert (made[0].body, made[0].by, made[0].whole) == (FIRST.body, "hana", True)


def test_an_entry_supersedes_only_the_newest_of_the_same_files(changes):
    first = changes.add("hana", FIRST, None)
    changes.add("hana", OTHER_FILES, None)
    second = changes.add("hana", FIRST, first.id)
    assert second.supersedes == first.id
    for seen in (None, first.id):
        with pytest.raises(RecordStale):
            changes.add("hana", FIRST, seen)


def test_a_refused_entry_leaves_no_audit_entry(changes, store):
    changes.add("hana", FIRST, None)
    with pytest.raises(RecordStale):
        changes.add("hana", FIRST, None)
    assert [each.entry.act for each in AuditTrail(store).newest(9)] == ["ledger.signed"]
