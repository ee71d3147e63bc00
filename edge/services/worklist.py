"""The worklist: what the hospital has scheduled for this appliance, usable without a network, and the begin of an exam from an entry."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from edge.disk.layout import DataFolder
from edge.exam.stored import StoredExams
from edge.exchange.apart import apart
from edge.exchange.peers.file import HospitalInvalid, load_hospital
from edge.exchange.worklist.asking import ask_worklist
from edge.exchange.worklist.cache import CachedWorklist, WorklistDamaged, load_worklist
from edge.exchange.worklist.entry import WorklistEntry
from edge.exchange.worklist.matching import Finder
from edge.exchange.worklist.scheduled import Scheduled, scheduled_of
from edge.people.actor import Actor, NotAllowed
from edge.people.permission import Verb
from edge.records.exams.order import Identified
from edge.services.busy import one_at_a_time
from edge.services.worklist_errors import (
    AdmissionOther,
    EntryQuarantined,
    NotScheduled,
    NoWorklist,
    WorklistNotStored,
    WorklistUnanswered,
    WorklistUnreadable,
)
from firmware_bridge.errors import PeerFault

BEFORE, AFTER = timedelta(days=1), timedelta(days=1)
"""The days that are asked for besides today: a scan after midnight is of yesterday's list, and one can be done before its day."""
MOST_FOUND = 200
"""More entries than a person looks through."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """`exam_id` is the exam that was begun from it; None where none was."""

    entry: WorklistEntry
    exam_id: str | None


@dataclass(frozen=True, slots=True)
class FoundWorklist:
    """`peer` has answered `scheduled` entries at `asked_at`, of which `found` fit a search; `entries` are the first of these.

    `peer` is empty where nobody is asked, and `asked_at` None before the first answer.
    """

    peer: str
    asked_at: datetime | None = None
    scheduled: int = 0
    found: int = 0
    entries: tuple[FoundEntry, ...] = ()


class WorklistService:
    """Any thread may use it; each method waits for the disk, and `refresh` for the peer."""

    def __init__(self, stored: StoredExams, data: DataFolder) -> None:
        self._stored, self._data, self._asking = stored, data, threading.Lock()

    def find(self, actor: Actor, text: str = "", limit: int = MOST_FOUND) -> FoundWorklist:
        """The entries of the last worklist that have each word of `text` in the name, the ID or the accession number.

        Raises:
            NotAllowed: the actor is not allowed to scan, or did not sign in.
            WorklistUnreadable: its file cannot be read.
        """
        _require(actor)
        known = self._known()
        if known is None:
            return FoundWorklist(self._peer_name())
        entries = Finder(known.entries).find(text)
        first = entries[:limit]
        begun = self._stored.records.begun_studies([each.study_uid for each in first if each.study_uid])
        shown = tuple(FoundEntry(each, begun.get(each.study_uid)) for each in first)
        return FoundWorklist(known.peer, known.asked_at, len(known.entries), len(entries), shown)

    def refresh(self, actor: Actor) -> FoundWorklist:
        """Asks the peer, and stores its answer. Where it gives none, the last worklist is still there.

        Raises:
            NotAllowed: the actor is not allowed to scan, or did not sign in.
            NoWorklist, HospitalInvalid: `hospital.yaml` names no worklist, or cannot be used.
            WorklistUnanswered: the peer does not answer, or not as it should.
            WorklistNotStored: the disk refuses it.
            ApplianceBusy: the peer is asked already.
            ProcessEnded: the process that asked ended by itself.
        """
        _require(actor)
        with one_at_a_time(self._asking):
            answer = self._ask()
        return FoundWorklist(answer.peer, answer.asked_at, len(answer.entries))

    def scheduled(self, actor: Actor, study_uid: str, identified_by: Identified = "worklist", admission_id: str = "") -> Scheduled:
        """What an exam takes over from the entry of a study; `admission_id` counts where the entry has none.

        Raises:
            NotAllowed: the actor is not allowed to scan, or did not sign in.
            NotScheduled: the last worklist has no such study.
            EntryQuarantined: its entry cannot be used.
            AdmissionOther: the entry has another admission.
            WorklistUnreadable: the file of the last worklist cannot be read.
        """
        _require(actor)
        known = self._known()
        entries = [each for each in (known.entries if known else ()) if each.study_uid == study_uid]
        if not entries or not study_uid:
            what = "The last worklist does not have this study"
            raise NotScheduled(what, "Ask for the worklist again, or begin the exam without it", says="not_scheduled")
        if (bad := next((each for each in entries if each.quarantined), None)) is not None:
            what, fix = "This entry of the worklist cannot be used: {reason}", "Have it corrected, or begin the exam without it"
            raise EntryQuarantined(what, fix, says="entry_quarantined", reason="; ".join(bad.reasons))
        if admission_id and entries[0].admission_id not in ("", admission_id):
            what, fix = (
                "The worklist has the admission {admission} for this study",
                "Leave the admission out, or have the worklist corrected",
            )
            raise AdmissionOther(what, fix, says="admission_other", admission=entries[0].admission_id)
        return scheduled_of(entries[0], identified_by, admission_id)

    def _known(self) -> CachedWorklist | None:
        try:
            return load_worklist(self._data.root)
        except WorklistDamaged as error:
            log.warning("the last worklist cannot be read", problem=error.what)
            raise WorklistUnreadable("The last worklist cannot be read", "Ask for it again", says="worklist_unreadable") from error

    def _peer_name(self) -> str:
        try:
            peer = load_hospital(self._data.root).worklist_peer
        except HospitalInvalid as error:
            log.warning("the hospital's file cannot be used", problem=error.what)
            return ""
        return peer.name if peer else ""

    def _ask(self) -> CachedWorklist:
        hospital, now = load_hospital(self._data.root), self._stored.store.now()
        if (peer := hospital.worklist_peer) is None:
            raise NoWorklist("This appliance asks nobody for a worklist", "Name a worklist server in hospital.yaml", says="no_worklist")
        today = now.astimezone().date()
        try:
            return apart(ask_worklist, self._data.root, hospital, peer, (today - BEFORE, today + AFTER), now)
        except PeerFault as error:
            what, fix = "{peer} gives no new worklist: {reason}", "Use the last one, or ask again later"
            raise WorklistUnanswered(what, fix, says="worklist_unanswered", peer=peer.name, reason=error.what) from error
        except OSError as error:
            what, fix = "The disk does not take the worklist: {reason}", "Free some room on the disk"
            raise WorklistNotStored(what, fix, says="worklist_not_stored", reason=error.strerror or str(error)) from error


def _require(actor: Actor) -> None:
    """The worklist names patients: a person who scans in an emergency gave no name, and does not see it."""
    actor.require(Verb.SCAN)
    if actor.confined_to is not None:
        what, fix = "The worklist is not shown in an emergency session", "Sign in to see it, or begin the exam without it"
        raise NotAllowed(what, fix, says="worklist_emergency")
