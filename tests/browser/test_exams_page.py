"""The list of exams and one exam in Chromium: days, states, who the patient is, and a clip that cannot be played."""

import json
import struct
import urllib.request

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

API = "api/v1/"
REFUSED = "the server responded with a status of"
PIN = "482915"
FORM = "dialog.form[open]"
PAGE = 50
LINES = "document.querySelectorAll('#exams li').length"
FILM = "**/api/v1/clips/*/film"
CLIPS = "**/api/v1/exams/*/clips"


def post(url, path, body=None):
    request = urllib.request.Request(f"{url}{API}{path}", json.dumps(body or {}).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def take(url, **stated):
    """An exam without a recorded zone."""
    exam = post(url, "exams", stated)["id"]
    post(url, f"exams/{exam}/end")
    return exam


@pytest.fixture(scope="module")
def unclaimed(web):
    """Everybody reads exams on it."""
    with web.appliance("virtual://chest?fps=5&size=100") as url:
        yield url


@pytest.fixture
def page(web, unclaimed):
    with web.opened(unclaimed, 800, 1280, tolerated=REFUSED) as page:
        yield page


def test_without_exams_the_page_states_how_to_begin_one(unclaimed, page):
    page.goto(f"{unclaimed}exams")
    page.wait_for_selector("#none:visible")
    assert "Begin one on the scan page" in page.inner_text("#none")
    assert page.is_hidden("#waiting")


def test_exams_are_listed_by_day_and_state_and_page_by_page(web, unclaimed, page):
    for _ in range(PAGE):
        take(unclaimed)
    named = take(unclaimed, patient={"identifier": "P-1", "name": "ሰላማዊት አበበ"}, protocol="blue-6")
    page.goto(f"{unclaimed}exams")
    web.until(page, f"{LINES} === {PAGE}")
    assert "ሰላማዊት አበበ (P-1)" in page.inner_text("#exams li >> nth=0")
    assert "Needs a review: a person without a sign-in" in page.inner_text("#exams li >> nth=0")
    assert "SIMULATED" in page.inner_text("#exams li >> nth=0")
    page.click("#more")
    web.until(page, f"{LINES} === {PAGE + 1}")
    assert page.is_hidden("#more")
    page.select_option("#state", "final")
    page.wait_for_selector("#none:visible")
    page.select_option("#state", "preliminary")
    web.until(page, f"{LINES} === {PAGE}")
    page.click("#exams li a >> nth=0")
    page.wait_for_selector(".zone-card")
    assert page.url.endswith(named)


def test_a_patient_that_is_refused_stays_typed_and_an_accepted_one_is_shown(unclaimed, page):
    page.goto(f"{unclaimed}exam?id={take(unclaimed)}")
    page.click("text=State the patient")
    page.fill(f"{FORM} [name=identifier]", "P-2")
    page.fill(f"{FORM} [name=name]", "Fatuma Ali")
    page.fill(f"{FORM} [name=birth_date]", "3084")
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"{FORM} .problem:visible")
    assert "in the future" in page.inner_text(f"{FORM} .problem")
    assert page.input_value(f"{FORM} [name=name]") == "Fatuma Ali"
    page.fill(f"{FORM} [name=birth_date]", "1984")
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#facts >> text=Fatuma Ali (P-2)")


def test_clinical_information_is_stated_once_and_a_value_that_stays_keeps_its_time(unclaimed, page):
    exam = take(unclaimed)
    page.goto(f"{unclaimed}exam?id={exam}")
    page.click("text=Clinical information")
    page.fill(f"{FORM} [name=complaint]", "cough for three days")
    page.fill(f"{FORM} [name=spo2]", "93")
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#facts >> text=cough for three days")
    first = page.request.get(f"{unclaimed}{API}exams/{exam}").json()["context"]["spo2"]
    page.click("text=Clinical information")
    page.select_option(f"{FORM} [name=pregnancy]", "yes")
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#facts >> text=Pregnant")
    assert page.request.get(f"{unclaimed}{API}exams/{exam}").json()["context"]["spo2"] == first


def test_an_exam_that_is_not_there_is_stated(unclaimed, page):
    page.goto(f"{unclaimed}exam?id=none")
    page.wait_for_selector("#problem:visible")
    assert "none" in page.inner_text("#problem")


@pytest.mark.parametrize(
    ("clip", "film", "stated"),
    [
        ({"file_state": "removed", "file": "L1.mcap"}, b"", "was removed"),
        ({"file_state": "damaged", "file": "L1.mcap"}, b"", "missing or damaged"),
        ({"file_state": "absent", "file": ""}, b"", "No recording"),
        ({"file_state": "whole", "file": "L1.mcap"}, b"", "cannot be played"),
        ({"file_state": "whole", "file": "L1.mcap"}, struct.pack("<I", 9) + b"cut", "cannot be played"),
    ],
    ids=["removed", "damaged", "never made", "empty", "cut"],
)
def test_a_clip_that_cannot_be_played_states_why(unclaimed, page, clip, film, stated):
    page.route(CLIPS, lambda route: route.fulfill(json=[{"id": "c-1", "zone": "L1", "superseded_at": None, **clip}]))
    page.route(FILM, lambda route: route.fulfill(body=film, content_type="application/octet-stream"))
    page.goto(f"{unclaimed}exam?id={take(unclaimed, protocol='blue-6')}")
    page.wait_for_selector(f"[data-zone=L1] >> text={stated}")


def test_on_a_claimed_appliance_the_list_asks_who_reads_it(web):
    with web.appliance("virtual://chest?fps=5&size=100") as url:
        post(url, "claim", {"badge": "n-017", "name": "Almaz Bekele", "pin": PIN})
        with web.opened(f"{url}exams", 360, 740, tolerated=REFUSED) as page:
            page.wait_for_selector(FORM)
            page.click(f"{FORM} >> text=Back")
            page.wait_for_selector("#problem:visible")
            page.click("#person")
            page.fill(f"{FORM} [name=name]", "n-017")
            page.fill(f"{FORM} [name=pin]", PIN)
            page.click(f"{FORM} .primary")
            page.wait_for_selector("#none:visible")
            assert page.is_hidden("#problem")
