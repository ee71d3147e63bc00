"""The newest lines of the log, in memory: a technician reads them on the page, without the board's shell."""

import logging
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from edge.people.actor import Actor
from edge.people.permission import Verb

MOST = 500
"""Lines in memory; with the longest text they take some hundred kilobytes."""
LONGEST_TEXT = 1000
LEVELS: Mapping[str, int] = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
APART = frozenset({"event", "level", "timestamp", "exc_info", "exception", "stack_info"})
"""Of an event, what is no value of its text."""
SECRET = frozenset({"code", "pin", "token"})
"""Values that only the log itself shows: with the one-time code somebody on the network could claim the appliance."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Line `number` since the start, counted from 1, from the program or library `source`."""

    number: int
    at: datetime
    level: str
    source: str
    text: str


class LogService:
    """Any thread may use it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=MOST)
        self._count = 0

    def note(self, record: logging.LogRecord) -> bool:
        """A filter of the process's log that passes every line, and takes note of it."""
        at, level = datetime.fromtimestamp(record.created, timezone.utc), record.levelname.lower()
        text = _text(record)[:LONGEST_TEXT]
        with self._turn:
            self._count += 1
            self._lines.append(LogLine(self._count, at, level, record.name, text))
        return True

    def lines(self, actor: Actor, lowest: str = "debug", after: int = 0) -> tuple[LogLine, ...]:
        """The lines of the level `lowest` and above that follow line `after`, the oldest first.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
        """
        actor.require(Verb.SERVE)
        with self._turn:
            lines = tuple(self._lines)
        return tuple(each for each in lines if each.number > after and LEVELS.get(each.level, logging.CRITICAL) >= LEVELS[lowest])


LOG = LogService()
"""The log belongs to the process, and so do its newest lines."""


def _text(record: logging.LogRecord) -> str:
    """The message with its values and its exception, without the traceback."""
    event = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
    shown = {name: "(hidden)" if name in SECRET else value for name, value in event.items() if name not in APART}
    failure = _failure(event.get("exc_info") or record.exc_info)
    return " ".join(filter(None, [str(event.get("event", "")), *(f"{name}={value}" for name, value in shown.items()), failure]))


def _failure(stated: object) -> str:
    """An exception as structlog and logging state it: itself, a triple, or True for the one that is handled now."""
    handled = sys.exc_info() if stated is True else stated
    error = handled[1] if isinstance(handled, tuple) else handled
    return f"({type(error).__name__}: {error})" if isinstance(error, BaseException) else ""
