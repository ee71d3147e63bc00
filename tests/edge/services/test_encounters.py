"""Who is in the hospital, for a person who scans: found without a network, asked again, and the begin of an exam from an encounter."""

import pytest

from edge.disk.layout import DataFolder
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exchange.encounters.cache import load_book, save_book
from edge.exchange.encounters.listener import AdmissionsClosed, AdmissionsServer
from edge.exchange.encounters.receiver import Receiver
from edge.exchange.peers.file import HospitalInvalid
from edge.people.actor import Actor, Grant, NotAllowed, break_glass
from edge.people.permission import Role
from edge.records.exams.patients import PatientOther, Patients, Person
from edge.services.book import ExamBook
from edge.services.busy import ApplianceBusy
from edge.services.encounter_errors import (
    EncounterQuarantined,
    EncountersNotStored,
    EncountersUnanswered,
    EncountersUnreadable,
    NoEncounters,
    NotAdmitted,
)
from edge.services.encounters import EncounterService
from tests.edge.exchange.encounters.messages import NAME, adt
from tests.edge.exchange.encounters.resources import encounter, page, patient
from tests.edge.exchange.peers.ends import listener
from tests.edge.exchange.peers.test_fhir import answering, request
from tests.ports import free_port

BLUE = Exam.begin(load_catalogue().named("blue-6"))
SARA = Actor("operator", "sara", None, (Grant(Role.SCAN),), qualified_for=frozenset({"blue-6"}))


@pytest.fixture
def stored(tmp_path, store):
    return StoredExams(store, tmp_path / "exams")


@pytest.fixture
def encounters(stored, tmp_path):
    return EncounterService(stored, DataFolder(tmp_path))


@pytest.fixture
def sends(tmp_path, store):
    """A hospital that sends its admissions; gives the function that takes a message."""
    (tmp_path / "hospital.yaml").write_text(f"admissions: {{listen_host: 127.0.0.1, listen_port: {free_port()}, senders: [127.0.0.1]}}\n")
    return lambda message: Receiver(tmp_path, store.now).answer(message.encode())


@pytest.fixture
def asked(tmp_path):
    """Writes a hospital whose FHIR server is at a port of the loopback."""

    def write(port):
        peer = f"{{kind: fhir, name: ehr, url: 'http://127.0.0.1:{port}/fhir', answer_s: 20}}"
        (tmp_path / "hospital.yaml").write_text(f"encounters: ehr\npeers: [{peer}]\n")

    return write


def begin(stored, admitted):
    return ExamBook(stored).begin(SARA, BLUE, admitted, simulated=False)


def test_patients_are_found_by_name_ids_and_place_and_the_age_of_the_list_is_stated(encounters, sends, store) -> None:
    nothing = encounters.find(SARA)
    assert (nothing.sent, nothing.peer, nothing.received_at, nothing.entries) == (True, "", None, ())
    sends(adt("A01"))
    sends(adt("A01", visit="V-18", identifier="P-2", name="Diallo^Aïssatou", place="ICU", minutes=1))
    for text, found in {"": 2, "ሰላማዊት": 1, "p-2": 1, "v-1": 2, "icu": 1, "aissatou": 1, "nobody": 0}.items():
        assert encounters.find(SARA, text).found == found, text
    listed = encounters.find(SARA, limit=1)
    assert (listed.open, listed.found, [each.admission_id for each in listed.entries]) == (2, 2, ["V-18"])
    assert listed.received_at <= store.now()


def test_an_exam_begins_with_the_patient_and_the_admission_and_a_study_of_its_own(encounters, sends, stored) -> None:
    sends(adt("A01"))
    first, second = (begin(stored, encounters.admitted(SARA, "V-17", how)) for how in ("worklist", "scanned"))
    for exam, how in ((first, "worklist"), (second, "scanned")):
        assert (exam.order.admission_id, exam.order.accession, exam.order.identified_by) == ("V-17", "", how)
        assert (exam.patient.issuer, exam.patient.identifier, exam.patient.dicom_name) == ("HOSP", "P-1", NAME)
    assert first.study_uid != second.study_uid
    assert first.study_uid.startswith("2.25.")
    assert encounters.admitted(SARA, "V-17", "scanned", "ACC-1").order.accession == "ACC-1"


@pytest.mark.parametrize("admission", ["V-9", "", "v-17"])
def test_an_admission_that_nobody_stated_begins_no_exam(encounters, sends, admission) -> None:
    with pytest.raises(NotAdmitted):
        encounters.admitted(SARA, admission)
    sends(adt("A01"))
    with pytest.raises(NotAdmitted):
        encounters.admitted(SARA, admission)


def test_a_patient_who_left_begins_no_exam(encounters, sends) -> None:
    sends(adt("A01"))
    sends(adt("A03", minutes=5))
    with pytest.raises(NotAdmitted):
        encounters.admitted(SARA, "V-17")


