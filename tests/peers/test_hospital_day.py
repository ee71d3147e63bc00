"""A day at a hospital: a scheduled exam and one without an order, from the worklist to an archive that has confirmed every object.

The name of the patient is looked at in every place where it arrives: in the worklist, the records, the archive, the structured report,
the FHIR bundle and the HL7 message.
"""

import json
import subprocess
import urllib.request

import pytest
import yaml
from pydicom import dcmread
from pydicom.uid import generate_uid

from edge.disk.layout import DataFolder
from edge.exchange.dicom.objects import write_objects
from edge.exchange.fhir.bundle import bundle_of
from edge.exchange.hl7.oru import oru_of
from edge.services.outbox import OutboxService
from edge.services.report import ReportService
from edge.services.worklist import WorklistService
from tests.edge.exchange.conftest import NAME, Ward
from tests.edge.exchange.fhir.validators import all_three
from tests.edge.exchange.outbox.worker import running, until
from tests.edge.exchange.peers.test_real_peers import scheduled
from tests.peers.servers import LISTEN, ORTHANC_DICOM, ORTHANC_HTTP, WORKLIST, find, orthanc, private_network, wlmscpfs

pytestmark = [pytest.mark.peers, pytest.mark.slow]

SCHEDULED = "አበበ^ሰላማዊት"
IDENTIFIER, ACCESSION, STUDY = "d9a5ee13-3d4e-4f0c-b7a5-4f2a2d1f7c11", "ACC-0001", generate_uid(None)
HOSPITAL = {
    "ae_title": "EDGEUS",
    "listen_host": "127.0.0.1",
    "listen_port": LISTEN,
    "worklist": "ris",
    "peers": [
        {"kind": "dicom", "name": "ris", "host": "127.0.0.1", "port": WORKLIST, "ae_title": "WLM", "send": "asked"},
        {"kind": "dicom", "name": "pacs", "host": "127.0.0.1", "port": ORTHANC_DICOM, "ae_title": "ORTHANC"},
    ],
}


def asked(path, accept="*/*"):
    wanted = urllib.request.Request(f"http://127.0.0.1:{ORTHANC_HTTP}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(wanted, timeout=60) as reply:
        return reply.read()


def studies(**query):
    return json.loads(asked("/dicom-web/studies?" + "&".join(f"{key}={value}" for key, value in query.items())))


def instances(study):
    """The SOP class and UID of each object of a study in the archive."""
    found = json.loads(asked(f"/dicom-web/studies/{study}/instances"))
    return {each["00080018"]["Value"][0]: each["00080016"]["Value"][0] for each in found}


def fetched(study, sop_class, folder):
    """The first object of a class in the archive, as a file."""
    uid = next(uid for uid, each in instances(study).items() if each == sop_class)
    (found,) = json.loads(
        urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{ORTHANC_HTTP}/tools/lookup", uid.encode(), method="POST"), timeout=60
        ).read()
    )
    path = folder / f"{uid}.dcm"
    path.write_bytes(asked(f"/instances/{found['ID']}/file"))
    return path


class Day:
    """The board, and what it has done."""

    def __init__(self, folder):
        self.ward = Ward(folder)
        (folder / "hospital.yaml").write_text(yaml.safe_dump(HOSPITAL))
        self.worklist = WorklistService(self.ward.stored, DataFolder(folder))
        self.outbox = OutboxService(self.ward.stored, self.ward.hand_over, DataFolder(folder))
        self.ward.reports = ReportService(
            self.ward.store, self.ward.catalogue, self.ward.reviews, self.ward.stored.sidecar, self.outbox.automatic
        )

    def sent(self, exam_id):
        """The states of the deliveries of an exam."""
        return [delivery.state for delivery in self.outbox.of_exam(self.ward.reader, exam_id).deliveries]


