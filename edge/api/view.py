"""What the API needs to know of the appliance: the appliance provides it, the routers ask it, tests may build it."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from edge.desks.exam import ExamDesk
from edge.desks.model import ModelDesk
from edge.desks.people import PeopleDesk
from edge.desks.probe_check import ProbeCheckDesk
from edge.desks.records_keeper import RecordsKeeper
from edge.desks.report import ReportDesk
from edge.desks.review import ReviewDesk
from edge.pipeline.counts import CountsSnapshot
from edge.pipeline.hub import Hub
from edge.records.notices import Notices
from edge.records.store import Store
from edge.settings import Settings
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.sources.base import SourceInfo, SourceLoss


class SourceState(str, Enum):
    """Where the appliance stands with its source."""

    OPENING = "opening"
    STREAMING = "streaming"
    LOST = "lost"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """`reason` is the code of what is wrong, `problem` and `fix` are its sentences; all empty while all is well.

    While the state is streaming they tell of something that does not stop the frames: a probe that floods, or another probe.
    """

    state: SourceState
    url: str
    info: SourceInfo | None
    losses: tuple[SourceLoss, ...]
    reason: str = ""
    problem: str = ""
    fix: str = ""


class RecordingView(Protocol):
    """Where recordings begin and end."""

    @property
    def status(self) -> RecordingStatus | None: ...

    def stop(self) -> RecordingStatus: ...


class ApplianceView(Protocol):
    """The running appliance, seen from the API. Every member may be read from the event loop without blocking."""

    @property
    def ready(self) -> bool:
        """True once the model has answered its warm-up."""
        ...

    @property
    def settings(self) -> Settings: ...

    @property
    def store(self) -> Store:
        """What is recorded; every use of it waits for the disk: from a thread only."""
        ...

    @property
    def notices(self) -> Notices:
        """Its methods wait for the disk: call them from a thread, but for `waiting`."""
        ...

    @property
    def records(self) -> RecordsKeeper:
        """Its methods wait for disks: call them from a thread."""
        ...

    @property
    def people(self) -> PeopleDesk:
        """Its methods wait for the disk, and for a PIN to be checked: call them from a thread."""
        ...

    @property
    def reviews(self) -> ReviewDesk:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def reports(self) -> ReportDesk:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def models(self) -> ModelDesk:
        """Its methods read files and load models: call them from a thread, but for `release` and `status`."""
        ...

    @property
    def hub(self) -> Hub: ...

    @property
    def counts(self) -> CountsSnapshot: ...

    @property
    def recording(self) -> "RecordingView": ...

    @property
    def exam(self) -> ExamDesk:
        """Its methods write files: call them from a thread, but for `status`."""
        ...

    @property
    def probe_checks(self) -> ProbeCheckDesk: ...

    def record(self) -> RecordingStatus:
        """Begins to record; from a thread, because it makes a file.

        Raises:
            SonoEdgeError: a recording runs, or the disk has no room.
        """
        ...

    def source_status(self) -> SourceStatus: ...

    def set_source(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Sets the source and returns what it is then set to; may take seconds, so call it from a thread.

        Raises:
            BridgeError: there is none, or it does not answer.
        """
        ...
