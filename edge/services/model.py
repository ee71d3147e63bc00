"""The model service: changes the active release between two frames, rolls it back, and runs a candidate in shadow."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass

import structlog

from edge.disk.journal import Journal
from edge.inference.admission import admit
from edge.inference.choice import Decision, Measured
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease, ModelUnusable
from edge.inference.shelf import Shelf, Shelved
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.loop import Pipeline
from edge.pipeline.shadow import Shadow, ShadowFigures
from edge.records.notices import Notices
from edge.records.store import Store
from edge.services.acceptance import AcceptanceService
from edge.services.busy import one_at_a_time
from edge.services.ledger import LedgerService
from edge.services.release_change import ReleaseChange
from edge.settings import Settings
from firmware_bridge.errors import Conflict, SonoEdgeError

JOURNAL_BYTES = 8_000_000
"""Largest size on disk of the disagreements of a shadow."""
FIRST_FRAME_S = 1.0
"""How long a swap waits for the first frame, which shows how long the swap took; it does not wait for an absent probe."""

LOOK_EVERY_S = 60

log = structlog.get_logger()


class ChangeRuns(Conflict):
    """The release is being changed."""

    code = "model-change-runs"
    says_code = "model_change_runs"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why `release`, as it was requested, is not used; `at` is the time in seconds since 1970."""

    release: str
    problem: SonoEdgeError
    at: float


@dataclass(frozen=True, slots=True)
class Swap:
    """`release` is used instead of `before`. `switched_ms` is the time from the request to its first frame, None if no frame came.

    It `lasts` unless the settings name a release, which is used again after the next start.
    """

    release: str
    before: str
    switched_ms: float | None
    lasts: bool


@dataclass(frozen=True, slots=True)
class ModelRecords:
    """Where changes of the release, and faults of the one in use, are recorded."""

    store: Store
    notices: Notices


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """`why` the release is used is a sentence without the full stop; `refusal` is the last refusal, until another release is used."""

    release: ModelRelease
    why: str
    measured: tuple[Measured, ...]
    refusal: Refusal | None
    shadow: ShadowFigures | None


