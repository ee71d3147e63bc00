"""Starts and stops recordings of the pipeline: every frame, every reading, every event of the link."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import structlog

from edge.disk.durable import time_stamp, unused
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.observation import Observation
from firmware_bridge.errors import Conflict, SonoEdgeError
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import FREE_FLOOR_BYTES, Recorder, RecordingStatus
from firmware_bridge.recording import Said
from firmware_bridge.sources.base import SourceInfo, SourceLoss

UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def kept_free_of(session_id: str | None, kept_free: int) -> int:
    """The bytes of the disk that a recording leaves free; `session_id` is the break-glass session in which it began, None for any other.

    A recording in an emergency ends early: no clip of others is removed for it (`kept_free`, see `edge.records.exams.retention`), and
    people who signed in can still record afterwards.
    """
    return FREE_FLOOR_BYTES if session_id is None else max(kept_free, FREE_FLOOR_BYTES) + FREE_FLOOR_BYTES


log = structlog.get_logger()


class RecordingRuns(Conflict):
    """Another recording runs."""

    code = "recording-runs"
    says_code = "recording_runs"


class NoRecording(Conflict):
    """No recording can be stopped."""

    code = "no-recording"
    says_code = "no_recording"


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """A recording on the disk: its size in bytes, and when it was written last."""

    name: str
    bytes: int
    at: datetime


class RecordingService:
    """At most one recording at a time; a `Tap` of the pipeline. Every method may be called from any thread."""

    def __init__(self, folder: Path, kept_free: Callable[[], int] = lambda: 0) -> None:
        """`kept_free` are the bytes of the disk that a recording in an emergency leaves to others."""
        self._folder, self._kept_free = folder, kept_free
        self._turn = threading.Lock()
        """Held while a recording begins or ends: two at once would leave a recorder open."""
        self._recorder: Recorder | None = None
        self._session: str | None = None
        """The break-glass session in which it began, if any."""
        self._refused: SonoEdgeError | None = None
        self._closed = False

    @property
    def status(self) -> RecordingStatus | None:
        """The status of the current recording, or of the last one; None before the first."""
        return self._recorder.status if self._recorder else None

    @property
    def problem(self) -> SonoEdgeError | None:
        """Why the last recording did not begin, or ended by itself; None if it did not fail."""
        status = self.status
        return self._refused or (status.problem if status else None)

    @property
    def _running(self) -> Recorder | None:
        recorder = self._recorder
        return recorder if recorder is not None and recorder.running else None

    def start(self, actor: Actor, info: SourceInfo) -> RecordingStatus:
        """Begins a new file in the folder, named by the time and the probe.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            RecordingRuns: another recording runs.
            RecordingStopped: the disk has no room, or cannot be written.
            NoRecording: the appliance is stopping.
        """
        actor.require(Verb.SCAN)
        name = UNSAFE.sub("-", info.serial_number or info.name).strip("-") or "source"
        with self._turn:
            if self._closed:
                raise NoRecording("the appliance is stopping", "Start it again, then record")
            if self._running is not None:
                raise RecordingRuns("another recording runs", "Stop it first")
            try:
                floor = kept_free_of(actor.confined_to, self._kept_free())
                self._recorder = Recorder(unused(self._folder / f"{time_stamp()}-{name}.mcap"), info, NOTICE, floor)
            except SonoEdgeError as error:
                self._refused = error
                raise
            self._refused, self._session = None, actor.confined_to
            status = self._recorder.status
        log.info("recording", path=str(status.path))
        return status

    def stop(self, actor: Actor) -> RecordingStatus:
        """Ends the recording and returns its status.

        Raises:
            NotAllowed: the actor is not allowed to scan, or the recording began outside their emergency session.
            NoRecording: no recording was started.
        """
        actor.require(Verb.SCAN)
        with self._turn:
            if self._recorder is None:
                raise NoRecording("nothing is being recorded", "Start a recording first")
            actor.require_reach(self._session)
            status = self._recorder.close()
        log.info("recorded", path=str(status.path), frames=status.frames, dropped=status.dropped, problem=str(status.problem or ""))
        return status

    def listed(self, actor: Actor) -> tuple[RecordingFile, ...]:
        """The recordings in the folder, the newest first.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
        """
        actor.require(Verb.SERVE)
        found = ((path.name, path.stat()) for path in self._folder.glob("*.mcap") if path.is_file())
        files = (RecordingFile(name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, timezone.utc)) for name, stat in found)
        return tuple(sorted(files, key=lambda each: each.at, reverse=True))

    def close(self) -> None:
        """Ends the current recording; none begins afterwards."""
        with self._turn:
            self._closed = True
            if self._recorder is not None:
                self._recorder.close()

    def frame(self, frame: Frame) -> None:
        if (recorder := self._running) is not None:
            recorder.frame(frame)

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        if (recorder := self._running) is not None:
            recorder.losses(losses)

    def observation(self, observation: Observation) -> None:
        if (recorder := self._running) is not None:
            recorder.reading(observation.frame.sequence, observation.record)

    def event(self, stated: Said) -> None:
        """An event of the source: opened, lost, ended."""
        if (recorder := self._running) is not None:
            if stated.get("event") == "opened":
                recorder.reopened()
            recorder.event(stated)
