"""The live stream as server-sent events, from a real server: the same messages, watchers and limits as those of the WebSocket."""

import base64
import http.client
import socket
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest

from edge.api.live.message import FrameMessage, StatusMessage, unpack
from edge.api.live.seats import MOST_WATCHERS
from edge.api.server import GRACE_S, WebServer

EVENTS = "/api/v1/live/events"
ACCEPT = {"Accept": "text/event-stream"}


@pytest.fixture
def served(app):
    """(host, port) of a running server, and what closes it and waits for its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    beating = threading.Event()
    server = WebServer(app, listener, beating.set)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert beating.wait(30)

    def end():
        server.close()
        thread.join()

    yield listener.getsockname(), end
    end()


@contextmanager
def watching(address, headers=ACCEPT):
    with closing(http.client.HTTPConnection(*address, timeout=30)) as line:
        line.request("GET", EVENTS, headers=headers)
        yield line.getresponse()


def next_of(answer, kind):
    """The next message of this kind, and its JPEG."""
    while True:
        line = answer.readline()
        assert line, "the stream ended"
        if line.startswith(b"data: "):
            message, jpeg = unpack(base64.b64decode(line[6:].strip(), validate=True))
            if isinstance(message, kind):
                return message, jpeg


def test_the_events_carry_the_messages_of_the_socket(served, view):
    address, _ = served
    with watching(address) as answer:
        assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        assert next_of(answer, StatusMessage)[0].stream.watchers == 1
        view.publish(7)
        message, jpeg = next_of(answer, FrameMessage)
        assert message.reading.sequence == 7
        assert jpeg.startswith(b"\xff\xd8")


def test_a_client_that_leaves_is_forgotten(served, view, eventually):
    address, _ = served
    with watching(address) as answer:
        next_of(answer, StatusMessage)
        assert len(view.hub._subscriptions) == 1
    eventually(lambda: not view.hub._subscriptions, "the stream goes on without a watcher")


def test_a_client_that_reads_nothing_skips_frames_and_does_not_stop_the_others(served, view):
    address, _ = served
    with watching(address), watching(address) as answer:
        next_of(answer, StatusMessage)
        for sequence in range(300):
            view.publish(sequence)
            time.sleep(0.001)
        while next_of(answer, FrameMessage)[0].reading.sequence != 299:
            pass


def test_a_place_has_one_limit_for_both_kinds_of_stream(served, view, eventually):
    address, _ = served
    with ExitStack() as pages:
        for _ in range(MOST_WATCHERS):
            next_of(pages.enter_context(watching(address)), StatusMessage)
        with watching(address) as refused:
            assert refused.status == 429
            assert b"Close a page" in refused.read()
    eventually(lambda: not view.hub._subscriptions, "the stream goes on without a watcher")
    with watching(address) as answer:
        next_of(answer, StatusMessage)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({**ACCEPT, "Origin": "http://evil.example"}, 403, b"foreign-request"), ({"Accept": "*/*"}, 406, b"events-not-accepted")],
)
def test_another_sites_page_or_image_holds_no_stream_open(served, view, headers, status, code):
    address, _ = served
    with watching(address, headers) as answer:
        assert answer.status == status
        assert code in answer.read()
    assert not view.hub._subscriptions


def test_a_server_that_is_closed_does_not_wait_for_its_watchers(served):
    address, end = served
    with watching(address) as answer:
        next_of(answer, StatusMessage)
        begun = threading.Thread(target=end)
        begun.start()
        with suppress(ConnectionResetError, http.client.IncompleteRead):
            answer.read()
        begun.join(GRACE_S / 2)
        assert not begun.is_alive()


def test_a_stream_that_fails_ends_its_events(served, view):
    address, _ = served
    with watching(address) as answer:
        next_of(answer, StatusMessage)
        view.status = None
        while answer.readline():  # it would wait for ever for the end
            pass
