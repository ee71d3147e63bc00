"""The report on paper: one page, the same bytes each time, every state in words, and no empty box in silence."""

import io
import time
from datetime import datetime, timezone

import pypdfium2
import pytest
import typst
from PIL import Image

from edge.exam.protocol.file import load_catalogue
from edge.exam.report.pdf import LONGEST_TEXT, moment_in_words, printed
from edge.exam.report.picture import Picture
from edge.exam.report.report import CONCLUSION, MACHINE, MACHINE_MARK, ReportContext
from edge.notice import NOTICE

NAMES = {
    "ETHIOPIC": "ወ/ሮ ሰላማዊት አበበ",
    "ARABIC": "محمد عبد الله الحسن",
    "DEVANAGARI": "श्रीमती प्रिया कुमारी",
    "LATIN": "Nguyễn Thị Phượng",
}
EMBEDDED = typst.Fonts(include_system_fonts=False)
STATES = ("normal", "pathological", "not assessable", "not examined")
PDF_MAGIC, PNG_MAGIC = b"%PDF-", b"\x89PNG"


@pytest.fixture(scope="session")
def noto(missing):
    if "Noto Sans Ethiopic" not in typst.Fonts().families():
        missing("fonts-noto-core")


def text_of(content):
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document), len(document)


def squeezed_lines(text):
    return " ".join(text.split())


def test_every_state_stands_in_words_and_a_zone_not_examined_is_stated_not_to_be_normal(report_with):
    text, pages = text_of(printed(report_with(), fonts=EMBEDDED).content)
    assert pages == 1
    for state in STATES:
        assert state in text
    assert "Not examined: R1. These zones are not normal: nothing is known of them." in squeezed_lines(text)
    assert "It hurts the patient" in text


def test_numbers_are_rounded_as_everywhere_and_stored_as_measured(report_with):
    report = report_with()
    text, _ = text_of(printed(report, fonts=EMBEDDED).content)
    measured = {finding.probability for zone in report.zones for finding in zone.findings}
    assert measured == {0.874}
    assert "model 87 %" in squeezed_lines(text)
    assert "81" in text.split()
    assert "81.4" not in text


@pytest.mark.parametrize("status", ["preliminary", "final", "amended"])
def test_the_status_and_the_notice_stand_on_every_report(status, report_with):
    text, _ = text_of(printed(report_with(status=status), fonts=EMBEDDED).content)
    assert NOTICE[1:] in text
    assert {"preliminary": "PRELIMINARY: not signed", "final": "FINAL", "amended": "AMENDED: takes the place of report 1"}[status] in text
    assert ("nobody" in text) is (status == "preliminary")
    assert ("the right base was read again" in text) is (status == "amended")
    assert ("PRELIMINARY" in text) is (status == "preliminary")


def test_what_only_the_model_stated_and_what_is_simulated_is_marked(report_with):
    text, _ = text_of(printed(report_with(status="preliminary", decided=False, simulated=True), fonts=EMBEDDED).content)
    assert "model only" in squeezed_lines(text)
    assert "not decided" in squeezed_lines(text)
    assert "SIMULATED: these images are of no patient" in text
    assert "SIMULATED" not in text_of(printed(report_with(), fonts=EMBEDDED).content)[0]


@pytest.mark.parametrize("protocol", [protocol.id for protocol in load_catalogue().protocols])
def test_a_machine_without_validation_is_marked_at_the_top_and_at_each_zone_on_one_page(protocol, report_with):
    report, mark = report_with(protocol=protocol, states=("not assessable",), simulated=True), "MACHINE NOT VALIDATED"
    names, why = ("Acme Scan " * 6, "Other Scan / S4-1"), "MACHINE_NOT_VALIDATED: Let a specialist read it"
    *others, last = (zone.model_copy(update={"why": why, "recorded_anyway": (mark,)}) for zone in report.zones)
    changed = last.model_copy(update={"recorded_anyway": (mark, f"MACHINE CHANGED: {names[1]}")})
    stated = (*((MACHINE, name) for name in names), (MACHINE_MARK, f"{mark}, MACHINE CHANGED"))
    context = (*report.context, *(ReportContext(name=name, value=value) for name, value in stated))
    text, pages = text_of(printed(report.model_copy(update={"zones": (*others, changed), "context": context}), fonts=EMBEDDED).content)
    words = squeezed_lines(text)
    assert pages == 1
    assert words.count(mark) == len(report.zones) + 1
    assert f"{mark}, MACHINE CHANGED: Acme Scan" in words
    assert f"MACHINE CHANGED: {names[1]}" in words
    assert "in spite of MACHINE" not in words
    assert MACHINE_MARK not in words
    assert "MACHINE" not in text_of(printed(report_with(), fonts=EMBEDDED).content)[0]


