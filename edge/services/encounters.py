"""Who is in the hospital now, as it sends it or as its server answers, and the begin of an exam from an encounter."""

import threading
from dataclasses import dataclass
from datetime import datetime

import structlog

from edge.disk.layout import DataFolder
from edge.exam.stored import StoredExams
from edge.exchange.encounters.admitted import admitted_of
from edge.exchange.encounters.asking import EncountersRefused, ask_encounters
from edge.exchange.encounters.book import Book
from edge.exchange.encounters.cache import EncountersDamaged, load_book
from edge.exchange.encounters.encounter import Encounter
from edge.exchange.encounters.listener import AdmissionsServer
from edge.exchange.encounters.receiver import Receiver
from edge.exchange.peers.file import HospitalInvalid, load_hospital
from edge.exchange.peers.hospital import Hospital
from edge.exchange.worklist.matching import Finder
from edge.exchange.worklist.scheduled import Scheduled
from edge.people.actor import Actor, NotAllowed
from edge.people.permission import Verb
from edge.records.exams.order import Identified
from edge.services.busy import one_at_a_time
from edge.services.encounter_errors import (
    EncounterQuarantined,
    EncountersNotStored,
    EncountersUnanswered,
    EncountersUnreadable,
    NoEncounters,
    NotAdmitted,
)

MOST_FOUND = 200
"""More encounters than a person looks through."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FoundEncounters:
    """`open` encounters were stated at `received_at`, of which `found` fit a search; `entries` are the first of these.

    `sent`: the hospital sends them by itself. Otherwise `peer` is asked for them, empty where nobody is.
    """

    sent: bool = False
    peer: str = ""
    received_at: datetime | None = None
    open: int = 0
    found: int = 0
    entries: tuple[Encounter, ...] = ()


class EncounterService:
    """Any thread may use it; each method waits for the disk, and `refresh` for the peer."""

    def __init__(self, stored: StoredExams, data: DataFolder) -> None:
        self._store, self._data, self._asking = stored.store, data, threading.Lock()

    def find(self, actor: Actor, text: str = "", limit: int = MOST_FOUND) -> FoundEncounters:
        """The open encounters that have each word of `text` in the name, the patient or admission ID, or the place.

        Raises:
            NotAllowed: the actor is not allowed to scan, or did not sign in.
            EncountersUnreadable: their file cannot be read.
        """
        _require(actor)
        hospital = self._hospital_or_none()
        book = self._book(hospital)
        every = book.open(self._store.now()) if book else ()
        found = Finder(every).find(text)
        received = book.received if book else None
        return FoundEncounters(hospital.admissions is not None, hospital.encounters, received, len(every), len(found), found[:limit])

    def refresh(self, actor: Actor) -> FoundEncounters:
        """Asks the server, and stores its answer. Where it gives none, the last one is still there.

        Raises:
            NotAllowed: the actor is not allowed to scan, or did not sign in.
            NoEncounters, HospitalInvalid: `hospital.yaml` names no server for them, or cannot be used.
            EncountersUnanswered: the server does not answer, or not as it should.
            EncountersNotStored: the disk refuses it.
            ApplianceBusy: the server is asked already.
        """
        _require(actor)
        with one_at_a_time(self._asking):
            book = self._ask()
        return FoundEncounters(False, book.source, book.received, len(book.open(self._store.now())))

    def admitted(self, actor: Actor, admission_id: str, identified_by: Identified = "worklist", accession: str = "") -> Scheduled:
        """What an exam takes over from the encounter of an admission; `accession` is what a person states of the order.

        Raises:
            NotAllowed: the actor is not allowed to scan, or did not sign in.
            NotAdmitted: no open encounter has this admission.
            EncounterQuarantined: it cannot be used.
            EncountersUnreadable: the file of the encounters cannot be read.
        """
        _require(actor)
        book = self._book(self._hospital_or_none())
        found = [each for each in (book.open(self._store.now()) if book else ()) if each.admission_id == admission_id]
        if not found or not admission_id:
            what = "The list of patients in the hospital does not have this admission"
            raise NotAdmitted(what, "Look for it again, or begin the exam without it", says="not_admitted")
        if (bad := next((each for each in found if each.quarantined), None)) is not None:
            what, fix = (
                "This patient cannot be taken from the list of the hospital: {reason}",
                "Have it corrected, or begin the exam without it",
            )
            raise EncounterQuarantined(what, fix, says="encounter_quarantined", reason="; ".join(bad.reasons))
        return admitted_of(found[0], identified_by, accession)

    @property
    def listens(self) -> bool:
        """Whether the hospital sends its admissions, as far as its file can be used."""
        try:
            return load_hospital(self._data.root).admissions is not None
        except HospitalInvalid:
            return True  # the listener states why it does not run

    def listener(self) -> AdmissionsServer:
        """A worker of the appliance.

        Raises:
            HospitalInvalid, NoEncounters: the file of the hospital cannot be used, or states no admissions any more.
            AdmissionsClosed, EncountersDamaged: the port, or the file of the encounters, cannot be used.
        """
        admissions = load_hospital(self._data.root).admissions
        if admissions is None:
            raise NoEncounters("hospital.yaml does not state admissions any more", "Restart the appliance", says="no_admissions")
        return AdmissionsServer(admissions, Receiver(self._data.root, self._store.now))

    def _book(self, hospital: Hospital) -> Book | None:
        """That of the source which the hospital has now."""
        try:
            book = load_book(self._data.root)
        except EncountersDamaged as error:
            log.warning("the encounters cannot be read", problem=error.what)
            what, fix = "The list of patients in the hospital cannot be read", "Begin the exam without it, and call a technician"
            raise EncountersUnreadable(what, fix, says="encounters_unreadable") from error
        known = hospital.admissions is not None or hospital.encounters
        return book if book and known and book.source == hospital.encounters else None

    def _hospital_or_none(self) -> Hospital:
        try:
            return load_hospital(self._data.root)
        except HospitalInvalid as error:
            log.warning("the hospital's file cannot be used", problem=error.what)
            return Hospital()

    def _ask(self) -> Book:
        peer, now = load_hospital(self._data.root).encounters_peer, self._store.now()
        if peer is None:
            what, fix = "This appliance asks nobody who is in the hospital", "Name a FHIR server as encounters in hospital.yaml"
            raise NoEncounters(what, fix, says="no_encounters")
        try:
            return ask_encounters(self._data.root, peer, now)
        except EncountersRefused as error:
            what, fix = "{peer} does not state who is in the hospital: {reason}", "Use the last list, or ask again later"
            raise EncountersUnanswered(what, fix, says="encounters_unanswered", peer=peer.name, reason=error.what) from error
        except OSError as error:
            what, fix = "The disk does not take the list of patients: {reason}", "Free some room on the disk"
            raise EncountersNotStored(what, fix, says="encounters_not_stored", reason=error.strerror or str(error)) from error


def _require(actor: Actor) -> None:
    """The encounters name patients: a person who scans in an emergency gave no name, and does not see them."""
    actor.require(Verb.SCAN)
    if actor.confined_to is not None:
        what = "The patients in the hospital are not shown in an emergency session"
        raise NotAllowed(what, "Sign in to see them, or begin the exam without them", says="encounters_emergency")
