"""`sonoedge exam report` as a person meets it: in lines, as JSON byte for byte, and on paper, with what cannot be printed stated."""

import json
from contextlib import closing

import pytest
import typst
from typer.testing import CliRunner

from edge.cli.exam import app
from edge.cli.exam_report import ReportNotWritten
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.stored import text_of
from edge.exam.report import pdf as report_pdf
from edge.notice import NOTICE
from edge.records.errors import RecordUnknown
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.patients import Patients, Person
from edge.records.opening import open_records

NAME = "ሰላማዊት አበበ"


@pytest.fixture
def exam(tmp_path, monkeypatch):
    """One that was ended before any zone was taken."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(report_pdf, "_machine_fonts", lambda: typst.Fonts(include_system_fonts=False))
    protocol = load_catalogue().named("blue-6")
    with closing(open_records(tmp_path)) as store:
        patient = Patients(store).add("test", Person("site", "P-1", NAME))
        new = NewExam(
            folder="one",
            protocol=protocol.id,
            protocol_version=protocol.version,
            protocol_digest=protocol.digest,
            simulated=True,
            qualified=False,
            operator="break-glass",
            patient_id=patient.id,
        )
        begun = Exams(store).begin("test", new, Exam.begin(protocol).as_record(), text_of(protocol))
        return Exams(store).end("test", begun.id).id


def run(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def test_a_report_in_lines_says_what_it_is_and_that_no_zone_was_examined(exam):
    done = run(exam)
    assert done.exit_code == 0
    first, *lines = done.stdout.splitlines()
    assert first.startswith("PRELIMINARY")
    assert first.endswith(NOTICE)
    assert "SIMULATED" in first
    assert sum("not examined" in line and "no reason recorded" in line for line in lines) == 6
    assert lines[-1] == "Scanned by break-glass, not qualified; signed by nobody"


def test_as_json_it_is_the_report(exam):
    stated = json.loads(run(exam, "--json").stdout)
    assert (stated["status"], stated["number"], stated["patient"]["name"]) == ("preliminary", 0, NAME)
    assert {zone["stated"] for zone in stated["zones"]} == {"not examined"}


def test_on_paper_it_says_which_package_brings_a_font_that_is_missing(exam, tmp_path):
    page = tmp_path / "report.pdf"
    done = run(exam, "--pdf", page)
    assert (done.exit_code, done.stdout) == (0, "")
    assert page.read_bytes().startswith(b"%PDF-")
    assert "preliminary report" in done.stderr
    assert "no font for Ethiopic" in done.stderr
    assert "fonts-noto-core" in done.stderr


@pytest.mark.parametrize("arguments", [("none",), ("--number", "3")])
def test_a_report_that_is_not_there_is_named(exam, arguments):
    asked = arguments if arguments[0] == "none" else (exam, *arguments)
    assert isinstance(run(*asked).exception, RecordUnknown)


def test_a_folder_that_is_not_there_is_stated(exam, tmp_path):
    assert isinstance(run(exam, "--pdf", tmp_path / "nowhere" / "report.pdf").exception, ReportNotWritten)
