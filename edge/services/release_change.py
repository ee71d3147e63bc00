"""Changes of the active release, with their entries in the audit trail: who, which release, instead of which, and the result.

A change is recorded as asked for before anything is done, so that no power cut and no full disk leaves a change without its entry.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from edge.inference.admission import admit
from edge.inference.choice import Decision
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, Actor
from edge.people.permission import Verb
from edge.records.audit.entry import Detail
from edge.records.store import Store
from firmware_bridge.errors import SonoEdgeError

ACTIVATION, ROLLBACK, SHADOW = "activation", "rollback", "shadow"
ASKED, REFUSED, FELL_BACK = "model.asked-for", "model.refused", "model.fell-back"
DONE = {ACTIVATION: "model.activated", ROLLBACK: "model.rolled-back", SHADOW: "model.shadow-set"}
NONE = "none"

log = structlog.get_logger()


class ReleaseChange:
    """For the appliance, and for the shell while no appliance runs. `now` is the release that reads until the change."""

    def __init__(self, shelf: Shelf, store: Store, threads: int) -> None:
        self._shelf, self._store, self._threads = shelf, store, threads

    def activate(self, actor: Actor, ident: str, now: str, before: str | None) -> Reader:
        """Admits a release, and records it as the active one; `before` is for a rollback, as `Shelf.activate` takes it.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            ModelUnusable: it is refused, or cannot be recorded as the active one.
            RecordsFull, RecordsUnusable: the audit trail cannot be written; nothing is changed.
        """
        actor.require(Verb.SERVE)
        with self._audited(actor, ACTIVATION, ident, now):
            reader = self._shelf.at_site(admit(self._shelf.to_read(ident), self._threads))
            self._shelf.activate(reader.release.ident, before)
        self._record(actor, DONE[ACTIVATION], reader.release.ident, {"from": now})
        return reader

    def rollback(self, actor: Actor, now: str) -> Reader:
        """Admits the previous release, and records it as the active one.

        Raises:
            NotAllowed, ModelUnusable, RecordsFull, RecordsUnusable: see `activate`.
        """
        actor.require(Verb.SERVE)
        previous = self._shelf.goes_back_to()
        with self._audited(actor, ROLLBACK, previous, now):
            reader = self._shelf.at_site(admit(self._shelf.to_read(previous), self._threads))
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
        try:
            with self._store.write() as change:
                change.log(actor.name, act, f"model/{release}", detail)
        except SonoEdgeError as error:
            log.error("a result is missing in the audit trail", act=act, release=release, problem=error.what)  # noqa: TRY400 - for people
