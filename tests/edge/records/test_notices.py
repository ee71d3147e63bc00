"""Notices: told once while unseen, seen by somebody, and each with its entry in the audit trail."""

import pytest

from edge.records.errors import RecordUnknown
from edge.records.notices import Notices, tell
from edge.records.schema import AuditRow


@pytest.fixture
def notices(data):
    return Notices(data.store)


def acts(data):
    with data.store.read() as session:
        return [row.act for row in session.query(AuditRow).order_by(AuditRow.seq)]


def test_what_is_added_is_unseen_until_somebody_says_that_it_was_seen(data, notices):
    notices.add("clip-absent", "A clip is gone", "Look for it")
    (notice,) = notices.unseen()
    assert (notice.code, notice.what, notice.fix, notice.seen_at) == ("clip-absent", "A clip is gone", "Look for it", None)
    seen = notices.seen(notice.id, "Abeba")
    assert (seen.seen_by, notices.unseen(), notices.waiting) == ("Abeba", (), 0)
    assert acts(data) == ["notice.made", "notice.seen"]


def test_the_same_is_told_once_while_it_is_unseen_and_again_after(data, notices):
    for _ in range(3):
        notices.add("clip-absent", "A clip is gone", "Look for it")
    assert notices.waiting == 1
    notices.seen(notices.unseen()[0].id, "Abeba")
    notices.add("clip-absent", "A clip is gone", "Look for it")
    assert (notices.waiting, len(notices.unseen())) == (1, 1)


def test_who_was_the_first_to_see_it_stays(notices):
    notices.add("a", "what", "fix")
    (notice,) = notices.unseen()
    first = notices.seen(notice.id, "Abeba")
    assert notices.seen(notice.id, "Birhan") == first


def test_a_notice_that_there_is_not_cannot_be_seen(notices):
    with pytest.raises(RecordUnknown, match="no notice x"):
        notices.seen("x", "Abeba")


def test_within_a_change_the_same_is_told_once_too(data, notices):
    with data.store.write() as change:
        tell(change, "a", "what", "fix")
        tell(change, "a", "what", "fix")
    assert len(notices.unseen()) == 1
    with data.store.write() as change:
        change.log("tester", "nothing.done", "nothing")
        tell(change, "a", "what", "fix")
    assert acts(data) == ["notice.made", "nothing.done"]


def test_they_survive_a_restart(data, notices):
    notices.add("a", "what", "fix")
    assert Notices(data.open()).waiting == 1
