"""The worklist of a person who scans: found without a network, asked again, and the begin of an exam from an entry."""

import time
from dataclasses import replace
from datetime import date

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt

from edge.disk.layout import DataFolder
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exchange.peers.worklist import FIND
from edge.exchange.worklist.cache import CachedWorklist, save_worklist
from edge.exchange.worklist.entry import WorklistEntry, judged
from edge.people.actor import Actor, Grant, NotAllowed, break_glass
from edge.people.permission import Role
from edge.records.exams.order import OrderBegun
from edge.records.exams.patients import PatientOther, Patients, Person
from edge.services.book import ExamBook
from edge.services.busy import ApplianceBusy
from edge.services.worklist import WorklistService
from edge.services.worklist_errors import (
    AdmissionOther,
    EntryQuarantined,
    NotScheduled,
    NoWorklist,
    WorklistNotStored,
    WorklistUnanswered,
    WorklistUnreadable,
)
from tests.edge.exchange.peers.ends import scp

BLUE = Exam.begin(load_catalogue().named("blue-6"))
SARA = Actor("operator", "sara", None, (Grant(Role.SCAN),), qualified_for=frozenset({"blue-6"}))
DAY = date(2026, 11, 30)
ENTRY = WorklistEntry(
    patient_id="P-1", name="አበበ^ሰላማዊት", birth_date="19810302", sex="F", accession="ACC-1", study_uid="2.25.170401", admission_id="V-1",
    step_id="SPS-1",
)  # fmt: skip
OTHER = replace(ENTRY, patient_id="P-2", name="Diallo^Aïssatou", study_uid="2.25.170402", accession="ACC-2", admission_id="")


@pytest.fixture
def stored(tmp_path, store):
    return StoredExams(store, tmp_path / "exams")


@pytest.fixture
def worklist(stored, tmp_path):
    return WorklistService(stored, DataFolder(tmp_path))


@pytest.fixture
def answered(store, tmp_path):
    """Stores a worklist as its peer answered it."""

    def write(*entries):
        save_worklist(tmp_path, CachedWorklist("ris", store.now(), DAY, DAY, judged(entries)))

    return write


@pytest.fixture
def hospital(tmp_path):
    """Writes a hospital whose worklist is at a port of the loopback."""

    def write(port):
        peer = f"{{kind: dicom, name: ris, host: 127.0.0.1, port: {port}, ae_title: WLM, answer_s: 20}}"
        (tmp_path / "hospital.yaml").write_text(f"ae_title: EDGEUS\nworklist: ris\npeers: [{peer}]\n")

    return write


def begin(stored, scheduled):
    return ExamBook(stored).begin(SARA, BLUE, scheduled, simulated=False)


def names(found):
    return [each.entry.name for each in found.entries]


def test_entries_are_found_by_name_id_and_accession_and_the_age_of_the_list_is_stated(worklist, answered, store) -> None:
    assert (worklist.find(SARA).asked_at, worklist.find(SARA).entries) == (None, ())
    answered(ENTRY, OTHER)
    for text, found in {"": 2, "ሰላማዊት": 1, "p-2": 1, "acc-": 2, "aissatou diallo": 1, "nobody": 0}.items():
        assert worklist.find(SARA, text).found == found, text
    listed = worklist.find(SARA, limit=1)
    assert (listed.peer, listed.scheduled, listed.found, names(listed)) == ("ris", 2, 2, [ENTRY.name])
    assert listed.asked_at <= store.now()


def test_an_exam_begins_from_an_entry_with_every_text_as_it_was_scheduled(worklist, answered, stored) -> None:
    answered(ENTRY, OTHER)
    exam = begin(stored, worklist.scheduled(SARA, ENTRY.study_uid, "scanned"))
    assert (exam.study_uid, exam.order.accession, exam.order.admission_id, exam.order.step_id) == ("2.25.170401", "ACC-1", "V-1", "SPS-1")
    assert exam.order.identified_by == "scanned"
    assert (exam.patient.identifier, exam.patient.name, exam.patient.dicom_name) == ("P-1", "አበበ ሰላማዊት", "አበበ^ሰላማዊት")
    file = (stored.path_of(exam) / "exam.json").read_text()
    assert "ACC-1" in file
    assert not [text for text in ("አበበ", "ሰላማዊት", "P-1", "1981") if text in file]
    assert [each.exam_id for each in worklist.find(SARA).entries] == [exam.id, None]


def test_a_second_exam_of_one_study_is_refused_and_names_the_first(worklist, answered, stored) -> None:
    answered(ENTRY)
    first = begin(stored, worklist.scheduled(SARA, ENTRY.study_uid))
    with pytest.raises(OrderBegun, match=first.id) as refused:
        begin(stored, worklist.scheduled(SARA, ENTRY.study_uid))
    assert "Open that exam" in refused.value.fix


def test_the_identifier_of_another_person_is_refused_and_never_merged(worklist, answered, stored, store) -> None:
    answered(ENTRY)
    known = Patients(store).add("test", Person("site", "P-1", "Somebody Else"))
    with pytest.raises(PatientOther):
        begin(stored, worklist.scheduled(SARA, ENTRY.study_uid))
    assert Patients(store).newest() == (known,)


def test_a_quarantined_entry_is_found_and_begins_no_exam(worklist, answered) -> None:
    answered(ENTRY, replace(ENTRY, study_uid="2.25.3", name="Other^Person"))
    assert worklist.find(SARA).found == 2
    with pytest.raises(EntryQuarantined, match="same patient ID for another person"):
        worklist.scheduled(SARA, ENTRY.study_uid)


