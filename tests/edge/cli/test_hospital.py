"""`sonoedge hospital`: shows and checks the peers, and asks for the worklist."""

import json
from datetime import date, datetime, timezone

import pytest
import typer
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pynetdicom import evt

from edge.cli import hospital
from edge.cli.hospital import NoWorklist, PeerUnknown, check, show, worklist_
from edge.disk.layout import DataFolder
from edge.exchange.peers.file import HospitalInvalid
from edge.exchange.peers.worklist import FIND
from edge.exchange.worklist.cache import CachedWorklist, load_worklist, save_worklist
from edge.exchange.worklist.entry import WorklistEntry
from edge.services.worklist_errors import WorklistNotStored
from tests.edge.exchange.peers.ends import scp
from tests.ports import free_port

DAY = date(2026, 11, 30)
GOOD = WorklistEntry(patient_id="P-1", name="አበበ^ሰላማዊት", accession="A-1", date="20261130", time="091500", step="Lung")
BAD = WorklistEntry(patient_id="x" * 65, name="Long^Id", problems=("long-id",))
STORED = CachedWorklist("ris", datetime(2026, 11, 30, 8, 15, tzinfo=timezone.utc), DAY, DAY, (GOOD, BAD))


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    """The data folder, with a hospital of which nobody answers."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
    DataFolder(tmp_path).hospital.write_text(
        f"ae_title: EDGEUS\nworklist: ris\npeers:\n"
        f"  - {{kind: dicom, name: ris, host: 127.0.0.1, port: {free_port()}, ae_title: WLM, commitment: false}}\n"
        f"  - {{kind: fhir, name: ehr, url: 'http://127.0.0.1:{free_port()}/fhir'}}\n"
        f"  - {{kind: hl7, name: lab, host: 127.0.0.1, port: {free_port()}}}\n"
    )
    return tmp_path


def status_of(command, *words, **options):
    with pytest.raises(typer.Exit) as ended:
        command(*words, **options)
    return ended.value.exit_code


def test_show_prints_the_board_and_each_peer(capsys) -> None:
    show()
    out = capsys.readouterr().out
    assert "This board: AE title EDGEUS, no port for reports" in out
    rows = [line.split()[:2] for line in out.splitlines()[1:]]
    assert rows == [["name", "kind"], ["ris", "dicom"], ["ehr", "fhir"], ["lab", "hl7"]]
    assert "WLM at 127.0.0.1" in out


def test_show_without_peers_tells_where_to_write_them(site, capsys) -> None:
    DataFolder(site).hospital.unlink()
    show()
    assert f"No peers: write them into {DataFolder(site).hospital}" in capsys.readouterr().out


def test_check_prints_the_answer_of_each_peer_and_ends_with_1(capsys) -> None:
    assert status_of(check) == 1
    out = capsys.readouterr().out
    assert [line.split(":")[0] for line in out.splitlines()] == ["ris", "ehr", "lab"]
    assert out.count("does not work") == out.count("refuses the connection") == 3
    assert status_of(check, "lab", as_json=True) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["peer"], row["outcome"], row["answer"]["status"]) == ("lab", "retry", "no-connection")


def test_an_unknown_peer_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(PeerUnknown, match="It has: ris, ehr, lab"):
        check("pacs")


def test_a_mistake_in_the_file_is_told(site) -> None:
    DataFolder(site).hospital.write_text("ae_titel: X\n")
    with pytest.raises(HospitalInvalid, match=r"line 1: ae_titel: no such key. Did you mean ae_title"):
        show()


def answering(*entries):
    def find(_):
        for number, name, identifier in entries:
            answer, step = Dataset(), Dataset()
            answer.SpecificCharacterSet, answer.PatientName, answer.StudyInstanceUID = "ISO_IR 192", name, f"2.25.{number}"
            answer.add(DataElement("PatientID", "LO", identifier, validation_mode=IGNORE))
            step.ScheduledProcedureStepDescription = "Lung"
            answer.ScheduledProcedureStepSequence = [step]
            yield 0xFF00, answer
        yield 0x0000, None

    return scp([FIND], [(evt.EVT_C_FIND, find)])


def test_the_worklist_is_stored_and_printed_with_what_is_quarantined(site, capsys) -> None:
    with answering((1, GOOD.name, "P-1"), (2, "Long^Id", "x" * 65)) as port:
        DataFolder(site).hospital.write_text(
            f"worklist: ris\npeers: [{{kind: dicom, name: ris, host: 127.0.0.1, port: {port}, ae_title: WLM}}]\n"
        )
        assert status_of(worklist_, first=datetime(2026, 11, 30), days=2) == 0
    out = capsys.readouterr().out
    assert GOOD.name in out
    assert f"Quarantined: Long^Id, patient ID {'x' * 65}: its patient ID has more than 64 characters" in out
    stored = load_worklist(site)
    assert (stored.peer, stored.first, stored.last) == ("ris", DAY, date(2026, 12, 1))
    assert [(each.name, each.patient_id, each.problems) for each in stored.entries] == [
        (GOOD.name, "P-1", ()),
        ("Long^Id", "x" * 65, ("long-id",)),
    ]


def test_a_disk_that_refuses_the_worklist_is_stated_with_the_next_step(site) -> None:
    DataFolder(site).worklist.mkdir()
    with answering((1, GOOD.name, "P-1")) as port:
        DataFolder(site).hospital.write_text(
            f"worklist: ris\npeers: [{{kind: dicom, name: ris, host: 127.0.0.1, port: {port}, ae_title: WLM}}]\n"
        )
        with pytest.raises(WorklistNotStored, match=r"The worklist of ris cannot be stored in .*--offline") as refused:
            worklist_()
    assert refused.value.exit_status == 2


def test_where_nobody_answers_the_last_worklist_is_shown_as_such(site, capsys) -> None:
    save_worklist(site, STORED)
    assert status_of(worklist_, "ሰላማ") == 1
    out, err = capsys.readouterr()
    assert "ris answered on 2026-11-30 08:15 UTC" in out
    assert GOOD.name in out
    assert "Long^Id" not in out
    assert "This is the last answer, not a new one" in err
    assert "refuses the connection" in err
    assert load_worklist(site) == STORED


def test_offline_asks_nobody(site, capsys) -> None:
    save_worklist(site, STORED)
    assert status_of(worklist_, offline=True, as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [entry["patient_id"] for entry in printed["entries"]] == ["P-1", "x" * 65]


def test_without_any_answer_there_is_no_worklist() -> None:
    with pytest.raises(NoWorklist, match="refuses the connection"):
        worklist_()
    with pytest.raises(NoWorklist, match="No worklist was stored yet"):
        worklist_(offline=True)


def test_the_module_is_light_until_it_asks() -> None:
    import subprocess
    import sys

    heavy = "import sys, edge.cli.hospital; print([name for name in ('pydicom', 'pynetdicom', 'highdicom') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", heavy], check=True, capture_output=True, text=True).stdout.strip() == "[]"
    assert hospital.app.info.help
