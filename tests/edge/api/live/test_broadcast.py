"""The builder for all watchers, with real WebSockets on loopback."""

import socket
import threading
from contextlib import ExitStack, contextmanager

import pytest
from websockets.sync.client import connect

from edge.api.app import create_app
from edge.api.live.message import FrameMessage, StatusMessage, unpack
from edge.api.server import WebServer

WATCHERS = 8
FRAMES = 40
PATIENCE_S = 60


@pytest.fixture
def address(view):
    """The address at which the real server serves the API of `view`."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers = threading.Event()
    port = listener.getsockname()[1]
    server = WebServer(create_app(view, lambda: b""), listener, answers.set)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert answers.wait(PATIENCE_S)
    yield f"ws://127.0.0.1:{port}/api/v1/live"
    server.close()
    thread.join()


@contextmanager
def watching(address, count):
    with ExitStack() as open_:
        sockets = [open_.enter_context(connect(address, ping_interval=None)) for _ in range(count)]
        for each in sockets:
            received(each, StatusMessage, lambda message: message.stream.watchers == count)
        yield sockets


def received(watcher, kind, seen=lambda _: True):
    """The next message of this kind for which `seen` holds, as it came."""
    while True:
        data = watcher.recv(PATIENCE_S)
        message, _ = unpack(data)
        if isinstance(message, kind) and seen(message):
            return message, data


def test_each_frame_is_built_once_for_eight_watchers_and_all_get_the_same_bytes(view, address):
    with watching(address, WATCHERS) as watchers:
        for sequence in range(1, FRAMES + 1):
            view.publish(sequence)
            messages = {received(each, FrameMessage, lambda m, of=sequence: m.reading.sequence == of)[1] for each in watchers}
            assert len(messages) == 1
        for each in watchers:
            status, _ = received(each, StatusMessage, lambda message: message.stream.built >= FRAMES)
            assert (status.stream.built, status.stream.rejected, status.skipped) == (FRAMES, 0, 0)


def test_no_message_is_compressed_for_each_watcher_again(view, address):
    with connect(address, compression="deflate") as watcher:
        assert watcher.protocol.extensions == []


def test_each_watcher_counts_what_it_skipped_and_nothing_is_built_twice(view, address):
    with watching(address, WATCHERS) as watchers:
        for sequence in range(FRAMES):
            view.publish(sequence)
        for each in watchers:
            seen = []
            while not seen or seen[-1] != FRAMES - 1:
                seen.append(received(each, FrameMessage)[0].reading.sequence)
            status, _ = received(each, StatusMessage)
            assert seen == sorted(set(seen))
            assert (len(seen) + status.skipped, status.stream.rejected) == (FRAMES, 0)
            assert len(seen) <= status.stream.built <= FRAMES


def test_a_later_watcher_gets_a_status_at_once_and_then_the_next_frames(view, address):
    with watching(address, 1) as (first,):
        view.publish(1)
        received(first, FrameMessage)
        with connect(address) as second:
            assert unpack(second.recv(PATIENCE_S))[0].kind == "status"
            received(second, StatusMessage, lambda message: message.stream.watchers == 2)
            view.publish(2)
            assert received(second, FrameMessage)[0].reading.sequence == 2
        received(first, StatusMessage, lambda message: message.stream.watchers == 1)
