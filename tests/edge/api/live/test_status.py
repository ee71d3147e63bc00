from dataclasses import replace

import pytest

from edge.api.live.message import StatusMessage, StreamOut, pack_status, unpack
from edge.api.live.status import CLOCK, COUNTERS_S, HEARTBEAT_S, StatusBuilder, status_message
from edge.people.actor import APPLIANCE_ACTOR
from edge.pipeline.source_state import SourceState
from firmware_bridge.sources.base import SourceLoss

AT = 100.0
SOON = 0.01


@pytest.fixture
def stream():
    return {"watchers": 1, "built": 0, "rejected": 0}


@pytest.fixture
def builder(view, stream):
    return StatusBuilder(view, lambda: StreamOut(**stream))


def test_the_first_is_due_at_once_and_then_nothing_but_the_heartbeat(builder):
    assert builder.due(AT)
    assert builder.due(AT + HEARTBEAT_S - SOON) is None
    assert builder.due(AT + HEARTBEAT_S)
    assert builder.due(AT + HEARTBEAT_S + SOON) is None


def lose_the_source(view, stream):
    view.status = replace(view.status, state=SourceState.LOST)


def begin_to_record(view, stream):
    view.record(APPLIANCE_ACTOR)


def begin_an_exam(view, stream):
    view.exam.begin(view.people.sign_in.stranger)


def change_the_model(view, stream):
    other = next(each.ident for each in view.models.shelved(APPLIANCE_ACTOR) if each.ident != view.models.release.ident)
    view.models.activate(APPLIANCE_ACTOR, other)


def reject_a_frame(view, stream):
    stream["rejected"] += 1


@pytest.mark.parametrize("change", [lose_the_source, begin_to_record, begin_an_exam, change_the_model, reject_a_frame])
def test_a_state_that_changes_is_due_at_once(view, stream, builder, change):
    builder.due(AT)
    change(view, stream)
    assert builder.due(AT + SOON)
    assert builder.due(AT + 2 * SOON) is None


def receive_a_frame(view, stream):
    view.totals.received()


def lose_a_frame(view, stream):
    view.status = replace(view.status, losses=(SourceLoss("sequence-gap", 3),))


def read_frames(view, stream):
    view.publish(1)
    view.publish(2)


def build_a_frame(view, stream):
    stream["built"] += 1


def gain_a_watcher(view, stream):
    stream["watchers"] += 1


@pytest.mark.parametrize("change", [receive_a_frame, lose_a_frame, read_frames, build_a_frame, gain_a_watcher])
def test_a_counter_that_changes_waits_for_its_turn(view, stream, builder, change):
    builder.due(AT)
    change(view, stream)
    assert builder.due(AT + COUNTERS_S - SOON) is None
    assert builder.due(AT + COUNTERS_S)
    assert builder.due(AT + COUNTERS_S + SOON) is None


def test_one_body_serves_every_watcher_with_its_own_count(view, builder, stream):
    body = builder.due(AT)
    for skipped in (0, 7):
        message, jpeg = unpack(pack_status(body, skipped))
        now = status_message(view, StreamOut(**stream)).model_copy(update={"skipped": skipped})
        assert message.model_dump(exclude=CLOCK) == now.model_dump(exclude=CLOCK)
        assert message.exam.as_of_ms <= now.exam.as_of_ms
        assert (isinstance(message, StatusMessage), jpeg) == (True, b"")
