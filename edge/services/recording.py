"""Starts and stops recordings of what passes through the pipeline: every frame, every reading, every event of the link."""

import re
from pathlib import Path

import structlog

from edge.disk.durable import time_stamp, unused
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.observation import Observation
from firmware_bridge.errors import Conflict
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder, RecordingStatus
from firmware_bridge.recording import Said
from firmware_bridge.sources.base import SourceInfo, SourceLoss

UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")

log = structlog.get_logger()


class RecordingRuns(Conflict):
    """There is one already."""

    code = "recording-runs"


class NoRecording(Conflict):
    """There is none to stop."""

    code = "no-recording"


class RecordingService:
    """At most one recording at a time; a `Tap` of the pipeline. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recorder: Recorder | None = None

    @property
    def status(self) -> RecordingStatus | None:
        """Of the recording that runs, or of the last one; None before the first."""
        return self._recorder.status if self._recorder else None

    @property
    def _running(self) -> Recorder | None:
        recorder = self._recorder
        return recorder if recorder is not None and recorder.running else None

    def start(self, actor: Actor, info: SourceInfo) -> RecordingStatus:
        """Begins a new file in the folder, named by the time and the probe.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            RecordingRuns: one runs already.
            RecordingStopped: the disk has no room, or cannot be written.
        """
        actor.require(Verb.SCAN)
        if self._running is not None:
            raise RecordingRuns("a recording runs already", "Stop it first")
        name = UNSAFE.sub("-", info.serial_number or info.name).strip("-") or "source"
        self._recorder = Recorder(unused(self._folder / f"{time_stamp()}-{name}.mcap"), info, NOTICE)
        log.info("recording", path=str(self._recorder.status.path))
        return self._recorder.status

    def stop(self, actor: Actor) -> RecordingStatus:
        """Ends the recording and returns how it went.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            NoRecording: none was begun.
        """
        actor.require(Verb.SCAN)
        if self._recorder is None:
            raise NoRecording("nothing is being recorded", "Start a recording first")
        status = self._recorder.close()
        log.info("recorded", path=str(status.path), frames=status.frames, problem=str(status.problem or ""))
        return status

    def close(self) -> None:
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
            recorder.reading(observation.frame.sequence, observation.said)

    def event(self, said: Said) -> None:
        """Something that happened to the source: opened, lost, ended."""
        if (recorder := self._running) is not None:
            if said.get("event") == "opened":
                recorder.reopened()
            recorder.event(said)
