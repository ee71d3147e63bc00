"""The route of the live stream, through the real application."""

import io
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from starlette.websockets import WebSocketDisconnect
from structlog.testing import capture_logs

from edge.api.live.frame import frame_message
from edge.api.live.message import FrameMessage, StatusMessage, unpack
from edge.api.live.seats import MOST_WATCHERS
from edge.pipeline.source_state import SourceState, SourceStatus

LIVE = "/api/v1/live"
TRIES = 100


def next_of(socket, kind, seen=lambda _: True):
    """The next message of this kind for which `seen` holds, and its JPEG."""
    for _ in range(TRIES):
        message, jpeg = unpack(socket.receive_bytes())
        if isinstance(message, kind) and seen(message):
            return message, jpeg
    raise AssertionError(f"no such {kind.__name__} came")


def test_a_frame_message_carries_one_frame_with_its_own_reading(client, view):
    with client.websocket_connect(LIVE) as socket:
        next_of(socket, StatusMessage)
        for sequence in (1, 2, 3):
            observation = view.publish(sequence, simulated=sequence != 2)
            message, jpeg = next_of(socket, FrameMessage)
            image = np.asarray(Image.open(io.BytesIO(jpeg)))
            assert message.reading.sequence == sequence
            assert message.reading.simulated == (sequence != 2)
            assert (message.rows, message.columns) == image.shape == (40, 60)
            assert np.abs(image.astype(int) - observation.frame.pixels).mean() < 6
            assert np.argmax(message.class_map.planes[0]) == 2 * 7 + 3
            assert message.class_map.planes[0][2 * 7 + 3] > 0.99


def test_the_map_has_the_calibration_that_this_site_accepted_as_the_percentages_have(view):
    read = view.observe(1)
    here = tuple(replace(label, slope=0.0, offset=0.0) for label in read.release.findings)
    message = frame_message(view, replace(read, release=read.release.accepting(lambda _: here)))
    assert {each.probability for each in message.reading.findings} == {0.5}
    assert {probability for plane in message.class_map.planes for probability in plane} == {0.5}


def test_a_slow_watcher_skips_to_the_newest_and_receives_the_count(client, view):
    with client.websocket_connect(LIVE) as socket:
        next_of(socket, StatusMessage)
        for sequence in range(30):
            view.publish(sequence)
        seen = [0]
        while seen[-1] != 29:
            seen.append(next_of(socket, FrameMessage)[0].reading.sequence)
        assert len(seen[1:]) + next_of(socket, StatusMessage)[0].skipped == 30


def test_the_first_message_is_a_status_and_a_silent_source_brings_only_more_of_them(client, view):
    view.publish(1)
    with client.websocket_connect(LIVE) as socket:
        for _ in range(3):
            message, jpeg = unpack(socket.receive_bytes())
            assert (message.kind, jpeg) == ("status", b"")


def test_a_lost_source_is_reported_with_the_next_step(client, view):
    with client.websocket_connect(LIVE) as socket:
        next_of(socket, StatusMessage)
        why = ("probe-unplugged", "the probe was unplugged", "Plug it in")
        view.status = SourceStatus(SourceState.LOST, "serial:///dev/x", None, (), *why)
        message, _ = next_of(socket, StatusMessage)
        assert (message.source.state, message.source.fix) == (SourceState.LOST, "Plug it in")


def test_another_sites_page_is_not_allowed_to_watch(client):
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(LIVE, headers={"origin": "http://evil.example"}):
        pass
    assert refused.value.code == 1008
    with client.websocket_connect(LIVE, headers={"origin": "http://testserver"}) as socket:
        assert unpack(socket.receive_bytes())[0].source.name == "chest"


def test_one_place_has_a_limited_number_of_streams_and_gets_the_room_back(client):
    with ExitStack() as pages:
        for _ in range(MOST_WATCHERS):
            next_of(pages.enter_context(client.websocket_connect(LIVE)), StatusMessage)
        with client.websocket_connect(LIVE) as socket, pytest.raises(WebSocketDisconnect) as refused:
            socket.receive_bytes()
        assert refused.value.code == 1013
        assert "Close a page" in refused.value.reason
    with client.websocket_connect(LIVE) as socket:
        next_of(socket, StatusMessage)


def test_a_watcher_that_left_is_forgotten_and_without_watchers_nothing_is_built(client, view, eventually):
    with client.websocket_connect(LIVE) as socket:
        next_of(socket, StatusMessage)
        assert len(view.hub._subscriptions) == 1
    eventually(lambda: not view.hub._subscriptions, "the stream goes on without a watcher")
    view.publish(1)
    with client.websocket_connect(LIVE) as socket:
        assert next_of(socket, StatusMessage)[0].stream.built == 0


def unknown_novelty(observation):
    return replace(observation, reading=replace(observation.reading, novelty=np.nan))


def unknown_map(observation):
    return replace(observation, reading=replace(observation.reading, class_map=observation.reading.class_map * np.nan))


def too_wide_for_jpeg(observation):
    wide = replace(observation.frame, pixels=np.zeros((2, 70_000), np.uint8))
    return replace(observation, seen=replace(observation.seen, frame=wide))


@pytest.mark.parametrize("spoil", [unknown_novelty, unknown_map, too_wide_for_jpeg])
def test_a_frame_without_a_message_is_reported_and_the_next_one_is_shown(client, view, spoil):
    with client.websocket_connect(LIVE) as socket:
        next_of(socket, StatusMessage)
        view.publish(1)
        assert next_of(socket, FrameMessage)[0].rejected == 0
        view.hub.publish(spoil(view.observe(2)))
        assert next_of(socket, StatusMessage, lambda each: each.stream.rejected == 1)[0].stream.built == 1
        view.publish(3)
        message, _ = next_of(socket, FrameMessage)
        assert (message.reading.sequence, message.rejected) == (3, 1)


def test_a_status_that_cannot_be_built_closes_every_socket_with_a_code_and_is_logged(client, view):
    with capture_logs() as logs, client.websocket_connect(LIVE) as first, client.websocket_connect(LIVE) as second:
        for socket in (first, second):
            next_of(socket, StatusMessage)
        view.status = None
        for socket in (first, second):
            with pytest.raises(WebSocketDisconnect) as closed:
                next_of(socket, FrameMessage)
            assert closed.value.code == 1011
            assert "log" in closed.value.reason
    assert [type(log["exc_info"].__cause__) for log in logs if log["event"] == "live stream closed"] == [AttributeError] * 2
    view.status = SourceStatus(SourceState.STREAMING, "virtual://chest", None, ())
    with client.websocket_connect(LIVE) as again:
        next_of(again, StatusMessage)
        view.publish(1)
        next_of(again, FrameMessage)


def test_messages_from_a_watcher_are_ignored(client, view):
    with client.websocket_connect(LIVE) as socket:
        socket.send_text("hello")
        socket.send_bytes(b"\0")
        next_of(socket, StatusMessage)
        view.publish(1)
        next_of(socket, FrameMessage)
