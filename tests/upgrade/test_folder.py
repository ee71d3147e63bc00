"""This program shows the records of a released program unchanged: exams in every state, findings, sums, reports, audit trail, backups."""

import re

import pypdfium2
import pytest
from program import DARK, Tablet

from edge.notice import NOTICE

pytestmark = [pytest.mark.slow]

STATES = ("draft", "preliminary", "final", "amended")
PROSE = {"standing", "name", "word", "reason", "advice", "sum", "problem", "notice", "stated"}
"""Texts for people, whose words may change."""
COMMAND = (
    "id",
    "study_uid",
    "folder",
    "protocol",
    "protocol_version",
    "protocol_digest",
    "state",
    "operator",
    "emergency",
    "clips",
    "findings",
)
"""The parts of an exam that its command shows in rows."""


def without_prose(shown):
    if isinstance(shown, dict):
        return {key: without_prose(value) for key, value in shown.items() if key not in PROSE}
    return [without_prose(each) for each in shown] if isinstance(shown, list) else shown


def holds(now, before):
    """Whether everything that was shown before is shown now; there may be more."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(key in now and holds(now[key], value) for key, value in before.items())
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(holds, now, before))
    return now == before


@pytest.fixture(scope="module")
def now(read_folder, current):
    """The output of this program for the folder: by path of the API, and by command."""
    with current.running(read_folder.data, DARK) as url:
        reader = Tablet(url, "admin")
        api = {path: reader.get(path) for path in read_folder.shown["api"]}
        pdf = {exam: reader.get(f"exams/{exam}/report.pdf") for exam in read_folder.exams("final", "amended")}
        whole = reader.ask("POST", "audit/verify")["whole"]
    cli = {command: current.json(read_folder.data, *command.split()) for command in read_folder.shown["cli"]}
    return {"api": api, "cli": cli, "pdf": pdf, "whole": whole}


def test_the_folder_holds_exams_in_every_state(read_folder):
    assert all(read_folder.exams(state) for state in STATES)


def test_the_api_shows_all_that_the_released_program_showed(read_folder, now):
    before = read_folder.shown["api"]
    exams = [path for path in before if path.startswith("exams")]
    assert len(exams) > 5 * len(STATES)
    different = [path for path in exams if not holds(without_prose(now["api"][path]), without_prose(before[path]))]
    assert different == []


def test_the_sum_of_each_exam_has_the_figures_that_it_had(read_folder, now):
    before = {path: shown["sum"] for path, shown in read_folder.shown["api"].items() if isinstance(shown, dict) and shown.get("zones")}
    complete = {path: re.findall(r"\d+", text) for path, text in before.items() if text and "incomplete" not in text}
    assert complete
    assert {path: re.findall(r"\d+", now["api"][path]["sum"]) for path in complete} == complete


def test_reports_that_were_given_out_are_the_same_to_the_letter(read_folder, now):
    before = {path: shown for path, shown in read_folder.shown["api"].items() if "report?" in path}
    assert len(before) == 3
    assert {path: now["api"][path] for path in before} == before


def test_a_report_is_printed(now):
    assert len(now["pdf"]) == 2
    for content in now["pdf"].values():
        text = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
        assert NOTICE[1:] in " ".join(text.split())
        assert "P-0001" in text


def test_the_commands_show_the_rows_that_they_showed(read_folder, now):
    before = {name: shown for name, shown in read_folder.shown["cli"].items() if name != "exam list"}
    for name, shown in before.items():
        wanted = {key: value for key, value in shown.items() if key in COMMAND}
        assert len(wanted) == len(COMMAND)
        assert holds(without_prose(now["cli"][name]), without_prose(wanted)), name
    listed = [(exam["id"], exam["state"]) for exam in read_folder.shown["cli"]["exam list"]]
    assert [(exam["id"], exam["state"]) for exam in now["cli"]["exam list"]] == listed


def test_people_sign_in_and_patients_and_notices_are_there(read_folder, now):
    assert holds(without_prose(now["api"]["patients"]), without_prose(read_folder.shown["api"]["patients"]))
    assert "break-glass" in str(now["api"]["notices"])


def test_nothing_is_reported_as_damaged(now, read_folder, current):
    assert now["whole"]
    current.shell(read_folder.data, "audit", "verify")
    current.shell(read_folder.data, "backup", "verify")


def test_an_exam_is_exported_whole(read_folder, current, tmp_path):
    exported = current.json(read_folder.data, "exam", "export", *read_folder.exams("amended"), tmp_path)
    assert exported["missing"] == []


def test_a_backup_of_the_released_program_is_restored(folder, current):
    oldest = min((folder.data / "backups").glob("records-*.sqlite"))
    current.shell(folder.data, "backup", "restore", oldest, "--yes")
    states = {exam["state"] for exam in current.json(folder.data, "exam", "list")}
    assert "amended" in states
    assert "draft" not in states
    current.shell(folder.data, "audit", "verify")
