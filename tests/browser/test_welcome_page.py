"""The first start in Chromium, on a real appliance: language, administrator, source, a test scan. It is offered, and forces nobody."""

import json
import os
import subprocess
import sys

import pytest

from edge.api.app import WEB

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
REFUSED = "the server responded with a status of"
"""The browser logs each refused request."""
ELSEWHERE = {"X-Forwarded-For": "192.0.2.7"}
"""The page is not on the board itself."""
CHEST = "virtual://chest?fps=5&size=200"
FRENCH = json.loads((WEB / "i18n" / "fr.json").read_text())
CONTINUE = ".controls .primary"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def code_of(folder):
    """What a person at the board reads."""
    command = [sys.executable, "-m", "edge.cli", "operator", "code"]
    environment = {**os.environ, "SONOEDGE_DATA_DIR": str(folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def fill_in(page, **fields):
    for name, value in fields.items():
        page.fill(f".welcome [name={name}]", value)


def typed(page, *names):
    return [page.input_value(f".welcome [name={name}]") for name in names]


def type_pin(page):
    for digit in PIN:
        page.click(f".welcome [data-key='{digit}']")


def reads(page, key):
    """Waits until the step shows a text in French."""
    page.wait_for_selector(f"#step >> text={FRENCH[key]}")


def test_a_newcomer_sets_up_an_appliance_without_a_probe_from_a_tablet(web, folder):
    with web.appliance(None, folder) as url, web.opened(url, 800, 1280, tolerated=REFUSED, extra_http_headers=ELSEWHERE) as page:
        page.click(".offer a")
        page.click("[data-language=fr]")
        page.wait_for_url("**/welcome?step=administrator")
        page.wait_for_selector("html[lang=fr]")
        fill_in(page, code="AAAA-AAAA-AAAA", badge="n-017", name="Almaz Bekele")
        type_pin(page)
        page.click(CONTINUE)
        page.wait_for_selector("#problem:visible")
        assert "code à usage unique" in page.inner_text("#problem")
        page.reload()
        page.wait_for_selector(".welcome [name=badge]")
        assert [page.input_value(f".welcome [name={name}]") for name in ("badge", "name", "pin", "code")] == [
            "n-017",
            "Almaz Bekele",
            "",
            "",
        ]
        fill_in(page, code=code_of(folder).lower())
        type_pin(page)
        assert typed(page, "pin") == [PIN]
        page.click(CONTINUE)
        page.wait_for_url("**/welcome?step=probe")
        reads(page, "device.source_failed")
        page.click(f"#step >> text={FRENCH['form.back']}")
        page.wait_for_selector("#step >> text=Almaz Bekele")
        page.click(CONTINUE)
        page.wait_for_url("**/welcome?step=probe")
        reads(page, "device.source_failed")
        page.click("[data-key='set site']")
        page.fill("dialog.form[open] [name=value]", "Centre de santé")
        page.click("dialog.form[open] .primary")
        page.wait_for_selector("#step >> text=Centre de santé")
        page.click(CONTINUE)
        reads(page, "welcome.test_text")
        page.click("[data-key='welcome.test_button']")
        page.wait_for_selector(f"#banner:visible >> text={FRENCH['exam.simulated']}")
        web.until(page, "document.getElementById('cover').hidden")
        page.goto(f"{url}welcome?step=test")
        page.click("[data-key='welcome.test_end']")
        reads(page, "welcome.test_text")
        page.click(f"text={FRENCH['welcome.finish']}")
        page.wait_for_url("**/home")
        page.wait_for_selector("#appliance >> text=Centre de santé")


def test_on_a_simulated_source_the_test_scan_is_the_scan_page(web):
    with web.appliance(CHEST) as url, web.opened(f"{url}welcome?step=test", tolerated=REFUSED) as page:
        page.click("#step a[href='/']")
        page.wait_for_selector("#banner:visible >> text=SIMULATED")


def test_the_first_start_is_offered_and_forces_nobody(web):
    with web.appliance(CHEST) as url, web.opened(url, 800, 1280, tolerated=REFUSED) as page:
        page.wait_for_selector(".offer:visible")
        page.click("#exam-begin")
        web.until(page, "!document.getElementById('exam-end').hidden")
        page.click(".offer button")
        page.reload()
        web.until(page, "document.getElementById('person').dataset.kind === 'unclaimed'")
        assert page.query_selector(".offer") is None
        page.click("#person")
        page.wait_for_url("**/welcome?step=administrator")
        assert page.query_selector(".welcome [name=code]") is None


def test_what_needs_a_person_leads_to_the_first_start_while_nobody_is_enrolled(web):
    with web.appliance(CHEST) as url, web.opened(f"{url}people", tolerated=REFUSED) as page:
        page.click("dialog.form[open] .primary")
        page.wait_for_url("**/welcome?step=administrator")
