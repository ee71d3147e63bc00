"""The book of encounters: what became of each visit, by the messages of the hospital in whatever order they came.

A visit that ended stays in the book for some time, so that a late message cannot open it again; so do the merges and the corrections of
patients, which hold for a visit that is stated later. The same messages make the same book in any order, however often each comes.

There is one exception: a number that is used again for a patient whose merge comes late begins a visit without the place of the old one.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from edge.exchange.encounters.adt import Change
from edge.exchange.encounters.adt_fields import Stated
from edge.exchange.encounters.encounter import Encounter, judged
from edge.exchange.encounters.visit import ENDED_STAYS, PERSON, Patient, Visit, begun, continued, merged, patient_of, same_patient

MOST_VISITS, MOST_MERGES, MOST_CORRECTIONS = 5000, 1000, 1000
"""Of more, those that ended are dropped before open visits, and the oldest first."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The record of the patient `ending` ended at `at` in that of another one."""

    ending: Patient
    going_on: Patient
    at: datetime
    received: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """What was stated of a patient at `at`, for each of the patient's visits."""

    patient: Patient
    stated: Stated
    at: datetime
    received: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """`source` is the server that was asked, empty where the hospital sends; `received` is when the last of it came."""

    source: str = ""
    received: datetime | None = None
    visits: tuple[Visit, ...] = ()
    merges: tuple[Merge, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def open(self, now: datetime) -> tuple[Encounter, ...]:
        """The encounters that last at `now`, each with its problems, those of the newest event first."""
        lasting = sorted((each for each in self.visits if each.lasts(now)), key=lambda each: each.encounter.admission_id)
        lasting.sort(key=lambda each: each.newest(), reverse=True)
        return judged(replace(each.encounter, problems=each.problems) for each in lasting)

    def problems_of(self, admission_id: str, now: datetime) -> tuple[str, ...]:
        """In words, why the encounter of an admission is quarantined."""
        return tuple(reason for each in self.open(now) if each.admission_id == admission_id for reason in each.reasons)


def after(book: Book, change: Change, now: datetime) -> Book:
    """The book after a change that this board receives at `now`; the same book where it changes nothing."""
    changed = _merged(book, change, change.merged, now) if change.merged else _visited(book, change, now)
    if changed is book:
        return book
    visits = sorted((each for each in changed.visits if each.remembered(now)), key=lambda each: (each.lasts(now), each.received))
    merges = tuple(each for each in changed.merges if now - each.received <= ENDED_STAYS)
    corrections = tuple(each for each in changed.corrections if now - each.received <= ENDED_STAYS)
    return Book(book.source, now, tuple(visits[-MOST_VISITS:]), merges[-MOST_MERGES:], corrections[-MOST_CORRECTIONS:])


def _visited(book: Book, change: Change, now: datetime) -> Book:
    admission = change.stated.values["admission_id"]
    followed = replace(change, stated=_followed(book, change.stated, change.at))
    known = next((each for each in book.visits if each.encounter.admission_id == admission), None)
    visit = begun(followed, now) if known is None else continued(known, followed, now)
    correction = _new_correction(book, followed, now)
    if visit is known and correction is None:
        return book
    corrections = book.corrections if correction is None else (*book.corrections, correction)
    others = (each for each in book.visits if each is not known)
    visits = (*(_corrected(each, corrections[len(book.corrections) :]) for each in others), _corrected(visit, corrections))
    return replace(book, visits=visits, corrections=corrections)


def _new_correction(book: Book, change: Change, now: datetime) -> Correction | None:
    """What the change states of each visit of its patient, if that is not known."""
    patient = patient_of(change.stated) if change.effect == "update" else None
    if patient is None or any((each.patient, each.at) == (patient, change.at) for each in book.corrections):
        return None
    return _correction(patient, change.stated, change.at, now)


def _merged(book: Book, change: Change, ending: Patient, now: datetime) -> Book:
    stated = _followed(book, change.stated, change.at)
    into = stated.values["patient_id"], stated.values["issuer"]
    if any((each.ending, each.at) == (ending, change.at) for each in book.merges):
        return book
    merge, correction = Merge(ending, into, change.at, now), _correction(into, stated, change.at, now)
    before = (
        replace(each, patient=into, stated=_renamed(each.stated, into))
        if same_patient(each.patient, ending) and each.at <= change.at
        else each
        for each in book.corrections
    )
    corrections = (*before, correction)
    visits = (_corrected(merged(each, ending, correction.stated, change.at), corrections) for each in book.visits)
    return replace(book, visits=tuple(visits), merges=(*book.merges, merge), corrections=corrections)


def _correction(patient: Patient, stated: Stated, at: datetime, now: datetime) -> Correction:
    values = {name: value for name, value in stated.values.items() if name in PERSON}
    return Correction(patient, Stated(values, {name: each for name, each in stated.doubts.items() if name in PERSON}), at, now)


def _corrected(visit: Visit, corrections: tuple[Correction, ...]) -> Visit:
    for each in corrections:
        if same_patient(visit.patient, each.patient):
            visit = visit.with_person(each.stated, each.at)
    return visit


def _followed(book: Book, stated: Stated, at: datetime) -> Stated:
    """With the patient in whose record that of the stated one ended since that time."""
    patient = before = patient_of(stated)
    for merge in sorted(book.merges, key=lambda each: each.at):
        if patient is not None and merge.at >= at and same_patient(patient, merge.ending):
            patient = merge.going_on
    return stated if patient is None or patient == before else _renamed(stated, patient)


def _renamed(stated: Stated, patient: Patient) -> Stated:
    return Stated({**stated.values, "patient_id": patient[0], "issuer": patient[1]}, stated.doubts)
