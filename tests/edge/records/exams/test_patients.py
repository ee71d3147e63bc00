"""Patients: the same identifier of the same issuer is one person, and records are never merged automatically."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.patients import PatientOther, Patients, Person

ABEBE = Person("site", "P-1", "አበበ ቢቂላ", "1984-03", "male")


@pytest.fixture
def patients(store):
    return Patients(store)


def test_the_same_person_is_not_added_twice(patients):
    stored = patients.add("sara", ABEBE)
    assert (stored.person, stored.created_by, stored.version) == (ABEBE, "sara", 1)
    assert patients.add("tesfaye", ABEBE) == stored == patients.get(stored.id) == patients.find("site", "P-1")
    assert patients.newest() == (stored,)


class AtOnce(Patients):
    """Two callers check before either adds."""

    def __init__(self, store):
        super().__init__(store)
        self._both = Barrier(2, timeout=60)

    def find(self, issuer, identifier):
        known = super().find(issuer, identifier)
        self._both.wait()
        return known


def test_two_who_add_the_same_person_at_once_get_the_same_patient(store, patients):
    at_once = AtOnce(store)
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda actor: at_once.add(actor, ABEBE), ("sara", "tesfaye"))
    assert (first,) == (second,) == patients.newest()
    assert len(audit_of(store)) == 1


def test_of_two_persons_added_at_once_under_one_identifier_one_is_refused(store, patients):
    at_once = AtOnce(store)
    with ThreadPoolExecutor(2) as both:
        added = [both.submit(at_once.add, "sara", person) for person in (ABEBE, Person("site", "P-1", "Other"))]
    (refused,) = [each.exception() for each in added if each.exception()]
    (stored,) = [each.result() for each in added if not each.exception()]
    assert isinstance(refused, PatientOther)
    assert patients.newest() == (stored,)


@pytest.mark.parametrize(
    "other", [Person("site", "P-1", "Other"), Person("site", "P-1", "አበበ ቢቂላ", "1985"), Person("site", "P-1", "አበበ ቢቂላ", None, "female")]
)
def test_the_identifier_of_another_person_is_refused_with_the_next_step(patients, other):
    stored = patients.add("sara", ABEBE)
    with pytest.raises(PatientOther, match=stored.id) as refused:
        patients.add("sara", other)
    assert "Compare both" in refused.value.fix
    assert patients.newest() == (stored,)


def test_missing_values_contradict_nothing_and_another_issuer_is_another_person(patients):
    stored = patients.add("sara", ABEBE)
    assert patients.add("sara", Person("site", "P-1", "አበበ ቢቂላ")) == stored
    assert patients.add("sara", Person("clinic", "P-1", "Other")).id != stored.id


SCHEDULED = replace(ABEBE, birth_date="1984-03-09", dicom_name="አበበ^ቢቂላ")


def test_a_scheduled_name_is_kept_as_it_is_and_fills_a_record_without_one(patients):
    stored = patients.add("sara", replace(ABEBE, birth_date=None))
    assert (stored.dicom_name, stored.version) == ("", 1)
    filled = patients.add("sara", SCHEDULED)
    assert (filled.id, filled.dicom_name, filled.birth_date, filled.version) == (stored.id, "አበበ^ቢቂላ", "1984-03-09", 2)
    assert patients.add("sara", SCHEDULED) == filled == patients.add("sara", replace(ABEBE, birth_date=None))


def test_another_scheduled_name_is_another_person(patients):
    stored = patients.add("sara", SCHEDULED)
    with pytest.raises(PatientOther):
        patients.add("sara", replace(SCHEDULED, dicom_name="ቢቂላ^አበበ"))
    assert patients.newest() == (stored,)


def test_a_correction_keeps_the_scheduled_name_while_the_name_stays_the_same(patients):
    stored = patients.add("sara", SCHEDULED)
    corrected = patients.correct("sara", stored.id, replace(SCHEDULED, sex="female", dicom_name=""), 1)
    assert (corrected.sex, corrected.dicom_name) == ("female", "አበበ^ቢቂላ")
    renamed = patients.correct("sara", stored.id, replace(SCHEDULED, name="አበበ ቢቂላ ደምሴ", dicom_name=""), 2)
    assert (renamed.name, renamed.dicom_name) == ("አበበ ቢቂላ ደምሴ", "")


def test_a_correction_is_of_a_version_and_the_audit_names_its_parts_only(patients, store):
    stored = patients.add("sara", ABEBE)
    corrected = patients.correct("sara", stored.id, Person("site", "P-1", "አበበ ቢቂላ", "1984-03-09", "male"), 1)
    assert (corrected.birth_date, corrected.version) == ("1984-03-09", 2)
    with pytest.raises(RecordStale):
        patients.correct("sara", stored.id, ABEBE, 1)
    assert b"1984-03-09" not in b"".join(body.encode() for body in audit_of(store))


def test_a_correction_to_the_identifier_of_another_patient_is_refused(patients):
    stored, other = patients.add("sara", ABEBE), patients.add("sara", Person("site", "P-2", "Other"))
    with pytest.raises(PatientOther, match=other.id):
        patients.correct("sara", stored.id, Person("site", "P-2", "አበበ ቢቂላ"), 1)


def test_pages_and_a_missing_patient(patients):
    ids = [patients.add("sara", Person("site", str(n), "Name")).id for n in range(3)]
    assert [each.id for each in patients.newest(2)] == [ids[2], ids[1]]
    assert [each.id for each in patients.newest(2, ids[1])] == [ids[0]]
    with pytest.raises(RecordUnknown):
        patients.get("none")


def audit_of(store):
    from sqlalchemy import select

    from edge.records.schema import AuditRow

    with store.read() as session:
        return session.scalars(select(AuditRow.body)).all()