@pytest.mark.parametrize("protocol", [protocol.id for protocol in load_catalogue().protocols])
@pytest.mark.parametrize("states", [STATES, ("not assessable",), ("not examined",)])
def test_a_report_of_any_shipped_protocol_fits_one_page(protocol, states, report_with):
    report = report_with(protocol=protocol, states=states)
    every = tuple(f"{zone.id}:{finding.key}" for zone in report.zones for finding in zone.findings)
    review = report.reviews[0].model_copy(update={"comment": "word " * 400, "discordant": every})
    text, pages = text_of(printed(report.model_copy(update={"reviews": (review, review)}), fonts=EMBEDDED).content)
    assert pages == 1
    assert "whole in the JSON report" in squeezed_lines(text)
    assert text.count("word") <= 2 * LONGEST_TEXT / 5
    for zone in report.zones:
        assert zone.id in text


def test_the_same_report_is_the_same_bytes(report_with):
    report = report_with(protocol="lus-14")
    assert printed(report, fonts=EMBEDDED).content == printed(report, fonts=typst.Fonts(include_system_fonts=False)).content
    assert printed(report, fonts=EMBEDDED).content != printed(report_with(), fonts=EMBEDDED).content


@pytest.mark.parametrize(("script", "name"), NAMES.items())
def test_a_name_in_its_own_script_is_shaped_by_a_font_that_has_it(script, name, noto, report_with):
    made = printed(report_with(name))
    assert (made.missing, made.remark) == ((), "")
    document = pypdfium2.PdfDocument(made.content)
    stated = document[0].get_textpage().get_text_range()
    assert "\ufffd" not in stated
    letters = [char for char in name if char.isalpha()]
    assert sum(char in stated for char in letters) > 0.6 * len(letters), stated[:200]


def test_a_right_to_left_name_begins_at_the_right(noto, report_with):
    name = "ابت"
    page = pypdfium2.PdfDocument(printed(report_with(name)).content)[0].get_textpage()
    stated = page.get_text_range()
    first, last = (page.get_charbox(stated.index(char))[0] for char in (name[0], name[-1]))
    assert first > last


@pytest.mark.parametrize(("script", "name"), [item for item in NAMES.items() if item[0] != "LATIN"])
def test_without_a_font_the_page_says_so_beside_the_identifier_and_which_package_brings_it(script, name, report_with):
    made = printed(report_with(name), fonts=EMBEDDED)
    assert made.missing == (script,)
    assert "fonts-noto-core" in made.remark
    text = squeezed_lines(text_of(made.content)[0])
    assert made.remark in text
    assert f"written in {script.capitalize()}" in text
    assert "P-001" in text


def test_it_is_a_picture_too(report_with):
    assert printed(report_with(), "png", EMBEDDED).content.startswith(PNG_MAGIC)
    assert printed(report_with(), "pdf", EMBEDDED).content.startswith(PDF_MAGIC)


def test_a_patient_who_is_not_identified_is_called_so(report_with):
    patient = report_with().patient.model_copy(
        update={"identified": False, "name": "not identified", "identifier": "", "issuer": "", "birth_date": None, "sex": None}
    )
    text, _ = text_of(printed(report_with().model_copy(update={"patient": patient, "emergency": True}), fonts=EMBEDDED).content)
    assert "not identified" in text
    assert "emergency exam" in text


def test_what_the_reader_concludes_is_printed_whole(report_with):
    conclusion = "Interstitial pattern in both lower zones. " * 20
    report = report_with()
    context = (*report.context, ReportContext(name=CONCLUSION, value=conclusion))
    text, _ = text_of(printed(report.model_copy(update={"context": context}), fonts=EMBEDDED).content)
    assert f"Conclusion {conclusion}".strip() in squeezed_lines(text)
    assert "The reader wrote no conclusion." in text_of(printed(report, fonts=EMBEDDED).content)[0]


def test_the_pictures_follow_on_the_next_page_each_with_its_zone(report_with):
    jpeg = io.BytesIO()
    Image.new("L", (60, 40), 128).save(jpeg, "JPEG")
    pictures = (Picture("L1", jpeg.getvalue(), "0.4 s into the clip"), Picture("L2", b"", "No picture: the recording is gone"))
    document = pypdfium2.PdfDocument(printed(report_with(), fonts=EMBEDDED, pictures=pictures).content)
    assert len(document) == 2
    page = document[1]
    assert len([each for each in page.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]) == 1
    text = squeezed_lines(page.get_textpage().get_text_range())
    assert "0.4 s into the clip" in text
    assert "No picture: the recording is gone" in text
    assert NOTICE[1:] in text


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC0", "2026-11-25 22:30 UTC"),
        ("EAT-3", "2026-11-26 01:30 EAT (2026-11-25 22:30 UTC)"),
        ("COT5", "2026-11-25 17:30 COT (22:30 UTC)"),
    ],
)
def test_a_time_is_printed_in_the_time_zone_of_the_board_and_in_utc(monkeypatch, zone, shown):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert moment_in_words(datetime(2026, 11, 25, 22, 30, tzinfo=timezone.utc)) == shown
    finally:
        monkeypatch.undo()
        time.tzset()
