"""The ledger service: an administrator signs the entry of a release, and without a complete one it is not put into clinical use."""

from dataclasses import dataclass
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.feedback.ledger.entry import Entry, Evidence, Parts, ShadowResult, Subject, accepted_here, shadow_result, subject_of
from edge.feedback.ledger.errors import LedgerRefused
from edge.feedback.ledger.ledger import Ledger
from edge.feedback.ledger.standing import Standing, refusal
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.errors import ModelUnusable
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.shadow import ShadowFigures
from edge.records.audit.trail import AuditTrail
from edge.records.notices import Notices
from edge.records.store import Store
from edge.services.release_change import MEASURED

INCOMPLETE = "ledger-incomplete"
MOST_SHADOWS = 20
"""Newest runs of a release in shadow among which the last one of exactly its files is looked for."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a person signs: the release by its ident, or its name for the newest version, and the three parts.

    `release_sha256` is the digest of the manifest that the person saw, None where they saw none; `supersedes` the id of the entry of these
    files that they saw, None where there was none in the records.
    """

    release: str
    parts: Parts
    release_sha256: str | None = None
    supersedes: str | None = None


class LedgerService:
    """For the appliance and the shell; any thread may use it. Its methods read files and wait for the disk."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self._store, self._shelf, self._ledger = store, shelf, Ledger(store)
        self._acceptances = Acceptances(DataFolder(store.path.parent).acceptances, lambda: store.seal)
        self._stated: tuple[str, Standing] | None = None

    @classmethod
    def of(cls, store: Store) -> "LedgerService":
        """The ledger of the data folder that holds the records."""
        return cls(store, Shelf.of(store.path.parent))

    def listed(self, actor: Actor, release: str | None = None) -> tuple[Entry, ...]:
        """Every entry, or those of a release by its ident; the newest first, then those that came with the program.

        It names people, so it is not for everybody who looks at the page.

        Raises:
            NotAllowed: the actor is allowed neither to read exams nor to serve.
            RecordsFull, RecordsUnusable, BuiltInUnusable: they cannot be read.
        """
        actor.require_any(Verb.READ, Verb.SERVE)
        return self._ledger.entries(release)

    def standings(self, actor: Actor) -> dict[str, Standing]:
        """Whether each release of the shelf is ready for clinical use, by its ident; one whose manifest cannot be read is missing.

        Raises:
            NotAllowed: the actor is not allowed to look.
            ModelUnusable, RecordsFull, RecordsUnusable, BuiltInUnusable: the shelf or the entries cannot be read.
        """
        actor.require(Verb.LOOK)
        found = {}
        for each in self._shelf.names():
            try:
                found[each.ident] = self._ledger.standing(subject_of(each.folder))
            except ModelUnusable:
                continue
        return found

    def sign(self, actor: Actor, new: NewEntry, running: ShadowFigures | None = None) -> Entry:
        """Adds an entry that the actor signs: the parts, the last shadow of the release, and the acceptances that hold for its network.

        `running` is the shadow that runs now, if one does.

        Raises:
            NotAllowed: the actor is not allowed to sign model changes, or must enter the PIN again.
            ModelUnusable: there is no such release, it is damaged, or its key is not trusted.
            LedgerRefused: the person saw other files of the release.
            RecordStale: another entry was added in the meantime.
            AcceptanceUnusable, RecordsFull, RecordsUnusable: the disk refuses it.
        """
        actor.require(Verb.LEDGER)
        subject = self._subject(new)
        accepted = accepted_here(self._acceptances.held(subject.model_sha256, self._store.now()))
        evidence = Evidence(self._shadow(subject, running), accepted)
        return self._ledger.sign(actor.name, subject, new.parts, evidence, new.supersedes)

    def look(self, notices: Notices, release: Path) -> None:
        """Adds a notice, once, if the release in use, which is in this folder, has no complete entry."""
        try:
            subject = subject_of(release)
        except ModelUnusable:
            return
        stated = (subject.sha256, self._ledger.standing(subject))
        if stated[1] is not Standing.COMPLETE and stated != self._stated:
            problem = refusal(stated[1], subject.ident)
            notices.add(INCOMPLETE, f"{problem.what}. It stays in use", problem.fix)
        self._stated = stated

    def _subject(self, new: NewEntry) -> Subject:
        """Every file of the release was compared with its digest, so that the entry is for whole files."""
        folder = self._shelf.to_read(new.release)
        ModelRelease.load(folder).verify()
        subject = subject_of(folder)
        if new.release_sha256 not in (None, subject.sha256):
            what = "The entry is for other files of {release} than those on this appliance"
            raise LedgerRefused(what, "Read the release again, then sign", says="ledger_not_these_files", release=subject.ident)
        return subject

    def _shadow(self, subject: Subject, running: ShadowFigures | None) -> ShadowResult | None:
        if running is not None and running.release == subject.ident:
            measured = shadow_result(running, self._store.now())
            if measured is not None:
                return measured
        trail = AuditTrail(self._store).newest(MOST_SHADOWS, act=MEASURED, subject=f"model/{subject.ident}")
        details = (each.entry.detail for each in trail if each.entry is not None)
        figures = next((each["figures"] for each in details if each["release_sha256"] == subject.sha256), None)
        return None if figures is None else ShadowResult.model_validate(figures)
