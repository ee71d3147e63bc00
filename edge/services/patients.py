"""Patients: the people who are examined, as far as they are known."""

from dataclasses import replace

from edge.exchange.worklist.scheduled import Scheduled
from edge.people.actor import Actor
from edge.people.permission import BREAK_GLASS, Verb
from edge.records.exams.context import Identity
from edge.records.exams.patients import Patients, StoredPatient
from edge.records.store import Store

Whose = Identity | Scheduled
"""The patient of an exam: as a person states who it is, or as the hospital scheduled it."""


class PatientService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store, self._patients = store, Patients(store)

    def newest(self, actor: Actor, limit: int, before_id: str | None = None) -> tuple[StoredPatient, ...]:
        """The patients added last, those added before `before_id` where it is given.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._patients.newest(limit, before_id)

    def get(self, actor: Actor, patient_id: str) -> StoredPatient:
        """One patient.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
            RecordUnknown: no patient has this id.
        """
        actor.require(Verb.READ)
        return self._patients.get(patient_id)

    def add(self, actor: Actor, patient: Whose) -> StoredPatient:
        """Adds a patient; the same person is not added twice.

        What is stated in an emergency session is compared with no known patient: the answer would show who that is.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            ContextInvalid, PatientOther: the identity is not valid, or its identifier is that of another person.
        """
        actor.require(Verb.SCAN)
        person = patient.person(self._store.now())
        if actor.confined_to is not None:
            person = replace(person, issuer=f"{BREAK_GLASS}/{actor.confined_to}")
        return self._patients.add(actor.name, person)

    def correct(self, actor: Actor, patient_id: str, patient: Identity, seen: int) -> StoredPatient:
        """Corrects who a patient is; `seen` is the version that the actor has read.

        Raises:
            NotAllowed: the actor is not allowed to scan and to read exams.
            RecordUnknown, RecordStale: no patient has this id, or its version is another.
            ContextInvalid, PatientOther: the identity is not valid, or its identifier is that of another person.
        """
        actor.require(Verb.READ)
        actor.require(Verb.SCAN)
        return self._patients.correct(actor.name, patient_id, patient.person(self._store.now()), seen)
