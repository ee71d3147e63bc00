"""Whether the release in use still sees what it saw in its reference here: the verdict with its evidence, and what people decide."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from edge.disk.layout import DataFolder
from edge.exchange.apart import each_apart
from edge.feedback.drift.figures import DriftFigures, EvidenceFigures, State
from edge.feedback.drift.stored import StoredDrift
from edge.feedback.progress import Progress
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.people.policy import SitePolicy
from edge.records.drift.events import STOPPED, Decision, DriftEvent, DriftEvents, Found
from edge.records.errors import RecordStale
from edge.records.exams.answered import AnsweredExams
from edge.records.notices import Notices
from edge.records.store import Store
from edge.services.background import Background, Work, computed
from firmware_bridge.errors import Conflict, InputRefused

NAME = "drift"
"""Of the work in the background."""
LONGEST_REASON = 500
LOOK = "See Feedback, Drift"
DECIDE = "An over-reader or an administrator decides there"


class DriftReasonRefused(InputRefused):
    """A decision has no reason, or a text that is too long."""

    code = "drift-reason-refused"
    says_code = "drift_no_reason"


class NothingToDecide(Conflict):
    """There is no verdict to decide about."""

    code = "drift-nothing-to-decide"
    says_code = "drift_nothing"


@dataclass(frozen=True, slots=True)
class DriftStatus:
    """The watch of the release in use, None where it is not computed yet, and the events of that release, the first one first.

    `stopped` is the stop of which nobody has decided yet; `abstains` whether the model states nothing because of it.
    """

    release: str
    figures: DriftFigures | None
    events: tuple[DriftEvent, ...]
    stopped: DriftEvent | None
    abstains: bool

    @property
    def state(self) -> State | None:
        """A stop holds until a person decides, whatever is computed meanwhile."""
        if self.stopped is not None:
            return State.STOP
        return self.figures.state if self.figures else None

    @property
    def evidence(self) -> tuple[EvidenceFigures, ...]:
        """That of the stop, else that of the watch, the strongest first."""
        if self.stopped is not None:
            return tuple(EvidenceFigures.model_validate(each) for each in self.stopped.verdict["evidence"])
        return self.figures.evidence if self.figures else ()

    @property
    def about(self) -> str | None:
        """The id of the exam of the verdict about which a person can decide; None where there is nothing to decide."""
        found = _found(self)
        return found.exam_id if found else None


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision about the verdict of a `release` that the person saw: with the watch at `exam_id`."""

    decision: Decision
    reason: str
    release: str
    exam_id: str