@pytest.fixture(scope="module")
def day(tmp_path_factory, missing):
    """Everything is sent and confirmed; what the archive has is looked at while it runs."""
    folder = tmp_path_factory.mktemp("day")
    made = Day(folder / "data")
    entry = scheduled(SCHEDULED, IDENTIFIER, StudyInstanceUID=STUDY, AccessionNumber=ACCESSION)
    entry.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate = f"{made.ward.store.now().astimezone():%Y%m%d}"
    with (
        private_network(missing),
        wlmscpfs(folder / "worklists", missing, keep_character_set=True, entries=[entry]),
        orthanc(folder / "orthanc", missing),
    ):
        made.worklist.refresh(made.ward.sara)
        (found,) = made.worklist.find(made.ward.sara, "ሰላማዊት").entries
        made.scheduled = made.ward.take(scheduled=made.worklist.scheduled(made.ward.sara, found.entry.study_uid))
        made.without_order = made.ward.take(identifier="P-0002")
        for exam in (made.scheduled, made.without_order):
            made.ward.sign(exam)
        with running(made.outbox):
            until(lambda: made.sent(made.scheduled) == made.sent(made.without_order) == ["confirmed"])
        made.found = studies(PatientID=IDENTIFIER, includefield="all"), studies(AccessionNumber=ACCESSION)
        made.unordered = studies(PatientID="P-0002", includefield="all")
        made.objects = instances(STUDY)
        clip = next(uid for uid, sop_class in made.objects.items() if sop_class.endswith(".1.3.1"))
        (series,) = {
            each["0020000E"]["Value"][0]
            for each in json.loads(asked(f"/dicom-web/studies/{STUDY}/instances"))
            if each["00080018"]["Value"][0] == clip
        }
        made.picture = asked(f"/dicom-web/studies/{STUDY}/series/{series}/instances/{clip}/frames/1/rendered", "image/jpeg")
        made.report = fetched(STUDY, "1.2.840.10008.5.1.4.1.1.88.33", folder)
        made.document = fetched(STUDY, "1.2.840.10008.5.1.4.1.1.104.1", folder)
    yield made
    made.ward.store.close()


def test_1_the_scheduled_exam_is_found_again_by_patient_and_by_accession_with_its_name(day):
    by_patient, by_accession = day.found
    for (study,) in (by_patient, by_accession):
        assert study["0020000D"]["Value"] == [STUDY]
        assert study["00100010"]["Value"][0]["Alphabetic"] == SCHEDULED
    assert by_patient[0]["00080050"]["Value"] == [ACCESSION]


def test_2_an_exam_without_an_order_is_there_with_the_uid_of_the_board(day):
    (study,) = day.unordered
    assert study["0020000D"]["Value"] == [day.ward.stored.records.get(day.without_order).study_uid]
    assert study["00100010"]["Value"][0]["Alphabetic"].startswith(NAME)
    assert study.get("00080050", {}).get("Value") in (None, [""])


def test_3_the_archive_confirmed_every_object_and_only_then_may_retention_remove_the_clips(day):
    delivery, objects = day.outbox.get(day.ward.reader, day.outbox.of_exam(day.ward.reader, day.scheduled).deliveries[0].id)
    made = {each.uid for each in objects if each.sop_class}
    assert made == set(day.objects)
    assert delivery.taken == len(made)
    assert day.ward.stored.records.get(day.scheduled).sent_at is not None


def test_4_a_frame_is_rendered(day):
    assert day.picture[:2] == b"\xff\xd8"
    assert len(day.picture) > 1000


def test_5_the_tree_of_the_structured_report_is_printed(day, missing):
    tree = subprocess.run([find("dsrdump", missing), "+U8", "+Pc", "+Pl", day.report], capture_output=True, check=True).stdout.decode()
    print(tree)
    assert "Imaging Measurement Report" in tree
    assert SCHEDULED in dcmread(day.report).PatientName.original_string.decode()
    for words in ("B-lines", "Probability", "Lung", "research use, not a diagnosis", "Interstitial syndrome on the left"):
        assert words in tree


def test_6_the_bundle_is_clean_in_three_validators_and_has_the_name(day, tmp_path, missing):
    handed = day.ward.handed(day.scheduled)
    bundle = json.loads(bundle_of(handed, write_objects(handed, tmp_path / "objects")))
    assert [faults(bundle) for faults in all_three(missing)] == [[], [], []]
    assert "ሰላማዊት" in json.dumps(bundle, ensure_ascii=False)
    assert STUDY in json.dumps(bundle)


def test_7_the_message_has_the_name_and_the_order(day):
    message = oru_of(day.ward.handed(day.scheduled)).decode()
    assert "አበበ^ሰላማዊት" in message
    assert ACCESSION in message


def test_8_the_document_has_the_pictures(day):
    import pypdfium2

    paper = pypdfium2.PdfDocument(dcmread(day.document).EncapsulatedDocument)
    images = [each for page in paper for each in page.get_objects() if type(each).__name__ == "PdfImage"]
    assert len(images) >= 4
