"""Orthanc, storescp and wlmscpfs as peers: what they store, confirm, refuse and schedule."""

import json
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from edge.exchange.peers.commit import commit
from edge.exchange.peers.dial import NotAssociated
from edge.exchange.peers.echo import check_dicom
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.store import store
from edge.exchange.peers.worklist import WorklistQuery, WorklistRefused, worklist
from tests.edge.exchange.peers.conftest import CLIP, NAME, REPORT
from tests.peers.servers import ORTHANC_DICOM, ORTHANC_HTTP, STORE, WORKLIST, orthanc, storescp, wlmscpfs

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("network")]
DAY = date(2026, 11, 30)


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{ORTHANC_HTTP}{path}", timeout=60) as reply:
        return reply.read()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["Utf8", "Latin1"])
def test_orthanc_stores_confirms_and_keeps_the_name(encoding, tmp_path, missing, *, peer, hospital, dicom_file) -> None:
    files = [dicom_file(CLIP), dicom_file(REPORT)]
    with orthanc(tmp_path / "orthanc", missing, encoding=encoding):
        pacs = peer(ORTHANC_DICOM, "ORTHANC")
        checked = check_dicom(pacs, hospital)
        assert checked.answer.taken
        assert (checked.refuses, checked.notes[1][:10]) == ((), "Not proven")
        stored = [dict(store(pacs, hospital, files)) for _ in range(2)]
        assert [answer.outcome for each in stored for answer in each.values()] == [Outcome.ACCEPTED] * 4
        ids = json.loads(get("/instances"))
        assert len(ids) == len(files)
        for each in ids:
            assert NAME.encode() in get(f"/instances/{each}/file")
        found = json.loads(get("/dicom-web/studies?PatientID=P-0001"))
        names = {value["Alphabetic"] for study in found for value in study["00100010"].get("Value", [])}
        assert names == ({NAME} if encoding == "Utf8" else {"^"}), "Latin1 loses the name in the index alone"
        never = generate_uid(None)
        answers = commit(pacs, hospital, [(CLIP, files[0].stem), (REPORT, files[1].stem), (REPORT, never)])
    assert [answers[file.stem].outcome for file in files] == [Outcome.ACCEPTED] * 2
    assert (answers[never].outcome, answers[never].status) == (Outcome.REFUSED, "0112")


FAULTS = {"--refuse": {"rejected"}, "--abort-during": {"aborted", "closed"}, "--abort-after": {"aborted"}}
"""An abort during a transfer may be lost where the board still sends."""


@pytest.mark.parametrize("option", FAULTS)
def test_what_storescp_does_not_take_is_sent_again(option, tmp_path, missing, *, peer, hospital, dicom_file) -> None:
    files = [dicom_file(CLIP, extra=200_000) for _ in range(3)]
    with storescp(tmp_path / "store", missing, option):
        found = [answer for _, answer in store(peer(STORE), hospital, files)]
    assert [answer.outcome for answer in found] == [Outcome.RETRY] * 3
    assert {answer.status for answer in found} <= FAULTS[option]


def test_a_storescp_that_sleeps_is_cut_off_in_the_time_of_the_peer(tmp_path, missing, peer, hospital, dicom_file) -> None:
    with storescp(tmp_path / "store", missing, "--sleep-during", "60"):
        found = [answer for _, answer in store(peer(STORE, answer_s=1.0), hospital, [dicom_file(CLIP)])]
    assert [(answer.outcome, answer.status) for answer in found] == [(Outcome.RETRY, "silent")]


def scheduled(name, identifier="d9a5ee13-3d4e-4f0c-b7a5-4f2a2d1f7c11", character_set="ISO_IR 192", **more):
    entry, step = Dataset(), Dataset()
    entry.file_meta = FileMetaDataset()
    entry.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    entry.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.31"
    entry.file_meta.MediaStorageSOPInstanceUID = generate_uid(None)
    entry.SpecificCharacterSet = character_set
    entry.PatientName, entry.PatientID, entry.PatientBirthDate, entry.PatientSex = name, identifier, "19810302", "F"
    entry.AccessionNumber, entry.StudyInstanceUID = "ACC-0001", "2.25.170401184921467117062913347386498311254"
    entry.RequestedProcedureID, entry.RequestedProcedureDescription, entry.AdmissionID = "RP-1", "US Chest", "V-17"
    entry.ReferringPhysicianName = "Dr^Ref"
    step.Modality, step.ScheduledStationAETitle, step.ScheduledProcedureStepID = "US", "EDGEUS", "SPS-1"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = f"{DAY:%Y%m%d}", "091500"
    step.ScheduledProcedureStepDescription, step.ScheduledPerformingPhysicianName = "Lung", "Nurse^A"
    for keyword, value in more.items():
        setattr(step if keyword in step else entry, keyword, value)
    entry.ScheduledProcedureStepSequence = [step]
    return entry


