"""A trial of the appliance without a probe: for some minutes the simulated chest takes the place of the source, and then gives it back."""

import threading
from datetime import timedelta

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.source_switch import SourceSwitch
from edge.records.audit.entry import Detail
from edge.records.clock import Running, running
from edge.records.store import Store
from edge.services.exam import ExamService
from edge.services.recording import RecordingService
from firmware_bridge.errors import Conflict

LASTS = timedelta(minutes=5)
"""An exam or a recording that was begun in the trial is finished on the simulated chest, however long it takes."""


class TrialRefused(Conflict):
    """The source cannot be exchanged now."""

    code = "trial-refused"


class TrialService:
    """Any thread may use it. A restart of the appliance ends a trial."""

    def __init__(self, store: Store, switch: SourceSwitch, exam: ExamService, recording: RecordingService, ran: Running = running) -> None:
        self._store, self._switch, self._exam, self._recording, self._ran = store, switch, exam, recording, ran
        self._turn = threading.Lock()
        self._ends: timedelta | None = None

    @property
    def left_s(self) -> int | None:
        """The seconds that are left, 0 while an exam or a recording prolongs it; None without a trial."""
        ends = self._ends
        return None if ends is None or not self._switch.trying else max(0, round((ends - self._ran()).total_seconds()))

    def begin(self, actor: Actor) -> None:
        """Shows the simulated chest for `LASTS`; a trial that runs goes on.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            TrialRefused: an exam is open, a recording runs, or the source is simulated anyway.
            RecordsFull: the disk refuses the audit entry.
        """
        actor.require(Verb.SERVE)
        with self._turn:
            if self._switch.trying and self._ends is not None:
                return
            if not self._switch.trying and _simulated(self._switch):
                raise TrialRefused("The source is simulated already", "Open the scan page", says="trial_simulated")
            self._require_free()
            self._audit(actor, "trial.began", {"minutes": LASTS // timedelta(minutes=1)})
            self._ends = self._ran() + LASTS
            self._switch.try_simulated(self._is_over)
            if (begun := self._in_use()) is not None:  # meanwhile, on the own source
                self._ends = None
                raise begun

    def end(self, actor: Actor) -> None:
        """Gives the source back now.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            TrialRefused: an exam is open, or a recording runs.
            RecordsFull: the disk refuses the audit entry.
        """
        actor.require(Verb.SERVE)
        with self._turn:
            if not self._switch.trying or self._ends is None:
                return
            self._require_free()
            self._audit(actor, "trial.ended", {})
            self._ends = None

    def _is_over(self) -> bool:
        """Whether the next frame comes from the own source again."""
        ends = self._ends
        return ends is None or (self._ran() >= ends and self._in_use() is None)

    def _in_use(self) -> TrialRefused | None:
        """What the source must not be exchanged under."""
        recorded = self._recording.status
        if self._exam.status.running:
            return TrialRefused("An exam is open", "End it first", says="trial_exam")
        runs = recorded is not None and recorded.running
        return TrialRefused("A recording runs", "Stop it first", says="trial_recording") if runs else None

    def _require_free(self) -> None:
        if (refused := self._in_use()) is not None:
            raise refused

    def _audit(self, actor: Actor, act: str, detail: Detail) -> None:
        with self._store.write() as change:
            change.log(actor.name, act, "source", detail)


def _simulated(switch: SourceSwitch) -> bool:
    info = switch.status().info
    return info is not None and info.simulated