def test_a_quarantined_encounter_is_found_and_begins_no_exam(encounters, sends) -> None:
    sends(adt("A01", charset=""))
    assert encounters.find(SARA).entries[0].quarantined
    with pytest.raises(EncounterQuarantined, match="without a stated character set"):
        encounters.admitted(SARA, "V-17")


def test_the_identifier_of_another_person_is_refused_and_never_merged(encounters, sends, stored, store) -> None:
    sends(adt("A01"))
    known = Patients(store).add("test", Person("HOSP", "P-1", "Somebody Else"))
    with pytest.raises(PatientOther):
        begin(stored, encounters.admitted(SARA, "V-17"))
    assert Patients(store).newest() == (known,)


def test_who_scans_in_an_emergency_sees_no_patient(encounters, sends) -> None:
    sends(adt("A01"))
    somebody = break_glass("s")
    for act in (lambda: encounters.find(somebody), lambda: encounters.refresh(somebody), lambda: encounters.admitted(somebody, "V-17")):
        with pytest.raises(NotAllowed, match="emergency"):
            act()


def test_a_server_is_asked_and_its_answer_replaces_the_last_one(encounters, asked) -> None:
    with listener(answering(200, page(encounter(), patient()))) as port:
        asked(port)
        assert encounters.find(SARA).received_at is None
        answer = encounters.refresh(SARA)
    assert (answer.sent, answer.peer, answer.open) == (False, "ehr", 1)
    found = encounters.find(SARA, "ሰላማዊት")
    assert (found.peer, found.received_at, [each.admission_id for each in found.entries]) == ("ehr", answer.received_at, ["V-e1"])


def test_where_the_server_does_not_answer_the_last_list_stays(encounters, asked) -> None:
    with listener(answering(200, page(encounter(), patient()))) as port:
        asked(port)
        encounters.refresh(SARA)
    before = encounters.find(SARA)
    asked(free_port())
    with pytest.raises(EncountersUnanswered, match="ehr does not state who is in the hospital"):
        encounters.refresh(SARA)
    assert encounters.find(SARA) == before


def test_a_list_of_another_source_than_the_file_names_is_not_shown(encounters, asked, sends, tmp_path) -> None:
    sends(adt("A01"))
    asked(1)
    assert encounters.find(SARA).entries == ()
    (tmp_path / "hospital.yaml").unlink()
    nothing = encounters.find(SARA)
    assert (nothing.sent, nothing.peer, nothing.entries) == (False, "", ())


def test_without_a_server_it_states_where_to_name_one(encounters, sends) -> None:
    with pytest.raises(NoEncounters) as refused:
        encounters.refresh(SARA)
    assert "hospital.yaml" in refused.value.fix


def test_a_damaged_file_is_stated_and_the_next_answer_replaces_it(encounters, asked, tmp_path) -> None:
    DataFolder(tmp_path).encounters.write_text("{")
    with listener(answering(200, page())) as port:
        asked(port)
        with pytest.raises(EncountersUnreadable, match="cannot be read"):
            encounters.find(SARA)
        encounters.refresh(SARA)
    assert encounters.find(SARA).open == 0


def test_a_disk_that_refuses_the_answer_is_stated(encounters, asked, tmp_path) -> None:
    DataFolder(tmp_path).encounters.mkdir()
    with listener(answering(200, page())) as port:
        asked(port)
        with pytest.raises(EncountersNotStored):
            encounters.refresh(SARA)


def test_while_the_server_is_asked_nobody_else_waits_for_it(encounters, asked) -> None:
    refused = []

    def serve(connection):
        with pytest.raises(ApplianceBusy) as busy:
            encounters.refresh(SARA)
        refused.append(busy.value)
        request(connection)
        body = page()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.close()

    with listener(serve) as port:
        asked(port)
        encounters.refresh(SARA)
    assert len(refused) == 1


def test_the_board_listens_where_the_file_asks_for_it_and_a_broken_file_is_stated(encounters, asked, sends, tmp_path) -> None:
    assert encounters.listens
    server = encounters.listener()
    assert isinstance(server, AdmissionsServer)
    with pytest.raises(AdmissionsClosed):
        encounters.listener()
    server.close()
    server.run()
    asked(1)
    assert not encounters.listens
    with pytest.raises(NoEncounters):
        encounters.listener()
    (tmp_path / "hospital.yaml").write_text("admissions: 3")
    assert encounters.listens
    with pytest.raises(HospitalInvalid):
        encounters.listener()


def test_what_a_server_answered_is_not_lost_when_the_file_is_read_again(encounters, asked, tmp_path) -> None:
    with listener(answering(200, page(encounter(), patient()))) as port:
        asked(port)
        encounters.refresh(SARA)
    book = load_book(tmp_path)
    save_book(tmp_path, book)
    assert load_book(tmp_path) == book
