"""The model desk: changes the release that reads between two frames, goes back to the one before, and lets a candidate read in shadow."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from edge.settings import Settings
from firmware_bridge.errors import Conflict, SonoEdgeError

JOURNAL_BYTES = 8_000_000
"""Of the disk, for what a shadow disagreed on."""
FIRST_FRAME_S = 1.0
"""So long a swap waits for the first frame to tell how long it took; a probe that is away is not waited for."""

log = structlog.get_logger()


class ChangeRuns(Conflict):
    """The release is being changed."""

    code = "model-change-runs"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why `release`, as it was asked for, does not read; `at` is the time of day, in seconds since 1970."""

    release: str
    problem: SonoEdgeError
    at: float


@dataclass(frozen=True, slots=True)
class Swap:
    """`release` reads instead of `before`. `switched_ms` is from the request to the first frame offered to it, None where none came.

    It `lasts` unless the settings name a release, which reads again after the next start.
    """

    release: str
    before: str
    switched_ms: float | None
    lasts: bool


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """`why` the release reads is a sentence without the full stop; `refusal` is the last one, until another release is taken."""

    release: ModelRelease
    why: str
    measured: tuple[Measured, ...]
    refusal: Refusal | None
    shadow: ShadowFigures | None


class ModelService:
    """One change at a time. `status` never blocks; the methods that change read files, so call them from a worker thread.

    A change is admitted first, written down second and swapped to last. A cut of power before it is written down leaves the old release,
    one after it the new one, and both are whole and were admitted here. Swapping cannot fail, so that what reads is what was written.
    """

    def __init__(self, decision: Decision, pipeline: Pipeline, shelf: Shelf, settings: Settings) -> None:
        """`decision` is what reads from the start; where that is not the active release of the shelf, it is told why."""
        self._shelf = shelf
        self._pipeline, self._threads = pipeline, settings.threads
        self._journal = Journal(settings.data.disagreements, most_bytes=JOURNAL_BYTES)
        self._why, self._measured = decision.why, decision.measured
        self._changing, self._closing = threading.Lock(), threading.Lock()
        self._closed = False
        self._named = settings.model is not None
        self._refusal = Refusal("the active release", decision.problem, time.time()) if decision.problem else None

    @property
    def release(self) -> ModelRelease:
        """The one that reads the frames that come from now on."""
        return self._pipeline.reader.release

    @property
    def status(self) -> ModelStatus:
        shadow = self._pipeline.shadow
        return ModelStatus(self.release, self._why, self._measured, self._refusal, shadow.figures if shadow else None)

    def shelved(self, actor: Actor) -> tuple[Shelved, ...]:
        """Every release that there is, examined; reads files.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        return self._shelf.releases()

    def previous(self, actor: Actor) -> str | None:
        """What `rollback` would go back to; None too where the shelf cannot tell. Reads a file.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        try:
            return self._shelf.previous()
        except ModelUnusable:
            return None

    def activate(self, actor: Actor, ident: str) -> Swap:
        """Has a release of the shelf read from the next frame on, also after the next start.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: it is refused, or cannot be written down as the active one; the old one reads on.
            ChangeRuns: another change is under way.
        """
        actor.require(Verb.SERVE)
        with self._change(), self._kept(ident) as begun:
            reader = admit(self._shelf.find(ident), self._threads)
            self._shelf.activate(reader.release.ident, self._before())
            return self._swap(reader, "it was activated", begun)

    def rollback(self, actor: Actor) -> Swap:
        """Has the release before the active one read again.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: there is none, it is refused, or it cannot be written down as the active one; what reads now reads on.
            ChangeRuns: another change is under way.
        """
        actor.require(Verb.SERVE)
        with self._change():
            previous = self._shelf.goes_back_to()
            with self._kept(previous) as begun:
                reader = admit(self._shelf.find(previous), self._threads)
                self._shelf.rollback()
                return self._swap(reader, "it was gone back to", begun)

    def reload(self) -> None:
        """Admits the release that reads once more, with an interpreter of its own, after reading with the previous one failed.

        Raises:
            ModelUnusable: it cannot be used any more.
            ChangeRuns: it is being changed.
        """
        with self._change():
            self._pipeline.replace(admit(self.release.folder, self._threads))

    def shadow(self, actor: Actor, ident: str | None) -> ShadowFigures | None:
        """Has a release of the shelf read in shadow instead of the one that does; None: no release.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: it is refused; what read in shadow reads on.
            ChangeRuns: another change is under way.
        """
        actor.require(Verb.SERVE)
        with self._change():
            reader = admit(self._shelf.find(ident), 1) if ident is not None else None
            self._cast(reader)
            return self.status.shadow

    def close(self) -> None:
        """Ends the shadow, if there is one; nothing can be changed any more. Safe to call twice."""
        with self._closing:
            if not self._closed:
                self._changing.acquire()
                self._closed = True
            self._cast(None)

    def _cast(self, reader: Reader | None) -> None:
        before, self._pipeline.shadow = self._pipeline.shadow, Shadow(reader, self._journal.append) if reader else None
        if before is not None:
            before.close()

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
        """What to go back to where nothing was activated yet: what reads, if the shelf has it."""
        with suppress(ModelUnusable):
            return self.release.ident if self._shelf.find(self.release.ident) == self.release.folder else None
        return None

    @contextmanager
    def _change(self) -> Iterator[None]:
        if not self._changing.acquire(blocking=False):
            raise ChangeRuns("The model release is being changed already", "Wait for that to end, then ask again")
        try:
            yield
        finally:
            self._changing.release()

    @contextmanager
    def _kept(self, asked: str) -> Iterator[float]:
        """When it was asked for; a refusal is kept to be shown."""
        try:
            yield time.monotonic()
        except SonoEdgeError as error:
            self._refusal = Refusal(asked, error, time.time())
            log.warning("a model release is refused; the old one reads on", release=asked, problem=error.what, fix=error.fix)
            raise