def asked(peer, hospital, day=DAY):
    return worklist(peer(WORKLIST, "WLM"), hospital, WorklistQuery(day, day))


def test_a_worklist_with_its_character_set_arrives_exactly_as_scheduled(tmp_path, missing, peer, hospital) -> None:
    entries = [
        scheduled(NAME),
        scheduled("Later^Day", ScheduledProcedureStepStartDate="20261205"),
        scheduled("Other^Station", ScheduledStationAETitle="ELSEWHERE"),
        scheduled("Other^Modality", Modality="CT"),
    ]
    with wlmscpfs(tmp_path, missing, keep_character_set=True, entries=entries):
        (found,) = asked(peer, hospital)
        later = asked(peer, hospital, date(2026, 12, 5))
    assert (found.name, found.character_set, found.problems) == (NAME, "ISO_IR 192", ())
    assert (found.patient_id, found.accession) == ("d9a5ee13-3d4e-4f0c-b7a5-4f2a2d1f7c11", "ACC-0001")
    assert found.study_uid == "2.25.170401184921467117062913347386498311254"
    assert (found.requested_id, found.requested, found.step_id, found.step) == ("RP-1", "US Chest", "SPS-1", "Lung")
    assert (found.admission_id, found.referrer, found.performer) == ("V-17", "Dr^Ref", "Nurse^A")
    assert (found.date, found.time, found.station, found.modality) == ("20261130", "091500", "EDGEUS", "US")
    assert [each.name for each in later] == ["Later^Day"]


def test_a_worklist_that_strips_the_character_set_is_flagged_and_not_guessed(tmp_path, missing, peer, hospital) -> None:
    with wlmscpfs(tmp_path, missing, keep_character_set=False, entries=[scheduled("Diallo^Aïssatou"), scheduled("Plain^Name", "P-2")]):
        found = {each.patient_id: each for each in asked(peer, hospital)}
    flagged, plain = found["d9a5ee13-3d4e-4f0c-b7a5-4f2a2d1f7c11"], found["P-2"]
    assert flagged.name == r"Diallo^A\xC3\xAFssatou"
    assert "characters" in flagged.problems
    assert (plain.name, "characters" in plain.problems) == ("Plain^Name", False)


def test_a_wrong_title_of_a_worklist_shows_its_reason(tmp_path, missing, peer, hospital) -> None:
    with wlmscpfs(tmp_path, missing, keep_character_set=True), pytest.raises(NotAssociated, match="Called AE title not recognised"):
        worklist(peer(WORKLIST, "NOBODY"), hospital, WorklistQuery(DAY, DAY))


def test_a_worklist_peer_that_has_none_is_refused(tmp_path, missing, peer, hospital) -> None:
    with storescp(tmp_path / "store", missing), pytest.raises(WorklistRefused, match="pacs has no worklist"):
        worklist(peer(STORE), hospital, WorklistQuery(DAY, DAY))


def test_orthanc_gives_its_worklist_too(tmp_path, missing, peer, hospital) -> None:
    folder = tmp_path / "orthanc" / "worklists"
    folder.mkdir(parents=True)
    scheduled(NAME).save_as(folder / "1.wl", enforce_file_format=True)
    with orthanc(tmp_path / "orthanc", missing):
        (found,) = worklist(peer(ORTHANC_DICOM, "ORTHANC"), hospital, WorklistQuery(DAY, DAY))
    assert (found.name, found.step_id, found.problems) == (NAME, "SPS-1", ())


def test_the_network_of_these_tests_reaches_nobody() -> None:
    lines = Path("/proc/thread-self/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in lines] == ["lo"]