class DriftService:
    """Any thread may use it; except for `state`, `stops` and `over_read_share`, each method waits for the disk."""

    def __init__(
        self, store: Store, data: DataFolder, background: Background, policy: SitePolicy, notices: Notices, *, release: Callable[[], str]
    ) -> None:
        """`release` is the ident of the release in use."""
        self._store, self._data, self._background, self._notices, self._release = store, data, background, notices, release
        self._events, self._stored = DriftEvents(store), StoredDrift(data.drift)
        self._abstains = policy.drift_stop == "abstain"
        self._shares = {State.WATCH: policy.over_read_at_watch, State.STOP: policy.over_read_at_stop}
        self._stopped, self._figures = self._events.stopped(), self._read()
        self._tried: tuple[object, ...] = ()

    def status(self, actor: Actor) -> DriftStatus:
        """The verdict, the events behind it, and whether the model answers.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        release = self._release()
        events = self._events.of(release)
        stopped = events[-1] if events and events[-1].act == STOPPED else None
        return DriftStatus(release, self._figures_of(release), events, stopped, self.stops(release))

    def work(self, actor: Actor) -> Work:
        """The state of the computation.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._background.work(NAME)

    def decide(self, actor: Actor, new: NewDecision) -> DriftEvent:
        """Records what a person decides of the verdict watch or stop: a new watch begins, and a stopped model answers again.

        Raises:
            NotAllowed: the actor is not allowed to vouch for models.
            DriftReasonRefused: no reason is stated.
            NothingToDecide: the verdict is not watch or stop.
            RecordStale: the verdict has changed since the person read it.
            RecordsFull, RecordsUnusable: nothing is decided.
        """
        actor.require(Verb.VOUCH)
        if not 0 < len(new.reason.strip()) <= LONGEST_REASON:
            raise DriftReasonRefused("A decision about the model needs a reason of up to 500 characters", "State why")
        status = self.status(actor)
        if new.release != status.release:
            raise RecordStale("Another model is in use now", "Read its verdict, then decide")
        found = _found(status)
        if found is None:
            raise NothingToDecide("The watch states neither watch nor stop", "Nothing has to be decided")
        if found.exam_id != new.exam_id:
            raise RecordStale("The verdict on the model has changed in the meantime", "Read it again, then decide")
        event = self._events.decide(actor.name, found, new.decision, new.reason.strip(), status.events[-1].id if status.events else None)
        self._stopped, self._figures = self._events.stopped(), None
        return event

    @property
    def state(self) -> State | None:
        """The state of the release in use; None where it is not computed yet."""
        release = self._release()
        figures = self._figures_of(release)
        return State.STOP if release in self._stopped else figures.state if figures else None

    def stops(self, release: str) -> bool:
        """Whether the site has stopped a release, so that it states nothing. It is asked of every frame."""
        return self._abstains and release in self._stopped

    def over_read_share(self) -> float:
        """The share of the exams that is over-read because of the verdict; 0 without one."""
        state = self.state
        return self._shares.get(state, 0.0) if state else 0.0

    def look(self) -> None:
        """Computes the watch again once an exam of a patient has ended, another release is in use, or a person has decided."""
        self._stopped = self._events.stopped()
        if self._background.ends or self._background.work(NAME).running:
            return
        release, exams = self._release(), AnsweredExams(self._store).count()
        wanted = release, exams, self._decision(release)
        figures = self._figures
        if exams and wanted != self._tried and (figures is None or wanted != (figures.release, figures.counted, figures.decision)):
            self._tried = wanted
            self._background.begin(NAME, self._compute)

    def _read(self) -> DriftFigures | None:
        """The stored figures; those from before a decision are of no use."""
        found = self._stored.get()
        return found if found is not None and found.decision == self._decision(found.release) else None

    def _decision(self, release: str) -> str | None:
        return next((each.id for each in reversed(self._events.of(release)) if each.act != STOPPED), None)

    def _figures_of(self, release: str) -> DriftFigures | None:
        return self._figures if self._figures is not None and self._figures.release == release else None

    def _compute(self) -> Generator[Progress, None, None]:
        from edge.feedback.drift.compute import drift_at  # noqa: PLC0415 - it computes in a process of its own

        return computed(each_apart(drift_at, self._data.root, self._release()), self._take)

    def _take(self, figures: DriftFigures) -> None:
        """Durable before visible: the stop first, then the figures. Where a person decided meanwhile, they are of no use."""
        if figures.decision != self._decision(figures.release):
            return
        what = f"The images or the answers of the model {figures.release} differ from its reference"
        if figures.state is State.STOP:
            stated = "It states nothing until a person decides" if self._abstains else "It still answers"
            self._events.stop(_found_in(figures), f"{what}: the watch states stop. {stated}", f"{LOOK}. {DECIDE}")
            self._stopped = self._events.stopped()
            self._notices.unseen()
        elif figures.state is State.WATCH and self.state is not State.WATCH:
            self._notices.add("drift-watch", f"{what}: the watch states watch. The model still answers", LOOK)
        self._stored.put(figures)
        self._figures = figures


def _found(status: DriftStatus) -> Found | None:
    """What a person decides about: the stop as it was recorded, else the verdict as it was computed; None where there is neither."""
    if status.stopped is not None:
        stop = status.stopped
        return Found(stop.release, stop.exam_id, stop.since_exam_id, stop.verdict)
    figures = status.figures
    return _found_in(figures) if figures is not None and figures.state is State.WATCH else None


def _found_in(figures: DriftFigures) -> Found:
    verdict = {
        "state": figures.state.value,
        "exams": figures.exams,
        "evidence": [each.model_dump(mode="json") for each in figures.evidence],
    }
    return Found(figures.release, figures.exam_id, figures.evidence[0].since_exam_id, verdict)
