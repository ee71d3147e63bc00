"""When a status message is due: at once after a change of state, a few times per second for counters, and once per second in any case."""

from collections.abc import Callable
from typing import Any

from edge.api.exams.schema import exam_out
from edge.api.live.message import StatusMessage, StreamOut, status_body
from edge.api.models.schema import line_of
from edge.api.schema import counts_of, outages_of, recording_of, source_of
from edge.api.view import ApplianceView
from edge.people.actor import NOBODY_ACTOR

COUNTERS_S = 0.25
"""The shortest time between two messages if only counters change, in seconds."""

HEARTBEAT_S = 1.0
"""The longest time between two messages, in seconds. A watcher that receives nothing for several times as long has lost the connection."""

COUNTERS: dict[str, Any] = {
    "source": {"losses"},
    "counts": True,
    "recording": {"frames", "bytes", "dropped"},
    "exam": {"held_s", "as_of_ms"},
    "frames_per_second": True,
    "stream": {"watchers", "built"},
    "skipped": True,
}
"""The counters, in the form of pydantic's `exclude`; every other field but the clock is a state."""

CLOCK: dict[str, Any] = {"exam": {"as_of_ms"}}


class StatusBuilder:
    """Builds the status messages of one run of the stream; call `due` repeatedly, in one thread at a time."""

    def __init__(self, view: ApplianceView, stream: Callable[[], StreamOut]) -> None:
        self._view, self._stream = view, stream
        self._state: dict[str, object] = {}
        self._content: dict[str, object] = {}
        self._sent_at = 0.0

    def due(self, now: float) -> bytes | None:
        """The body of the message that is due at `now` (seconds of `time.monotonic()`), or None. The first call always returns one."""
        message = status_message(self._view, self._stream())
        state, content = message.model_dump(exclude=COUNTERS), message.model_dump(exclude=CLOCK)
        waited = now - self._sent_at
        if state == self._state and waited < (HEARTBEAT_S if content == self._content else COUNTERS_S):
            return None
        self._state, self._content, self._sent_at = state, content, now
        return status_body(message)


def status_message(view: ApplianceView, stream: StreamOut) -> StatusMessage:
    """The state of the appliance that an anonymous watcher is allowed to see."""
    return StatusMessage(
        source=source_of(view),
        counts=counts_of(view),
        recording=recording_of(view.recording.status),
        exam=exam_out(view, NOBODY_ACTOR),
        model=line_of(view),
        frames_per_second=_rate(view),
        stream=stream,
        outages=outages_of(view),
    )


def _rate(view: ApplianceView) -> float:
    """Frames read per second, over the observations in the hub."""
    recent = view.hub.recent()
    if len(recent) < 2:
        return 0.0
    return round((len(recent) - 1) * 1e9 / max(1, recent[-1].published_ns - recent[0].published_ns), 1)
