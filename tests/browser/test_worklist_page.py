"""An exam that begins with an order, in Chromium: an entry is chosen or scanned, the hospital is silent, or the numbers are typed."""

import json
import os
import urllib.request
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt

from edge.exchange.peers.worklist import FIND
from edge.exchange.worklist.cache import CachedWorklist, save_worklist
from edge.exchange.worklist.entry import WorklistEntry, judged
from tests.edge.exchange.peers.ends import scp

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FORM = "dialog.order[open]"
ENTRY = f"{FORM} .entry"
REFUSED = "the server responded with a status of"
SIZES = ((360, 740), (800, 1280), (1280, 800))
TODAY = f"{date.today():%Y%m%d}"
ALMAZ = WorklistEntry(
    patient_id="P-0001", name="አበበ^ሰላማዊት", birth_date="19810302", sex="F", accession="ACC-0001", study_uid="2.25.170401",
    admission_id="V-17", step="Lung ultrasound", date=TODAY, time="091500",
)  # fmt: skip
AISSATOU = WorklistEntry(
    patient_id="P-0002", name="Diallo^Aïssatou", birth_date="19990411", sex="F", accession="ACC-0002", study_uid="2.25.170402",
    step="Lung ultrasound, follow-up", date=TODAY, time="101500",
)  # fmt: skip
LOST = WorklistEntry(patient_id="", name="Tesfaye^Hagos", study_uid="2.25.170403", date=TODAY, time="111500")
FATUMA = WorklistEntry(patient_id="P-0004", name="فاطمة^الزهراء", sex="F", study_uid="2.25.170404", date=TODAY, time="120000")


def answer_to(_):
    new, step = Dataset(), Dataset()
    new.SpecificCharacterSet, new.PatientName, new.PatientID, new.StudyInstanceUID = "ISO_IR 192", "New^Arrival", "P-0009", "2.25.170409"
    new.ScheduledProcedureStepSequence = [step]
    yield 0xFF00, new
    yield 0x0000, None


@pytest.fixture
def hospital(tmp_path):
    """A data folder with a worklist of three hours ago; the port of its peer can be written."""

    def write(port):
        peer = f"{{kind: dicom, name: ris, host: 127.0.0.1, port: {port}, ae_title: WLM, answer_s: 20}}"
        (tmp_path / "hospital.yaml").write_text(f"ae_title: EDGEUS\nworklist: ris\npeers: [{peer}]\n")

    day = datetime.now(timezone.utc).date()
    asked = datetime.now(timezone.utc) - timedelta(hours=3)
    save_worklist(tmp_path, CachedWorklist("ris", asked, day, day, judged([ALMAZ, AISSATOU, LOST, FATUMA])))
    write(1)
    return write


@pytest.fixture
def url(web, hospital, tmp_path):
    with web.appliance("virtual://chest?fps=5&size=100", tmp_path) as url:
        yield url


def current(url):
    with urllib.request.urlopen(f"{url}api/v1/exams/current") as answer:
        exam = json.loads(answer.read())["id"]
    with urllib.request.urlopen(f"{url}api/v1/exams/{exam}") as answer:
        return json.loads(answer.read())


def open_form(page):
    page.click("#exam-order")
    page.wait_for_selector(ENTRY)


