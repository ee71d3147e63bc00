"""The child of `edge.exchange.apart`: does one piece of work, and ends."""

import os
import pickle
import sys
import threading
from typing import BinaryIO, NoReturn

import structlog

from edge.exchange.apart import End, ProcessEnded, Result
from firmware_bridge.errors import SonoEdgeError

log = structlog.get_logger()


def serve(work: BinaryIO, answers: BinaryIO) -> None:
    """Does the pickled work, and writes its results and its end."""
    do, given, named = pickle.load(work)  # noqa: S301 - our own parent wrote it
    threading.Thread(target=_end_with_parent, args=(work,), daemon=True).start()
    try:
        for result in do(*given, **named):
            _write(answers, Result(result))
    except SonoEdgeError as error:
        end = End(error)
    except Exception as error:
        log.exception("work apart failed")  # the parent receives no traceback
        end = End(error)
    else:
        end = End()
    _write(answers, end)


def _write(answers: BinaryIO, each: Result[object] | End) -> None:
    answers.write(_pickled(each))
    answers.flush()


def _pickled(each: Result[object] | End) -> bytes:
    try:
        return pickle.dumps(each)
    except Exception as error:
        what = f"The process for this work cannot hand over its result ({each!r:.200}: {error})"
        return pickle.dumps(End(ProcessEnded(what, "Report this with the log")))


def _end_with_parent(work: BinaryIO) -> NoReturn:
    os.read(work.fileno(), 1)  # not through the buffer: Python ends badly where a thread still holds it
    os._exit(1)


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "wb") as own:
        os.dup2(2, 1)  # what a library prints does not mix with the results
        serve(sys.stdin.buffer, own)
