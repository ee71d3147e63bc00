"""The same message of a library fills the log only once a minute, and none is lost silently."""

import asyncio
import errno
import logging
import socket

import pytest

from edge.health.seldom import AGAIN_S, MOST, Seldom


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def logged(clock):
    """Messages of asyncio, of uvicorn and our own that pass the filter, as text."""
    passed = []
    handler = logging.Handler()
    handler.emit = lambda record: passed.append(record.getMessage())
    handler.addFilter(Seldom(("edge",), lambda: clock[0]))
    loggers = [logging.getLogger(name) for name in ("asyncio", "uvicorn", "edge.test_seldom")]
    for logger in loggers:
        logger.addHandler(handler)
    yield passed
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_repeated_message_is_logged_once_a_minute_with_the_number_of_the_others(logged, clock):
    for _ in range(1000):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    clock[0] += AGAIN_S
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert logged == ["Invalid HTTP request received.", "Invalid HTTP request received. (999 more like this were not logged)"]


def test_other_values_make_no_other_message_but_another_failure_does(logged):
    for number in range(9):
        logging.getLogger("uvicorn.error").warning("closed %d", number)
    for error in (KeyError("a"), KeyError("b"), OSError("c")):
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    assert logged == ["closed 0", "Exception in ASGI application", "Exception in ASGI application"]


def test_our_own_messages_are_all_logged(logged):
    ours = logging.getLogger("edge.test_seldom")
    ours.setLevel(logging.WARNING)  # whatever the level of a command that ran before in this process
    for _ in range(3):
        ours.warning("frame lost")
    assert logged == ["frame lost"] * 3


def test_few_messages_are_remembered(clock):
    seldom = Seldom(("edge",), lambda: clock[0])
    for number in range(2 * MOST):
        assert seldom.filter(logging.LogRecord("uvicorn", logging.ERROR, "", 0, f"message {number}", (), None))
    assert len(seldom._logged) == MOST


class Starved(socket.socket):
    """A listening socket of a process without a free file descriptor."""

    def accept(self):
        raise OSError(errno.EMFILE, "Too many open files")


def test_a_process_without_free_files_logs_it_once(logged):
    async def listen(starved):
        server = await asyncio.start_server(lambda *_: None, sock=starved, backlog=100)
        with socket.create_connection(starved.getsockname()):
            while not logged:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
        server.close()

    plain = socket.create_server(("127.0.0.1", 0))
    with Starved(plain.family, plain.type, plain.proto, fileno=plain.detach()) as starved:
        asyncio.run(listen(starved))
    assert len(logged) == 1
    assert "out of system resource" in logged[0]
