import io
import threading
import time

import numpy as np
import pytest
from PIL import Image
from starlette.websockets import WebSocketDisconnect

from edge.api.live.message import unpack
from edge.pipeline.source_state import SourceState, SourceStatus

LIVE = "/api/v1/live"


def next_frame(socket):
    """The next message that carries a frame."""
    for _ in range(20):
        message, jpeg = unpack(socket.receive_bytes())
        if message.reading is not None:
            return message, jpeg
    raise AssertionError("no frame came")


def test_each_message_carries_one_frame_with_its_own_reading(client, view):
    with client.websocket_connect(LIVE) as socket:
        unpack(socket.receive_bytes())
        for sequence in (1, 2, 3):
            observation = view.publish(sequence, simulated=sequence != 2)
            message, jpeg = next_frame(socket)
            image = np.asarray(Image.open(io.BytesIO(jpeg)))
            assert message.reading.sequence == sequence
            assert message.reading.simulated == (sequence != 2)
            assert (message.rows, message.columns) == image.shape == (40, 60)
            assert np.abs(image.astype(int) - observation.frame.pixels).mean() < 6
            assert np.argmax(message.class_map.planes[0]) == 2 * 7 + 3
            assert message.class_map.planes[0][2 * 7 + 3] > 0.99


def test_a_slow_watcher_skips_to_the_newest_and_is_told(client, view):
    with client.websocket_connect(LIVE) as socket:
        unpack(socket.receive_bytes())
        for sequence in range(30):
            view.publish(sequence)
        seen = []
        while not seen or seen[-1].reading.sequence != 29:
            seen.append(next_frame(socket)[0])
        assert len(seen) + seen[-1].skipped == 30


def test_silence_brings_the_sources_state_and_no_image(client, view):
    view.publish(1)
    with client.websocket_connect(LIVE) as socket:
        why = ("probe-unplugged", "the probe was unplugged", "Plug it in")
        view.status = SourceStatus(SourceState.LOST, "serial:///dev/x", None, (), *why)
        for _ in range(2):
            message, jpeg = unpack(socket.receive_bytes())
        assert (message.source.state, message.source.fix) == (SourceState.LOST, "Plug it in")
        assert (message.reading, jpeg) == (None, b"")


def test_another_sites_page_may_not_watch(client):
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(LIVE, headers={"origin": "http://evil.example"}):
        pass
    assert refused.value.code == 1008
    with client.websocket_connect(LIVE, headers={"origin": "http://testserver"}) as socket:
        assert unpack(socket.receive_bytes())[0].source.name == "chest"


def test_a_watcher_that_left_is_forgotten(client, view):
    with client.websocket_connect(LIVE) as socket:
        unpack(socket.receive_bytes())
        assert len(view.hub._subscriptions) == 1
    for _ in range(100):
        if not view.hub._subscriptions:
            break
        time.sleep(0.02)
    assert not view.hub._subscriptions
    assert threading.active_count() < 20
