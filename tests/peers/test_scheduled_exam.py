"""A scheduled exam from a real worklist to its DICOM objects: every text byte for byte as it was scheduled, with the network gone after."""

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from edge.disk.layout import DataFolder
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exchange.dicom.objects import write_objects
from edge.exchange.hand_over import HandOver
from edge.exchange.handed import Algorithm, Station
from edge.people.actor import Actor, Grant
from edge.people.permission import Role
from edge.records.store import Store
from edge.services.book import ExamBook
from edge.services.worklist import WorklistService
from edge.services.worklist_errors import EntryQuarantined, WorklistUnanswered
from tests.peers.servers import WORKLIST, private_network, wlmscpfs

pytestmark = pytest.mark.peers

NAME, IDENTIFIER = "አበበ^ሰላማዊት^ገብረ", "d9a5ee13-3d4e-4f0c-b7a5-4f2a2d1f7c11 /07"
ACCESSION, STUDY = "ACC 0001-x", "2.25.170401184921467117062913347386498311254"
TAGS = {"PatientName": NAME, "PatientID": IDENTIFIER, "AccessionNumber": ACCESSION, "StudyInstanceUID": STUDY}
SARA = Actor("operator", "Sara", None, (Grant(Role.SCAN),), qualified_for=frozenset({"blue-6"}))
BLUE = Exam.begin(load_catalogue().named("blue-6"))


@pytest.fixture
def store(tmp_path):
    made = Store.open(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def ward(store, tmp_path):
    """The worklist and the book of exams of a board whose hospital is in a network of its own."""
    data = DataFolder(tmp_path / "data")
    peer = f"{{kind: dicom, name: ris, host: 127.0.0.1, port: {WORKLIST}, ae_title: WLM, answer_s: 60}}"
    (data.root / "hospital.yaml").write_text(f"ae_title: EDGEUS\nworklist: ris\npeers: [{peer}]\n")
    stored = StoredExams(store, data.exams)
    return WorklistService(stored, data), ExamBook(stored), stored


def scheduled(store):
    entry, step = Dataset(), Dataset()
    entry.file_meta = FileMetaDataset()
    entry.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    entry.file_meta.MediaStorageSOPClassUID, entry.file_meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.31", generate_uid(None)
    entry.SpecificCharacterSet, entry.PatientName, entry.PatientID = "ISO_IR 192", NAME, IDENTIFIER
    entry.PatientBirthDate, entry.PatientSex, entry.AccessionNumber, entry.StudyInstanceUID = "19810302", "F", ACCESSION, STUDY
    entry.RequestedProcedureID, entry.RequestedProcedureDescription, entry.AdmissionID = "RP-1", "US Chest", "V-17"
    entry.ReferringPhysicianName = "ዶክተር^አልማዝ"
    step.Modality, step.ScheduledStationAETitle, step.ScheduledProcedureStepID = "US", "EDGEUS", "SPS-1"
    step.ScheduledProcedureStepStartDate = f"{store.now().astimezone():%Y%m%d}"
    step.ScheduledProcedureStepStartTime, step.ScheduledProcedureStepDescription = "091500", "Lung"
    entry.ScheduledProcedureStepSequence = [step]
    return entry


def header_of(stored, exam, folder):
    """The header of the printed report of an exam, as it was written and read again."""
    hand_over = HandOver(stored, load_catalogue(), Station("ward-3", "", ("SonoEdge 1",)), Algorithm)
    folder.mkdir()
    (written,) = (each for each in write_objects(hand_over.of(exam.id), folder) if each.kind == "document")
    return dcmread(written.path)


@pytest.mark.slow
def test_from_the_worklist_to_the_header_every_text_is_as_it_was_scheduled(ward, store, tmp_path, missing) -> None:
    worklist, book, stored = ward
    with private_network(missing), wlmscpfs(tmp_path / "wl", missing, keep_character_set=True, entries=[scheduled(store)]):
        assert worklist.refresh(SARA).scheduled == 1
    with pytest.raises(WorklistUnanswered):  # the network has gone, and the list has stayed
        worklist.refresh(SARA)
    (found,) = worklist.find(SARA, "ሰላማዊት").entries
    exam = book.begin(SARA, BLUE, worklist.scheduled(SARA, found.entry.study_uid), simulated=False)
    stored.records.end("Sara", exam.id)
    made = header_of(stored, exam, tmp_path / "objects")
    assert {keyword: str(made[keyword].value) for keyword in TAGS} == TAGS
    raw = {keyword: text.encode() + b" " * (len(text.encode()) % 2) for keyword, text in TAGS.items() if keyword != "StudyInstanceUID"}
    content = (tmp_path / "objects" / next((tmp_path / "objects").glob("*document*")).name).read_bytes()
    assert all(value in content for value in raw.values())
    assert (made.SpecificCharacterSet, made.IssuerOfPatientID, made.AdmissionID) == ("ISO_IR 192", "", "V-17")
    assert str(made.ReferringPhysicianName) == "ዶክተር^አልማዝ"
    (request,) = made.RequestAttributesSequence
    assert (request.RequestedProcedureID, request.ScheduledProcedureStepID) == ("RP-1", "SPS-1")
    assert exam.patient.name == "አበበ ሰላማዊት ገብረ"


def test_a_worklist_without_its_character_set_begins_no_exam_with_a_guessed_name(ward, store, tmp_path, missing) -> None:
    worklist, _, _ = ward
    with private_network(missing), wlmscpfs(tmp_path / "wl", missing, keep_character_set=False, entries=[scheduled(store)]):
        worklist.refresh(SARA)
    (found,) = worklist.find(SARA).entries
    assert found.entry.quarantined
    with pytest.raises(EntryQuarantined, match="not guessed"):
        worklist.scheduled(SARA, STUDY)
