"""Changes of the active release, with their entries in the audit trail: who, which release, instead of which, and the result.

A change is recorded as asked for before anything is done, so that no power cut and no full disk leaves a change without its entry.
Every activation passes here, from the API and from the shell, and so the ledger of model changes is asked here.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from edge.feedback.ledger.entry import shadow_result, subject_of
from edge.feedback.ledger.ledger import Ledger
from edge.inference.admission import admit
from edge.inference.choice import Decision
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, Actor
from edge.people.permission import Verb
from edge.pipeline.shadow import ShadowFigures
from edge.records.audit.entry import Detail
from edge.records.store import Store
from firmware_bridge.errors import SonoEdgeError

ACTIVATION, ROLLBACK, SHADOW = "activation", "rollback", "shadow"
ASKED, REFUSED, FELL_BACK = "model.asked-for", "model.refused", "model.fell-back"
MEASURED = "model.shadow-measured"
DONE = {ACTIVATION: "model.activated", ROLLBACK: "model.rolled-back", SHADOW: "model.shadow-set"}
NONE = "none"

log = structlog.get_logger()


class ReleaseChange:
    """For the appliance, and for the shell while no appliance runs. `now` is the release that reads until the change."""

    def __init__(self, shelf: Shelf, store: Store, threads: int) -> None:
        self._shelf, self._store, self._threads = shelf, store, threads
        self._ledger = Ledger(store)

    def activate(self, actor: Actor, ident: str, now: str, before: str | None) -> Reader:
        """Admits a release, and records it as the active one; `before` is for a rollback, as `Shelf.activate` takes it.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: it is refused, or cannot be recorded as the active one.
            LedgerIncomplete: the ledger has no complete entry of it.
            RecordsFull, RecordsUnusable: the audit trail cannot be written; nothing is changed.
        """
        actor.require(Verb.SERVE)
        with self._audited(actor, ACTIVATION, ident, now):
            self._note_in_use()
            reader = self._shelf.at_site(admit(self._shelf.to_read(ident), self._threads))
            entry = self._ledger.require(subject_of(reader.release.folder))
            self._shelf.activate(reader.release.ident, before)
        self._record(actor, DONE[ACTIVATION], reader.release.ident, {"from": now, "ledger": entry.id})
        return reader

    def rollback(self, actor: Actor, now: str) -> Reader:
        """Admits the previous release, and records it as the active one.

        Raises:
            NotAllowed, ModelUnusable, RecordsFull, RecordsUnusable: see `activate`.
            LedgerIncomplete: its files are no longer those that were in use.
        """
        actor.require(Verb.SERVE)
        previous = self._shelf.goes_back_to()
        with self._audited(actor, ROLLBACK, previous, now):
            reader = self._shelf.at_site(admit(self._shelf.to_read(previous), self._threads))
            self._ledger.require_known(subject_of(reader.release.folder))
            self._shelf.rollback()
        self._record(actor, DONE[ROLLBACK], reader.release.ident, {"from": now})
        return reader

    def shadow(self, actor: Actor, ident: str | None, now: str) -> Reader | None:
        """Admits a release that reads in shadow next to `now`; None: no shadow.

        Raises:
            NotAllowed, ModelUnusable, RecordsFull, RecordsUnusable: see `activate`.
        """
        actor.require(Verb.SERVE)
        with self._audited(actor, SHADOW, ident or NONE, now):
            reader = self._shelf.at_site(admit(self._shelf.to_read(ident), 1)) if ident is not None else None
        self._record(actor, DONE[SHADOW], reader.release.ident if reader else NONE, {"active": now})
        return reader

    def measured(self, figures: ShadowFigures) -> None:
        """Records what a shadow measured until it ended, for the ledger entry of its release."""
        with _logged("the audit trail lacks what a shadow measured", figures.release):
            if (result := shadow_result(figures, self._store.now())) is not None:
                subject = subject_of(self._shelf.find(figures.release))
                detail: Detail = {"release_sha256": subject.sha256, "figures": result.model_dump(mode="json")}
                self._record(APPLIANCE_ACTOR, MEASURED, figures.release, detail)

    def begins_with(self, release: ModelRelease) -> None:
        """States in the ledger which releases are in use without an entry: these stay in use, and can be gone back to."""
        with _logged("the ledger lacks a release in use", release.ident):
            self._ledger.note_in_use(subject_of(release.folder))
            self._note_in_use()

    def _note_in_use(self) -> None:
        for ident in (self._shelf.active(), self._shelf.previous()):
            with suppress(ModelUnusable):
                if ident is not None:
                    self._ledger.note_in_use(subject_of(self._shelf.find(ident)))

    def fell_back(self, decision: Decision) -> None:
        """Records that the active release could not be used at the start, if that is so."""
        if decision.problem is not None:
            active: str | None = None
            with suppress(ModelUnusable):
                active = self._shelf.active()
            detail: Detail = {"from": active, "problem": decision.problem.what}
            self._record(APPLIANCE_ACTOR, FELL_BACK, decision.reader.release.ident, detail)

    @contextmanager
    def _audited(self, actor: Actor, how: str, release: str, now: str) -> Iterator[None]:
        with self._store.write() as change:
            change.log(actor.name, ASKED, f"model/{release}", {"how": how, "from": now})
        try:
            yield
        except SonoEdgeError as error:
            self._record(actor, REFUSED, release, {"how": how, "from": now, "problem": error.what})
            raise

    def _record(self, actor: Actor, act: str, release: str, detail: Detail) -> None:
        """Records a result. If the disk refuses it, the change stays, and is in the trail as asked for."""
        with _logged(f"a result is missing in the audit trail: {act}", release), self._store.write() as change:
            change.log(actor.name, act, f"model/{release}", detail)


@contextmanager
def _logged(what: str, release: str) -> Iterator[None]:
    """Goes on without a record that the disk refuses, or a release that cannot be read; the log states it."""
    try:
        yield
    except SonoEdgeError as error:
        log.error(what, release=release, problem=error.what)  # noqa: TRY400 - for people
