"""Patients: the people who were examined, as far as known. Records are never merged automatically."""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.records.errors import RecordUnknown
from edge.records.ids import new_id
from edge.records.rows import expect, found, stored
from edge.records.schema import PatientRow
from edge.records.store import Store, Transaction
from firmware_bridge.errors import Conflict

OWN_ISSUER = "site"
"""Of an identifier whose issuer nobody stated."""


class PatientOther(Conflict):
    """The identifier is known, and belongs to a person with another name, birth date or sex."""

    code = "patient-other"
    says_code = "patient_other"


@dataclass(frozen=True, slots=True)
class Person:
    """What is stated of a person; `birth_date` is YYYY, YYYY-MM or YYYY-MM-DD, `sex` as in FHIR's administrative gender.

    `dicom_name` is the name exactly as a worklist scheduled it, empty where none did.
    """

    issuer: str
    identifier: str
    name: str
    birth_date: str | None = None
    sex: str | None = None
    dicom_name: str = ""


@dataclass(frozen=True, slots=True)
class StoredPatient:
    """A patient as recorded; see `PatientRow`."""

    id: str
    issuer: str
    identifier: str
    name: str
    birth_date: str | None
    sex: str | None
    created_at: datetime
    created_by: str
    version: int
    dicom_name: str = ""

    @property
    def person(self) -> Person:
        return Person(self.issuer, self.identifier, self.name, self.birth_date, self.sex, self.dicom_name)


def stored_patient(row: PatientRow) -> StoredPatient:
    return stored(StoredPatient, row, dicom_name=row.dicom_name or "")


class Patients:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, patient_id: str) -> StoredPatient:
        """One patient.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return stored_patient(found(session.get(PatientRow, patient_id), "patient", patient_id))

    def find(self, issuer: str, identifier: str) -> StoredPatient | None:
        """The patient with this identifier from this issuer."""
        with self._store.read() as session:
            row = _known(session, issuer, identifier)
            return stored_patient(row) if row else None

    def named(self, text: str) -> StoredPatient:
        """The one patient whom a person names by the id, or by the identifier from any issuer.

        Raises:
            RecordUnknown: there is none, or more than one.
        """
        query = select(PatientRow).where((PatientRow.id == text) | (PatientRow.identifier == text)).order_by(PatientRow.id)
        with self._store.read() as session:
            rows = session.scalars(query).all()
        if not rows:
            raise RecordUnknown(f"There is no patient {text}", "Give the identifier that sonoedge exam list shows, without its issuer")
        if len(rows) > 1:
            ids = " and ".join(row.id for row in rows)
            raise RecordUnknown(f"Several issuers gave the identifier {text}, to the patients {ids}", "Give the id of one of them")
        return stored_patient(rows[0])

    def newest(self, limit: int = 50, before_id: str | None = None) -> tuple[StoredPatient, ...]:
        """The last added first, of those added before `before_id`."""
        query = select(PatientRow).order_by(PatientRow.id.desc()).limit(limit)
        with self._store.read() as session:
            rows = session.scalars(query if before_id is None else query.where(PatientRow.id < before_id))
            return tuple(map(stored_patient, rows))

    def add(self, actor: str, person: Person) -> StoredPatient:
        """Adds a person; returns the existing record where the same person is there already.

        What a worklist schedules of a person who is there fills the values that are missing.

        Raises:
            PatientOther: the identifier is another person's.
        """
        if (known := self._same(person)) is not None and not _missing(known, person):
            return known
        with self._store.write() as change:
            if (row := _known(change.session, person.issuer, person.identifier)) is not None:
                return _completed(change, actor, row, person)
            row = PatientRow(
                id=new_id(),
                issuer=person.issuer,
                identifier=person.identifier,
                name=person.name,
                birth_date=person.birth_date,
                sex=person.sex,
                dicom_name=person.dicom_name or None,
                created_at=change.now,
                created_by=actor,
            )
            change.session.add(row)
            change.session.flush()
            change.log(actor, "patient.added", f"patient/{row.id}")
            return stored_patient(row)

    def correct(self, actor: str, patient_id: str, person: Person, seen: int) -> StoredPatient:
        """Corrects who a patient is; reports that were issued stay as they are. The scheduled name is valid while the name stays the same.

        Raises:
            RecordUnknown, RecordStale: see `get` and `edge.records.rows.expect`.
            PatientOther: the identifier is another patient's.
        """
        with self._store.write() as change:
            row = found(change.session.get(PatientRow, patient_id), "patient", patient_id)
            version = expect("patient", row.version, seen)
            other = _known(change.session, person.issuer, person.identifier)
            if other is not None and other.id != patient_id:
                raise _other(stored_patient(other))
            scheduled = row.dicom_name if _same_text(row.name, person.name) else None
            corrected = asdict(person) | {"dicom_name": person.dicom_name or scheduled}
            changed = [name for name, value in corrected.items() if getattr(row, name) != value]
            for name in changed:
                setattr(row, name, corrected[name])
            row.version = version
            change.log(actor, "patient.corrected", f"patient/{patient_id}", {"changed": [*changed], "version": version})
            return stored_patient(row)

    def _same(self, person: Person) -> StoredPatient | None:
        known = self.find(person.issuer, person.identifier)
        if known is not None:
            refuse_other(known, person)
        return known


def refuse_other(known: StoredPatient, person: Person) -> None:
    """Does nothing where the two are the same person; missing values contradict nothing.

    Raises:
        PatientOther: it is another person.
    """
    same = ("name", "birth_date", "sex", "dicom_name")
    pairs = ((getattr(known, each) or "", getattr(person, each) or "") for each in same)
    if any(one and other and not _same_text(one, other) for one, other in pairs):
        raise _other(known)


def _same_text(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _missing(known: StoredPatient, person: Person) -> Mapping[str, str]:
    """What a worklist schedules of a person that is not known yet; a person's own statement fills nothing."""
    scheduled = {"name": person.name, "birth_date": person.birth_date, "sex": person.sex, "dicom_name": person.dicom_name}
    return {name: value for name, value in scheduled.items() if person.dicom_name and value and not getattr(known, name)}


def _completed(change: Transaction, actor: str, row: PatientRow, person: Person) -> StoredPatient:
    known = stored_patient(row)
    refuse_other(known, person)
    missing = _missing(known, person)
    if not missing:  # added since it was looked for
        change.unlogged()
        return known
    for name, value in missing.items():
        setattr(row, name, value)
    row.version += 1
    change.log(actor, "patient.corrected", f"patient/{row.id}", {"changed": [*missing], "version": row.version})
    return stored_patient(row)


def _known(session: Session, issuer: str, identifier: str) -> PatientRow | None:
    return session.scalar(select(PatientRow).where(PatientRow.issuer == issuer, PatientRow.identifier == identifier))


def _other(known: StoredPatient) -> PatientOther:
    return PatientOther(
        f"The identifier belongs to patient {known.id}, who has another name, birth date or sex",
        "Compare both with the person: choose that patient, or correct the identifier or the patient's record",
    )
