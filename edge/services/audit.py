"""The audit trail and its clock: read, verify and export the trail, and correct the clock."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.audit.chain import Verdict
from edge.records.audit.export import export
from edge.records.audit.heads import Head, sign_head
from edge.records.audit.trail import AuditTrail, Progress, StoredEntry
from edge.records.clock_correction import Correction, correct_clock
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The newest entry, signed; None before the first entry. `fingerprint` is the SHA-256 of the key `public` (PEM)."""

    head: Head | None
    public: str
    fingerprint: str


def silent(_done: int, _of: int | None) -> None: ...


class AuditService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store, self._trail = store, AuditTrail(store)

    def newest(
        self,
        actor: Actor,
        limit: int,
        before: int | None = None,
        *,
        by: str | None = None,
        act: str | None = None,
        subject: str | None = None,
    ) -> tuple[StoredEntry, ...]:
        """The newest entries, before number `before` if it is given; only those of an actor `by`, an act or a subject if one is given.

        Raises:
            NotAllowed: the actor is not allowed to audit.
        """
        actor.require(Verb.AUDIT)
        return self._trail.newest(limit, before, actor=by, act=act, subject=subject)

    def head(self, actor: Actor) -> SignedHead:
        """The newest entry, signed now.

        Raises:
            NotAllowed: the actor is not allowed to audit.
        """
        actor.require(Verb.AUDIT)
        return SignedHead(sign_head(self._store), self._store.seal.public, self._store.seal.fingerprint)

    def verify(self, actor: Actor, progress: Progress = silent) -> Verdict:
        """Whether every entry is unchanged.

        Raises:
            NotAllowed: the actor is not allowed to audit.
        """
        actor.require(Verb.AUDIT)
        return self._trail.verify(progress)

    def export(self, actor: Actor, after: int = 0, progress: Progress = silent) -> Iterator[bytes]:
        """The lines of an export of the entries after entry `after`; the export is an entry too.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to audit, or gave no PIN in the last minutes.
            ExportUnusable, RecordsFull, RecordsUnusable: see `edge.records.audit.export.export`.
        """
        _require_with_pin(actor)
        return export(self._store, actor.name, after, progress)

    def correct_clock(self, actor: Actor) -> Correction:
        """Uses the clock of the machine again, although a later time was recorded.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to audit, or gave no PIN in the last minutes.
            ClockRight: no later time was recorded, or the clock was never set.
            RecordsFull, RecordsUnusable: the records cannot be written.
        """
        _require_with_pin(actor)
        return correct_clock(self._store, actor.name)


def _require_with_pin(actor: Actor) -> None:
    actor.require(Verb.AUDIT)
    actor.require_pin()
