"""`sonoedge exam list|show|export|report` on the records of an appliance, as a person at its shell meets them."""

import hashlib
import json

import pytest
import typer

from edge.cli.audit import list_ as entries_of
from edge.cli.exam_export import export_
from edge.cli.exam_records import list_, show
from edge.cli.exam_report import report
from edge.disk.layout import DataFolder
from edge.exam.course import ExamState
from edge.exam.export import ExportRefused
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.errors import RecordUnknown
from edge.records.store import Store
from edge.reread.clip import clips_in
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST, IN_AIR = Chest(2, size=128), Chest(2, size=128, faults=Faults(air=1))


@pytest.fixture
def exam(tmp_path, monkeypatch, scan):
    """A preliminary exam in a data folder, of two zones that are done, one of them taken again."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    store = Store.open(tmp_path / "data")
    around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), lambda asked: asked)
    stored = StoredExams(store, DataFolder(tmp_path / "data").exams)
    desk = ExamService(ExamBook(stored), stored, load_catalogue(), "blue-6", around)
    desk.begin(ANYONE)
    for zone in ("L1", "L3"):
        desk.select(ANYONE, zone)
        scan.show(desk, IN_AIR, 5)
        scan.show(desk, CHEST, 5)
        desk.keep(ANYONE)
    desk.reopen(ANYONE, "L1")
    scan.show(desk, IN_AIR, 5)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    kept = desk.end(ANYONE)
    desk.close()
    store.close()
    return kept


def said_by(capsys):
    return capsys.readouterr().out


def test_exams_are_listed_with_how_they_stand(exam, capsys):
    list_()
    head, line = said_by(capsys).splitlines()
    assert head.split() == ["exam", "begun", "(UTC)", "protocol", "operator", "patient", "standing"]
    assert exam.id in line
    assert "needs review" in line
    assert line.endswith("SIMULATED")
    list_(as_json=True)
    (stated,) = json.loads(said_by(capsys))
    assert (stated["id"], stated["state"]) == (exam.id, "preliminary")
    list_(limit=1, state=ExamState.DRAFT)
    assert said_by(capsys) == "No exam.\n"


def test_one_is_shown_with_its_clips_and_findings(exam, capsys):
    show(exam.id)
    out = said_by(capsys)
    assert "research use, not a diagnosis" in out.splitlines()[0]
    assert "SIMULATED" in out.splitlines()[0]
    assert len([line for line in out.splitlines() if line.startswith("L1 (taken again)")]) == 3
    show(exam.id, as_json=True)
    stated = json.loads(said_by(capsys))
    assert (len(stated["clips"]), len(stated["findings"]), stated["notice"]) == (3, 9, "research use, not a diagnosis")
    assert {each["simulated"] for each in (stated, *stated["clips"], *stated["findings"])} == {True}
    with pytest.raises(RecordUnknown):
        show("none")


def test_the_shell_sees_no_findings_before_the_review_where_site_policy_hides_them(exam, capsys, tmp_path):
    (tmp_path / "data" / "people.yaml").write_text("ai_shown_to_unqualified: false\n")
    show(exam.id)
    out = said_by(capsys)
    assert out.count("not shown before the review") == 9
    assert "present" not in out
    assert "absent" not in out
    show(exam.id, as_json=True)
    shown = json.loads(said_by(capsys))
    assert {(each["verdict"], each["probability"], each["decision"]) for each in shown["findings"]} == {(None, None, None)}
    assert all(clip["quality"] > 0 for clip in shown["clips"])


def test_the_end_of_an_id_names_the_exam_in_every_command(exam, capsys, tmp_path):
    part = exam.id[-8:]
    show(part, as_json=True)
    assert json.loads(said_by(capsys))["id"] == exam.id
    export_(part, tmp_path / "stick", as_json=True)
    assert json.loads(said_by(capsys))["folder"] == str(tmp_path / "stick" / exam.folder)
    report(part, as_json=True)
    assert json.loads(said_by(capsys))["exam"] == exam.id
    entries_of(subject=f"exam/{part}", as_json=True)
    assert {json.loads(line)["subject"] for line in said_by(capsys).splitlines()} == {f"exam/{exam.id}"}


def test_an_export_is_whole_can_be_checked_and_read_again_and_is_never_overwritten(exam, capsys, tmp_path):
    export_(exam.id, tmp_path / "stick", as_json=True)
    stated = json.loads(said_by(capsys))
    folder = tmp_path / "stick" / exam.folder
    assert (stated["folder"], stated["missing"], len(stated["files"])) == (str(folder), [], 4)
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == stated["files"] == {path.name: digest(path) for path in folder.iterdir() if path.name != "SHA256SUMS"}
    assert len(clips_in(folder, load_catalogue())) == 3
    with pytest.raises(ExportRefused, match="exists already"):
        export_(exam.id, tmp_path / "stick")
    assert {path.name: digest(path) for path in folder.iterdir() if path.name != "SHA256SUMS"} == sums


@pytest.fixture
def elsewhere(scan):
    """The scan is with a machine on which no release is validated."""
    scan.machine = Machine("Acme", "Scan")


@pytest.mark.usefixtures("elsewhere")
def test_the_mark_of_a_machine_without_validation_is_in_the_list_of_findings_and_in_the_export(exam, capsys, tmp_path):
    show(exam.id)
    assert "Machine: Acme Scan  MACHINE NOT VALIDATED" in said_by(capsys)
    show(exam.id, as_json=True)
    assert {each["machine_mark"] for each in json.loads(said_by(capsys))["findings"]} == {"MACHINE NOT VALIDATED"}
    export_(exam.id, tmp_path / "stick")
    assert "MACHINE NOT VALIDATED" in said_by(capsys)
    stored = json.loads((tmp_path / "stick" / exam.folder / "exam.json").read_text())
    assert {(clip["assessment"]["machine"], clip["assessment"]["machine_validated"]) for clip in stored["clips"]} == {("Acme Scan", False)}


def test_a_clip_that_is_gone_or_damaged_is_reported_and_the_export_ends_with_1(exam, capsys, tmp_path):
    first, second, _ = sorted((DataFolder(tmp_path / "data").exams / exam.folder).glob("*.mcap"))
    first.unlink()
    second.write_bytes(b"damaged")
    with pytest.raises(typer.Exit) as ended:
        export_(exam.id, tmp_path / "stick")
    assert ended.value.exit_code == 1
    reported = capsys.readouterr().err
    assert first.name in reported
    assert f"{second.name} differs from its record" in reported


def test_where_nothing_can_be_written_nothing_is_left(exam, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportRefused, match="cannot be written"):
        export_(exam.id, tmp_path / "file")
    assert (tmp_path / "file").read_text() == ""


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