@pytest.mark.parametrize("study", ["2.25.999", ""])
def test_an_unknown_study_begins_no_exam(worklist, answered, study) -> None:
    with pytest.raises(NotScheduled):
        worklist.scheduled(SARA, study)
    answered(ENTRY, replace(ENTRY, study_uid=""))
    with pytest.raises(NotScheduled):
        worklist.scheduled(SARA, study)


def test_another_admission_than_the_scheduled_one_is_refused(worklist, answered) -> None:
    answered(ENTRY, OTHER)
    with pytest.raises(AdmissionOther, match="V-1"):
        worklist.scheduled(SARA, ENTRY.study_uid, admission_id="V-2")
    assert worklist.scheduled(SARA, OTHER.study_uid, admission_id="V-2").order.admission_id == "V-2"


def test_who_scans_in_an_emergency_sees_no_worklist(worklist, answered, hospital) -> None:
    answered(ENTRY)
    hospital(1)
    somebody = break_glass("s")
    for act in (lambda: worklist.find(somebody), lambda: worklist.refresh(somebody), lambda: worklist.scheduled(somebody, ENTRY.study_uid)):
        with pytest.raises(NotAllowed, match="emergency"):
            act()


def scheduled_dataset():
    made, step = Dataset(), Dataset()
    made.SpecificCharacterSet, made.PatientName, made.PatientID, made.StudyInstanceUID = "ISO_IR 192", ENTRY.name, "P-1", ENTRY.study_uid
    made.ScheduledProcedureStepSequence = [step]
    return made


def test_a_new_worklist_replaces_the_last_one_and_is_asked_for_the_days_around(worklist, answered, hospital, store) -> None:
    asked = []

    def find(event):
        asked.append(event.identifier.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate)
        yield 0xFF00, scheduled_dataset()
        yield 0x0000, None

    answered(OTHER)
    with scp([FIND], [(evt.EVT_C_FIND, find)], title="WLM") as port:
        hospital(port)
        answer = worklist.refresh(SARA)
    assert (answer.peer, answer.scheduled) == ("ris", 1)
    assert names(worklist.find(SARA)) == [ENTRY.name]
    today = store.now().astimezone().date().toordinal()
    assert asked == [f"{date.fromordinal(today - 1):%Y%m%d}-{date.fromordinal(today + 1):%Y%m%d}"]


def test_where_nobody_answers_the_last_worklist_stays_with_its_age(worklist, answered, hospital) -> None:
    answered(ENTRY)
    before = worklist.find(SARA)
    hospital(1)
    with pytest.raises(WorklistUnanswered, match="ris gives no new worklist"):
        worklist.refresh(SARA)
    assert worklist.find(SARA) == before


def test_without_a_worklist_server_it_states_where_to_name_one(worklist) -> None:
    with pytest.raises(NoWorklist) as refused:
        worklist.refresh(SARA)
    assert "hospital.yaml" in refused.value.fix
    assert worklist.find(SARA).peer == ""


def test_a_worklist_that_nobody_asked_for_yet_names_its_peer_and_a_broken_file_none(worklist, hospital, tmp_path) -> None:
    hospital(1)
    assert (worklist.find(SARA).peer, worklist.find(SARA).asked_at) == ("ris", None)
    (tmp_path / "hospital.yaml").write_text("peers: 3")
    assert worklist.find(SARA).peer == ""


def test_a_damaged_file_is_stated_and_the_next_answer_replaces_it(worklist, hospital, tmp_path) -> None:
    DataFolder(tmp_path).worklist.write_text("{")
    with pytest.raises(WorklistUnreadable, match="cannot be read"):
        worklist.find(SARA)
    with scp([FIND], [(evt.EVT_C_FIND, lambda _: iter([(0x0000, None)]))], title="WLM") as port:
        hospital(port)
        worklist.refresh(SARA)
    assert worklist.find(SARA).scheduled == 0


def test_a_disk_that_refuses_the_answer_is_stated(worklist, hospital, tmp_path) -> None:
    DataFolder(tmp_path).worklist.mkdir()
    with scp([FIND], [(evt.EVT_C_FIND, lambda _: iter([(0x0000, None)]))], title="WLM") as port:
        hospital(port)
        with pytest.raises(WorklistNotStored):
            worklist.refresh(SARA)


def test_while_the_peer_is_asked_nobody_else_waits_for_it(worklist, hospital) -> None:
    refused = []

    def find(_):
        with pytest.raises(ApplianceBusy) as busy:
            worklist.refresh(SARA)
        refused.append(busy.value)
        yield 0x0000, None

    with scp([FIND], [(evt.EVT_C_FIND, find)], title="WLM") as port:
        hospital(port)
        worklist.refresh(SARA)
    assert len(refused) == 1


def test_500_entries_are_found_at_once(worklist, answered) -> None:
    answered(*(replace(ENTRY, patient_id=f"P-{n}", study_uid=f"2.25.{n + 1}", accession=f"A{n:05d}") for n in range(500)))
    worklist.find(SARA, "A00499")
    begun = time.perf_counter()
    assert worklist.find(SARA, "a00499").found == 1
    print(f"500 entries searched in {(time.perf_counter() - begun) * 1e3:.1f} ms")
