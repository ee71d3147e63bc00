"""Notices that cannot be recorded: they are shown for as long as they are true."""

import pytest

from edge.people.actor import NOBODY_ACTOR, Actor
from edge.people.permission import SHELL
from edge.records.errors import RecordsFull, RecordUnknown
from edge.records.notices import Notices
from edge.services.notices import NoticeService


def test_what_keeps_notices_from_being_recorded_is_a_notice_itself(store):
    refusal = None
    notices = Notices(store)
    notices.add("x", "something happened", "look")
    service = NoticeService(notices, lambda: refusal)
    assert service.waiting == 1
    refusal = RecordsFull("the disk is full", "Free some room")
    assert service.waiting == 2
    last = service.unseen(NOBODY_ACTOR)[-1]
    assert (last.code, last.what, last.fix, last.seen_at) == ("records-not-written", "the disk is full", "Free some room", None)
    with pytest.raises(RecordUnknown):
        service.seen(Actor(SHELL, "Abeba"), last.id)
    refusal = None
    assert [notice.code for notice in service.unseen(NOBODY_ACTOR)] == ["x"]
