"""Sessions that end: each is over at once in this process, also while the disk refuses to record it."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import structlog

from edge.records.clock import Running
from edge.records.people.sessions import Sessions
from firmware_bridge.errors import SonoEdgeError

AGAIN = timedelta(minutes=1)
"""How often an end that the disk refused is recorded again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Ending:
    by: str
    act: str
    detail: dict[str, str]


class Endings:
    """Any thread may use it."""

    def __init__(self, sessions: Sessions, ran: Running) -> None:
        self._sessions, self._ran = sessions, ran
        self._turn = threading.Lock()
        self._unrecorded: dict[str, _Ending] = {}
        self._tried = timedelta()

    def over(self, session_id: str) -> bool:
        """Whether a session has ended whose record may still be missing."""
        return session_id in self._unrecorded

    def end(self, session_id: str, by: str, act: str, **detail: str) -> None:
        """Ends a session; it is over when this returns, whatever the disk does."""
        self._unrecorded.setdefault(session_id, _Ending(by, act, detail))
        self._record()

    def record_due(self) -> None:
        """Records again what the disk refused, if the last try was `AGAIN` ago."""
        if self._unrecorded and self._ran() - self._tried >= AGAIN:
            self._record()

    def _record(self) -> None:
        with self._turn:
            self._tried = self._ran()
            for session_id, ending in list(self._unrecorded.items()):
                try:
                    self._sessions.end(session_id, ending.by, ending.act, **ending.detail)
                except SonoEdgeError as error:
                    log.warning("the end of a session was not recorded", session=session_id, problem=error.what)
                    return
                del self._unrecorded[session_id]
