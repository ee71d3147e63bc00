"""The report of a self-test is signed, reads the same as JSON, text and paper, and states what was not tested."""

import re
from contextlib import closing
from datetime import datetime, timezone

import pypdfium2
import pytest

from edge.notice import NOTICE
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import make_device
from provisioning.identity.statement import signed, verified
from provisioning.selftest.check import ALWAYS, Answer, Check, Level, State, judged, measure, not_tested, run_checks
from provisioning.selftest.paper import as_pdf
from provisioning.selftest.report import Report, as_text, report_of
from provisioning.selftest.table import board_checks

MADE = datetime(2026, 11, 30, 12, 0, 0, 5, tzinfo=timezone.utc)
FINGERPRINT = ":".join(["A1"] * 32)


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    return make_device(tmp_path_factory.mktemp("device"))


@pytest.fixture
def report(device, board_of):
    results = run_checks(board_checks(board_of({"sys/class/thermal/thermal_zone0/temp": None})), Level.FACTORY)
    return report_of(results, Level.FACTORY, device.id, "1.4.2", MADE)


def words(pdf):
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return len(document), " ".join(page.get_textpage().get_text_bounded() for page in document)


def test_a_signed_report_is_read_as_it_was_made(device, report):
    assert verified(signed(device, report), Report, device.id) == report


def test_a_changed_number_is_detected(device, report):
    content = signed(device, report)
    value = re.search(rb'"name":"memory free","state":"pass","unit":"MiB","value":([0-9.]+)', content)
    with pytest.raises(ProvisionRefused, match="did not sign this"):
        verified(content[: value.start(1)] + b"9999.5" + content[value.end(1) :], Report)


def test_the_text_states_each_check_its_numbers_and_limits(report):
    text = as_text(report)
    assert text.startswith(
        f"SonoEdge self-test (factory) of {report.device}: {report.verdict.value.upper()}\n2026-11-30 12:00 UTC, SonoEdge 1.4.2; {NOTICE}\n"
    )
    assert "write p99: " in text
    assert "ms (at most 150, never above 1,000)" in text
    assert re.search(r"not tested +heat +This board has no sensor of temperature", text)


def test_the_text_marks_an_essential_check_that_was_not_tested(device):
    lost = run_checks([Check("golden", lambda: not_tested("no model", "Install one"), essential=ALWAYS)], Level.GATE)
    text = as_text(report_of(lost, Level.GATE, device.id, "1", MADE))
    assert "FAIL" in text
    assert "no model (essential)" in text
    assert "next step: Install one" in text


def test_the_paper_has_all_that_the_text_has_on_at_most_two_pages(report):
    pages, text = words(as_pdf(report, FINGERPRINT))
    assert pages <= 2
    wanted = (report.device, NOTICE[1:], "Not tested, and why", "storage speed", "never above 1,000")
    assert [each for each in wanted if each not in text] == []


def test_the_paper_of_a_full_appliance_has_two_pages_at_most(device, board_of):
    def appliance():
        return judged("A check of the appliance " * 4, [measure("write p50", 200.0), measure("write p99", 1.0)], "Do the next step " * 4)

    checks = (*board_checks(board_of()), *(Check(f"appliance {n}", appliance) for n in range(10)))
    report = report_of(run_checks(checks, Level.FACTORY), Level.FACTORY, device.id, "1.4.2", MADE)
    pages, text = words(as_pdf(report, FINGERPRINT))
    assert pages == 2
    assert "appliance 9" in text


def test_words_of_a_check_are_printed_as_they_are_and_never_run(device):
    planted = '#panic("run") *bold* $x$ `raw` @ref <label> \\ "quoted"'
    results = run_checks([Check("planted", lambda: Answer(State.WATCH, planted))], Level.FIELD)
    _, text = words(as_pdf(report_of(results, Level.FIELD, device.id, "1", MADE), FINGERPRINT))
    assert '#panic("run") *bold* $x$ `raw` @ref' in " ".join(text.split())


def test_the_same_report_gives_the_same_bytes(report):
    assert as_pdf(report, FINGERPRINT) == as_pdf(report, FINGERPRINT)
