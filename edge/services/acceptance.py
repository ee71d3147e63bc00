"""The acceptance service: a person who vouches for other people's work accepts a release on a machine of the site, or ends that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from typing_extensions import Self

from edge.disk.layout import DataFolder
from edge.inference.acceptance.acceptance import FORMAT, Acceptance, LabelsRead, Obstacle, Withdrawal
from edge.inference.acceptance.acceptances import Acceptances, StoredAcceptance
from edge.inference.acceptance.errors import AcceptanceRefused, AcceptanceUnusable
from edge.inference.acceptance.judge import Judged
from edge.inference.acceptance.stated import accepted
from edge.inference.release import ModelRelease
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.audit.entry import Detail
from edge.records.ids import new_id
from edge.records.notices import Notices
from edge.records.store import Store
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.machine import Machine

ASKED, ACCEPTED, REFUSED = "acceptance.asked-for", "acceptance.made", "acceptance.refused"
WITHDRAWING, WITHDRAWN = "acceptance.withdrawal-asked-for", "acceptance.withdrawn"
UNHEARD = "acceptance-not-used"
FIX = "See sonoedge model acceptances"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was judged: a release on a machine, by this many clips of these patients; `findings` are those that met every limit.

    Of each clip, every `every`-th frame was read; `labels_sha256` is the digest of the labels, and `labels_read` how they were read, where
    that is known.
    """

    release: ModelRelease
    machine: Machine
    clips: int
    patients: int
    every: int
    labels_sha256: str
    findings: Sequence[Judged]
    labels_read: LabelsRead | None = None


@dataclass(frozen=True, slots=True)
class ListedAcceptance:
    """An acceptance, or the `problem` why that is unknown; `obstacle` is why it does not hold with the network in use, None: it holds."""

    path: Path
    acceptance: Acceptance | None
    problem: AcceptanceUnusable | None
    obstacle: Obstacle | None

    @classmethod
    def of(cls, stored: StoredAcceptance, model_sha256: str, now: datetime) -> Self:
        found = stored.acceptance
        obstacle = None if found is None else found.obstacle(model_sha256, Machine.named(found.machine), now)
        return cls(stored.path, found, stored.problem, obstacle)


class AcceptanceService:
    """For the appliance and the shell; any thread may use it. Each act is in the audit trail before and after it is done."""

    def __init__(self, store: Store, acceptances: Acceptances) -> None:
        self._store, self._acceptances = store, acceptances
        self._stated: tuple[str, ...] = ()

    @classmethod
    def of(cls, store: Store) -> "AcceptanceService":
        """The acceptances of the data folder that holds the records."""
        return cls(store, Acceptances(DataFolder(store.path.parent).acceptances, lambda: store.seal))

    def accept(self, actor: Actor, judgement: Judgement, until: date | None = None) -> Acceptance:
        """Signs that a release decides these findings on this machine; `until` is the last day on which that holds.

        The actor vouches that the labels are right and the clips are of this machine. That is a reader's or an administrator's to state,
        as it is for the work of a colleague, and not a technician's who may only change the release.

        Raises:
            NotAllowed: the actor is not allowed to vouch.
            AcceptanceRefused: no finding met the limits, the machine is unknown, or the last day is over.
            AcceptanceNotWritten, RecordsFull, RecordsUnusable: nothing is accepted.
        """
        actor.require(Verb.VOUCH)
        now = self._store.now()
        _require_whole(judgement)
        if until is not None and until < now.date():
            raise AcceptanceRefused(f"The last day, {until}, is over", "Give a later day with --until")
        made = Acceptance(
            format=FORMAT,
            id=new_id(),
            machine=judgement.machine.name,
            release=judgement.release.ident,
            model_sha256=judgement.release.sha256,
            clips=judgement.clips,
            patients=judgement.patients,
            every=judgement.every,
            labels_sha256=judgement.labels_sha256,
            labels_read=judgement.labels_read,
            findings=tuple(accepted(each) for each in judgement.findings),
            by=actor.name,
            at=now,
            until=until,
        )
        detail: Detail = {
            "release": made.release,
            "model_sha256": made.model_sha256,
            "machine": made.machine,
            "findings": [finding.key for finding in made.findings],
            "clips": made.clips,
            "patients": made.patients,
            "until": str(until) if until else None,
            "labels_read": made.labels_read.model_dump() if made.labels_read else None,
        }
        self._log(actor, ASKED, made.id, detail)
        try:
            self._acceptances.add(made)
        except SonoEdgeError as error:
            self._log(actor, REFUSED, made.id, {"problem": error.what})
            raise
        self._log(actor, ACCEPTED, made.id, detail)
        return made

    def withdraw(self, actor: Actor, ident: str, reason: str) -> Acceptance:
        """Ends an acceptance, by its id or the beginning of it. Who serves the appliance may do so too: it then states less, never more.

        Raises:
            NotAllowed: the actor is allowed neither to vouch nor to serve.
            AcceptanceUnknown, AcceptanceUnusable: there is no such acceptance, or its file is damaged.
            AcceptanceRefused: the reason is empty or too long.
            AcceptanceNotWritten, RecordsFull, RecordsUnusable: it still holds.
        """
        actor.require_any(Verb.VOUCH, Verb.SERVE)
        if not 0 < len(reason.strip()) <= 500:
            raise AcceptanceRefused("The reason of a withdrawal has 1 to 500 characters", "State it with --reason")
        found = self._acceptances.get(ident)
        if found.withdrawn is not None:
            return found
        detail: Detail = {"release": found.release, "machine": found.machine, "reason": reason.strip()}
        self._log(actor, WITHDRAWING, found.id, detail)
        ended = self._acceptances.withdraw(found.id, Withdrawal(by=actor.name, at=self._store.now(), reason=reason.strip()))
        self._log(actor, WITHDRAWN, found.id, detail)
        return ended

    def listed(self, actor: Actor, model_sha256: str) -> tuple[ListedAcceptance, ...]:
        """Every acceptance, and whether it holds with the network in use; first those with a problem, then the oldest.

        It names people, so it is not for everybody who looks at the page.

        Raises:
            NotAllowed: the actor is allowed neither to read exams nor to serve.
            AcceptanceUnusable: the folder cannot be read.
        """
        actor.require_any(Verb.READ, Verb.SERVE)
        now = self._store.now()
        return tuple(ListedAcceptance.of(each, model_sha256, now) for each in self._acceptances.all())

    def look(self, notices: Notices, model_sha256: str) -> None:
        """Adds a notice, once, for each machine whose acceptance does not hold with the network in use, and for each damaged acceptance."""
        try:
            unheard = self._acceptances.unheard(model_sha256, self._store.now())
        except AcceptanceUnusable as error:
            unheard = (error.what,)
        for what in unheard:
            if what not in self._stated:
                notices.add(UNHEARD, what, FIX)
        self._stated = unheard

    def _log(self, actor: Actor, act: str, ident: str, detail: Detail) -> None:
        with self._store.write() as change:
            change.log(actor.name, act, f"acceptance/{ident}", detail)


def _require_whole(judgement: Judgement) -> None:
    if not judgement.machine.scanner:
        raise AcceptanceRefused("A release is accepted on a known machine only", "Name it with --machine, such as 'GE Vscan Air'")
    if not judgement.findings or any(each.shortfalls for each in judgement.findings):
        raise AcceptanceRefused("No finding met the limits", "Label clips of more patients, or use another release")