class ModelService:
    """One change at a time. `status` never blocks; the methods that change read files, so call them from a worker thread.

    A release is first admitted, then recorded as the active one, and used last. A power cut before the record leaves the old release,
    after it the new one; both are complete and were admitted here. The swap cannot fail, so that the recorded release is the used one.
    """

    def __init__(self, decision: Decision, pipeline: Pipeline, shelf: Shelf, settings: Settings, records: ModelRecords) -> None:
        """`decision` is the release used from the start, and why, if that is not the active release of the shelf."""
        self._shelf, self._notices = shelf, records.notices
        self._changes = ReleaseChange(shelf, records.store, settings.threads)
        self._changes.fell_back(decision)
        self._changes.begins_with(decision.reader.release)
        self.acceptances, self.ledger = AcceptanceService.of(records.store), LedgerService(records.store, shelf)
        self._distrusted = ""
        self._pipeline, self._threads = pipeline, settings.threads
        self._journal = Journal(settings.data.disagreements, most_bytes=JOURNAL_BYTES)
        self._why, self._measured = decision.why, decision.measured
        self._changing, self._closing = threading.Lock(), threading.Lock()
        self._closed = False
        self._named = settings.model is not None
        self._refusal = Refusal("the active release", decision.problem, time.time()) if decision.problem else None

    @property
    def release(self) -> ModelRelease:
        """The release that reads the next frames."""
        return self._pipeline.reader.release

    @property
    def status(self) -> ModelStatus:
        shadow = self._pipeline.shadow
        return ModelStatus(self.release, self._why, self._measured, self._refusal, shadow.figures if shadow else None)

    def shelved(self, actor: Actor) -> tuple[Shelved, ...]:
        """Every release, examined; reads files.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        return self._shelf.releases()

    def previous(self, actor: Actor) -> str | None:
        """The release that `rollback` would use again; None also if the shelf does not know it. Reads a file.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        try:
            return self._shelf.previous()
        except ModelUnusable:
            return None

    def activate(self, actor: Actor, ident: str) -> Swap:
        """Uses a release of the shelf from the next frame on, also after the next start.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: it is refused, or cannot be recorded as the active one; the old one stays in use.
            LedgerIncomplete: the ledger of model changes has no complete entry of it; the old one stays in use.
            RecordsFull, RecordsUnusable: the audit trail cannot be written; the old one stays in use.
            ChangeRuns: another change has not ended yet.
        """
        actor.require(Verb.SERVE)
        with self._change(), self._recording(ident) as begun:
            reader = self._changes.activate(actor, ident, self.release.ident, self._before())
            return self._swap(reader, "it was activated", begun)

    def rollback(self, actor: Actor) -> Swap:
        """Uses the release before the active one again.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: there is none, it is refused, or it cannot be recorded as the active one; the current one stays in use.
            LedgerIncomplete: its files are no longer those that were in use; the current one stays in use.
            RecordsFull, RecordsUnusable: the audit trail cannot be written; the current one stays in use.
            ChangeRuns: another change has not ended yet.
        """
        actor.require(Verb.SERVE)
        with self._change():
            previous = self._shelf.goes_back_to()
            with self._recording(previous) as begun:
                reader = self._changes.rollback(actor, self.release.ident)
                return self._swap(reader, "it was gone back to", begun)

    def reload(self) -> None:
        """Admits the current release again with a new interpreter, after the old interpreter failed.

        Raises:
            ModelUnusable: it can no longer be used.
            ChangeRuns: a change has not ended yet.
        """
        with self._change():
            self._pipeline.replace(self._shelf.at_site(admit(self.release.folder, self._threads)))

    def shadow(self, actor: Actor, ident: str | None) -> ShadowFigures | None:
        """Runs a release of the shelf in shadow, in place of the current shadow; None: no shadow.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: it is refused; the current shadow stays.
            RecordsFull, RecordsUnusable: the audit trail cannot be written; the current shadow stays.
            ChangeRuns: another change has not ended yet.
        """
        actor.require(Verb.SERVE)
        with self._change():
            self._cast(self._changes.shadow(actor, ident, self.release.ident))
            return self.status.shadow

    def watch(self, stopping: threading.Event) -> None:
        """Looks every minute, until the appliance stops, whether the release in use is still trusted, and accepted where it was."""
        while not stopping.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Adds a notice, once, if the key of the release in use is not trusted any more. It stays in use: no exam ends by itself.

        Others state each acceptance that does not hold with this release, and that it has no complete entry in the ledger.
        """
        release = self.release
        self.acceptances.look(self._notices, release.sha256)
        self.ledger.look(self._notices, release.folder)
        try:
            self._shelf.trusted(release.folder)
        except ModelUnusable as error:
            if self._distrusted != release.ident:
                what = f"The model release in use is not trusted any more: {error.what}. It stays in use until the next start"
                self._notices.add("model-distrusted", what, error.fix)
                self._distrusted = release.ident
        else:
            self._distrusted = ""

    def close(self) -> None:
        """Ends the shadow, if there is one; no change is possible afterwards. Safe to call twice."""
        with self._closing:
            if not self._closed:
                self._changing.acquire()
                self._closed = True
            self._cast(None)

    def _cast(self, reader: Reader | None) -> None:
        before, self._pipeline.shadow = self._pipeline.shadow, Shadow(reader, self._journal.append) if reader else None
        if before is not None:
            before.close()
            self._changes.measured(before.figures)

    def _swap(self, reader: Reader, why: str, begun: float) -> Swap:
        before = self.release.ident
        first = self._pipeline.swap(reader)
        self._why, self._measured, self._refusal = why, (), None
        switched_ms = 1000 * (time.monotonic() - begun) if first.wait(FIRST_FRAME_S) else None
        swap = Swap(reader.release.ident, before, switched_ms, lasts=not self._named)
        log.info("another model release reads", **asdict(swap))
        shadow = self._pipeline.shadow
        if shadow is not None and shadow.release == reader.release.ident:
            self._cast(None)
        return swap

    def _before(self) -> str | None:
        """The release for a rollback while none was activated yet: the one in use, if the shelf has it."""
        with suppress(ModelUnusable):
            return self.release.ident if self._shelf.find(self.release.ident) == self.release.folder else None
        return None

    def _change(self) -> AbstractContextManager[None]:
        refusal = "Another change of the model release has not ended yet", "Wait for it to end, then try again"
        return one_at_a_time(self._changing, lambda: ChangeRuns(*refusal))

    @contextmanager
    def _recording(self, asked: str) -> Iterator[float]:
        """Records when it was requested; a refusal is stored so that it can be shown."""
        try:
            yield time.monotonic()
        except SonoEdgeError as error:
            self._refusal = Refusal(asked, error, time.time())
            log.warning("a model release is refused; the old one stays in use", release=asked, problem=error.what, fix=error.fix)
            raise