def fits(page):
    """Whether nothing of the form is cut off at the side, each row can be hit with a glove, and the button is on the screen."""
    return page.evaluate("""() => {
      const form = document.querySelector("dialog.order");
      const boxes = [...form.querySelectorAll(".entry, button, input")].map((node) => node.getBoundingClientRect());
      const heights = boxes.map(({ height }) => height).filter(Boolean);
      const begin = form.querySelector(".primary").getBoundingClientRect();
      return form.scrollWidth <= form.clientWidth && Math.min(...heights) >= 48 && begin.top > 0 && begin.bottom <= innerHeight;
    }""")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_an_exam_begins_from_an_entry_that_a_finger_chooses(web, url, size):
    with web.opened(url, *size, has_touch=True) as page:
        open_form(page)
        assert "3 hours ago" in page.inner_text(f"{FORM} .age")
        assert "it has no patient ID" in page.inner_text(f"{FORM} .unusable")
        assert page.locator(ENTRY).count() == 3
        picture(page, f"list-{size[0]}")
        page.locator(ENTRY).first.tap()
        page.wait_for_selector(f"{ENTRY}[aria-pressed=true]")
        assert "አበበ ሰላማዊት" in page.inner_text(f"{FORM} .primary")
        assert page.input_value(f"{FORM} [name=admission]") == "V-17"
        picture(page, f"chosen-{size[0]}")
        assert fits(page)
        page.locator(f"{FORM} .primary").tap()
        page.wait_for_selector("#exam-end:visible")
    exam = current(url)
    assert (exam["study_uid"], exam["patient"]["identifier"], exam["order"]["identified_by"]) == ("2.25.170401", "P-0001", "worklist")


def test_a_scanned_code_chooses_its_entry_and_begins_nothing_by_itself(web, url):
    with web.opened(url) as page:
        open_form(page)
        for code, name in (("P-0001", "አበበ ሰላማዊት"), ("ACC-0002", "Diallo Aïssatou")):
            page.keyboard.type(code)
            page.keyboard.press("Enter")
            page.wait_for_selector(f"{ENTRY}[aria-pressed=true] >> text={name}")
            assert page.input_value(f"{FORM} [name=find]") == code
        assert "Diallo Aïssatou" in page.inner_text(f"{FORM} .primary")
        assert page.is_hidden("#exam-end")
        page.fill(f"{FORM} [name=admission]", "V-2")
        page.click(f"{FORM} .primary")
        page.wait_for_selector("#exam-end:visible")
    exam = current(url)
    assert (exam["patient"]["name"], exam["order"]["admission_id"], exam["order"]["identified_by"]) == ("Diallo Aïssatou", "V-2", "scanned")


def test_a_hospital_that_does_not_answer_leaves_the_list_and_one_that_does_replaces_it(web, url, hospital):
    with web.opened(url, tolerated=REFUSED) as page:
        open_form(page)
        page.click(f"{FORM} .again")
        page.wait_for_selector(f"{FORM} .acts .problem:visible")
        assert "ris gives no new worklist" in page.inner_text(f"{FORM} .acts .problem")
        assert page.locator(ENTRY).count() == 3
        picture(page, "unanswered")
        with scp([FIND], [(evt.EVT_C_FIND, answer_to)], title="WLM") as port:
            hospital(port)
            page.click(f"{FORM} .again")
            page.wait_for_selector(f"{ENTRY} >> text=New Arrival")
        assert page.locator(ENTRY).count() == 1
        assert page.is_hidden(f"{FORM} .acts .problem")


def test_without_a_worklist_the_numbers_are_stated_by_hand_and_shown_with_the_exam(web, tmp_path):
    with web.appliance("virtual://chest?fps=5&size=100", tmp_path) as url, web.opened(url, 360, 740) as page:
        page.click("#exam-order")
        page.fill(f"{FORM} [name=admission]", "V-99")
        page.fill(f"{FORM} [name=accession]", "ACC-77")
        assert page.is_hidden(f"{FORM} [name=find]")
        picture(page, "by-hand")
        page.click(f"{FORM} .primary")
        page.wait_for_selector("#exam-end:visible")
        exam = current(url)
        assert (exam["order"]["accession"], exam["order"]["identified_by"], exam["patient"]) == ("ACC-77", "typed", None)
        page.goto(f"{url}exam?id={exam['id']}")
        page.wait_for_selector("#facts >> text=ACC-77")
        assert "V-99" in page.inner_text("#facts")


def test_no_barrier_keeps_anybody_from_the_form(web, url, barriers):
    with web.opened(url, bypass_csp=True) as page:
        open_form(page)
        page.locator(ENTRY).first.click()
        assert barriers(page) == {}


def picture(page, name):
    """For a person who looks at it, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png")
