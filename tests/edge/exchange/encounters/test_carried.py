"""An admission that came by ADT, with a name in Amharic, arrives in DICOM, FHIR and HL7 as the hospital stated it."""

import json

import pytest
from pydicom import dcmread

from edge.disk.layout import DataFolder
from edge.exchange.dicom.objects import write_objects
from edge.exchange.encounters.receiver import Receiver
from edge.exchange.fhir.bundle import bundle_of
from edge.exchange.hl7.oru import oru_of
from edge.exchange.hl7.reading import parsed
from edge.services.encounters import EncounterService
from tests.edge.exchange.conftest import Ward
from tests.edge.exchange.encounters.messages import NAME, adt


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """A signed exam that began with an admission."""
    folder = tmp_path_factory.mktemp("admitted") / "data"
    ward = Ward(folder)
    (folder / "hospital.yaml").write_text("admissions: {listen_host: 127.0.0.1, listen_port: 2576, senders: [127.0.0.1]}\n")
    Receiver(folder, ward.store.now).answer(adt("A01", identifier="P 7/1^^^HOSP^MR").encode())
    admitted = EncounterService(ward.stored, DataFolder(folder)).admitted(ward.sara, "V-17", "scanned")
    exam = ward.take(scheduled=admitted)
    ward.sign(exam)
    yield ward.handed(exam)
    ward.store.close()


@pytest.fixture(scope="module")
def written(handed, tmp_path_factory):
    """Its objects, and the folder that has them."""
    folder = tmp_path_factory.mktemp("objects")
    return write_objects(handed, folder), folder


def test_the_message_of_results_has_visit_patient_and_name(handed) -> None:
    message = parsed(oru_of(handed))
    assert message.first("PV1")[19].text.text == "V-17"
    pid = message.first("PID")
    assert [pid[3].component(number).text for number in (1, 4)] == ["P 7/1", "HOSP"]
    assert [pid[5].component(number).text for number in (1, 2)] == NAME.split("^")


def test_the_bundle_has_the_admission_and_the_name(handed, written) -> None:
    bundle = json.loads(bundle_of(handed, written[0]))
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    assert resources["Encounter"]["identifier"][0]["value"] == "V-17"
    assert resources["Patient"]["identifier"][0]["value"] == "P 7/1"
    family, given = NAME.split("^")
    assert (resources["Patient"]["name"][0]["family"], resources["Patient"]["name"][0]["given"]) == (family, [given])


def test_every_object_has_the_admission_and_the_name_and_a_study_of_the_board(handed, written) -> None:
    files = [*written[1].rglob("*.dcm")]
    assert len(files) >= 3
    for path in files:
        dataset = dcmread(path, stop_before_pixels=True)
        assert (dataset.AdmissionID, dataset.PatientID, dataset.PatientName) == ("V-17", "P 7/1", NAME)
        assert dataset.StudyInstanceUID == handed.exam.study_uid
        assert dataset.StudyInstanceUID.startswith("2.25.")
