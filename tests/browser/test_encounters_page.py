"""An exam that begins with a patient who is in the hospital now, in Chromium: found with the worklist, chosen, or scanned."""

from datetime import datetime, timedelta, timezone

import pytest

from edge.exchange.encounters.receiver import Receiver
from edge.exchange.worklist.cache import CachedWorklist, save_worklist
from edge.exchange.worklist.entry import judged
from tests.browser.test_worklist_page import AISSATOU, ALMAZ, ENTRY, FORM, REFUSED, SIZES, current, fits, open_form, picture
from tests.edge.exchange.encounters.messages import adt
from tests.edge.exchange.encounters.resources import encounter, page, patient
from tests.edge.exchange.peers.ends import listener
from tests.edge.exchange.peers.test_fhir import answering
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = f"{FORM} section:nth-of-type(2)"


def sent(folder, *messages):
    now = datetime.now(timezone.utc) - timedelta(minutes=20)
    receiver = Receiver(folder, lambda: now)
    for message in messages:
        receiver.answer(message.encode())


@pytest.fixture
def url(web, tmp_path):
    """An appliance with a worklist of two orders and a hospital that has sent four admissions."""
    day, asked = datetime.now(timezone.utc).date(), datetime.now(timezone.utc) - timedelta(hours=3)
    save_worklist(tmp_path, CachedWorklist("ris", asked, day, day, judged([ALMAZ, AISSATOU])))
    (tmp_path / "hospital.yaml").write_text(
        "worklist: ris\npeers: [{kind: dicom, name: ris, host: 127.0.0.1, port: 1, ae_title: WLM}]\n"
        f"admissions: {{listen_host: 127.0.0.1, listen_port: {free_port()}, senders: [127.0.0.1]}}\n"
    )
    sent(
        tmp_path,
        adt("A01", visit="V-31", identifier="P-31^^^HOSP^MR", name="ተስፋዬ^ሐጎስ"),
        adt("A01", visit="V-32", identifier="P-32^^^HOSP^MR", name="فاطمة^الزهراء", place="ICU^^4", minutes=1),
        adt("A04", visit="V-33", identifier="", name="Mwangi^Grace", place="", kind="O", since="", minutes=2),
        adt("A01", visit="V-34", identifier="P-0002^^^HOSP^MR", name="Diallo^Aïssatou", born="19990411", kind="E", minutes=3),
    )
    with web.appliance("virtual://chest?fps=5&size=100", tmp_path) as url:
        yield url


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_an_exam_begins_with_a_patient_in_the_hospital_whom_a_finger_chooses(web, url, size):
    with web.opened(url, *size, has_touch=True) as page:
        open_form(page)
        titles = page.locator(f"{FORM} h3:visible").all_inner_texts()
        assert titles == ["From the worklist", "In the hospital now"]
        assert "The hospital sent this 20 minutes ago" in page.inner_text(f"{HERE} .age")
        assert page.is_hidden(f"{HERE} .again")
        assert "it has no patient ID" in page.inner_text(f"{HERE} .unusable")
        picture(page, f"encounters-{size[0]}")
        page.fill(f"{FORM} [name=find]", "ሐጎስ")
        page.wait_for_function(f"() => document.querySelectorAll('{ENTRY}').length === 1")
        page.locator(f"{HERE} .entry").tap()
        page.wait_for_selector(f"{ENTRY}[aria-pressed=true]")
        assert page.input_value(f"{FORM} [name=admission]") == "V-31"
        assert page.is_visible(f"{FORM} [name=accession]")
        picture(page, f"encounter-chosen-{size[0]}")
        assert fits(page)
        page.locator(f"{FORM} .primary").tap()
        page.wait_for_selector("#exam-end:visible")
    exam = current(url)
    assert (exam["patient"]["identifier"], exam["patient"]["name"], exam["order"]["admission_id"]) == ("P-31", "ተስፋዬ ሐጎስ", "V-31")
    assert exam["order"]["identified_by"] == "worklist"


def test_a_scanned_admission_code_chooses_its_patient_and_an_order_comes_first(web, url):
    with web.opened(url) as page:
        open_form(page)
        for code, name, field in (("V-32", "فاطمة الزهراء", HERE), ("V-17", "አበበ ሰላማዊት", FORM), ("P-0002", "Diallo Aïssatou", FORM)):
            page.keyboard.type(code)
            page.keyboard.press("Enter")
            page.wait_for_selector(f"{field} .entry[aria-pressed=true] >> text={name}")
        assert page.is_hidden(f"{FORM} [name=accession]")  # the order of that patient, not the admission
        page.keyboard.type("V-34")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{HERE} .entry[aria-pressed=true]")
        page.click(f"{FORM} .primary")
        page.wait_for_selector("#exam-end:visible")
    exam = current(url)
    assert (exam["patient"]["identifier"], exam["order"]["admission_id"], exam["order"]["identified_by"]) == ("P-0002", "V-34", "scanned")
    assert exam["study_uid"] != AISSATOU.study_uid


def test_a_server_is_asked_and_the_last_list_stays_where_it_is_silent(web, tmp_path):
    def hospital(port):
        peer = f"{{kind: fhir, name: ehr, url: 'http://127.0.0.1:{port}/fhir', answer_s: 20}}"
        (tmp_path / "hospital.yaml").write_text(f"encounters: ehr\npeers: [{peer}]\n")

    hospital(free_port())
    with web.appliance("virtual://chest?fps=5&size=100", tmp_path) as url, web.opened(url, tolerated=REFUSED) as tab:
        tab.click("#exam-order")
        tab.wait_for_selector(f"{HERE} .again")
        assert "ehr was not asked yet" in tab.inner_text(f"{HERE} .age")
        tab.click(f"{HERE} .again")
        tab.wait_for_selector(f"{FORM} .acts .problem:visible")
        assert "ehr does not state who is in the hospital" in tab.inner_text(f"{FORM} .acts .problem")
        with listener(answering(200, page(encounter(), patient()))) as port:
            hospital(port)
            tab.click(f"{HERE} .again")
            tab.wait_for_selector(f"{ENTRY} >> text=አበበ ሰላማዊት")
        assert tab.is_hidden(f"{FORM} .acts .problem")


def test_the_form_reads_from_the_right_in_arabic(web, url):
    with web.opened(url, 360, 740, has_touch=True) as page:
        page.evaluate("localStorage.setItem('language', 'ar')")
        page.reload()
        open_form(page)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        picture(page, "encounters-ar")
        assert fits(page)


def test_no_barrier_keeps_anybody_from_the_form(web, url, barriers):
    with web.opened(url, bypass_csp=True) as page:
        open_form(page)
        page.locator(f"{HERE} .entry").first.click()
        assert barriers(page) == {}
