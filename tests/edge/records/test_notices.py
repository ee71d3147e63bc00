"""Notices: added once while unseen, marked as seen by a person, and each with its entry in the audit trail."""

import pytest

from edge.records.errors import RecordUnknown
from edge.records.notices import Notices, add_notice
from edge.records.schema import AuditRow


@pytest.fixture
def notices(data):
    return Notices(data.store)


def acts(data):
    with data.store.read() as session:
        return [row.act for row in session.query(AuditRow).order_by(AuditRow.seq)]


def test_a_new_notice_is_unseen_until_a_person_marks_it_as_seen(data, notices):
    notices.add("clip-absent", "A clip is gone", "Look for it")
    (notice,) = notices.unseen()
    assert (notice.code, notice.what, notice.fix, notice.seen_at) == ("clip-absent", "A clip is gone", "Look for it", None)
    seen = notices.seen(notice.id, "Abeba")
    assert (seen.seen_by, notices.unseen(), notices.waiting) == ("Abeba", (), 0)
    assert acts(data) == ["notice.made", "notice.seen"]


def test_the_same_notice_is_added_once_while_unseen_and_again_afterwards(data, notices):
    for _ in range(3):
        notices.add("clip-absent", "A clip is gone", "Look for it")
    assert notices.waiting == 1
    notices.seen(notices.unseen()[0].id, "Abeba")
    notices.add("clip-absent", "A clip is gone", "Look for it")
    assert (notices.waiting, len(notices.unseen())) == (1, 1)


def test_the_first_person_who_saw_it_stays(notices):
    notices.add("a", "what", "fix")
    (notice,) = notices.unseen()
    first = notices.seen(notice.id, "Abeba")
    assert notices.seen(notice.id, "Birhan") == first


def test_a_missing_notice_cannot_be_seen(notices):
    with pytest.raises(RecordUnknown, match="no notice x"):
        notices.seen("x", "Abeba")


def test_within_a_change_the_same_notice_is_added_once_too(data, notices):
    with data.store.write() as change:
        add_notice(change, "a", "what", "fix")
        add_notice(change, "a", "what", "fix")
    assert len(notices.unseen()) == 1
    with data.store.write() as change:
        change.log("tester", "nothing.done", "nothing")
        add_notice(change, "a", "what", "fix")
    assert acts(data) == ["notice.made", "nothing.done"]


def test_they_survive_a_restart(data, notices):
    notices.add("a", "what", "fix")
    assert Notices(data.open()).waiting == 1
