"""The ledger of model changes on the device page: the entry of the release in use, and what an activation without one lacks."""

import json
import shutil
from contextlib import closing

import pytest

from edge.inference.release import BUILT_IN
from edge.inference.shelf import Shelf
from edge.records.store import Store
from tests.browser.test_device_page import PIN, TOLERATED, post, sign_in
from tests.edge.conftest import seal_release, sign_ledger

OWN = "lung-s-1.0.0"
MISSING = "description, verification protocol, impact assessment and signature"
LINE = f"#model [data-key='{OWN}']"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def claimed(web, tmp_path_factory):
    """A claimed appliance with a release of the hospital that has no entry; and its data folder."""
    folder, made = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("made") / "new"
    shutil.copytree(BUILT_IN / "lung-s", made)
    Shelf.of(folder).install(seal_release(made, version="1.0.0"), {}, unsigned=True)
    with web.appliance("virtual://chest?fps=8&size=100", folder) as url:
        post(url, "claim", {"badge": "boss", "name": "Boss", "pin": PIN})
        yield url, folder


@pytest.fixture(scope="module")
def page(web, claimed):
    with web.opened(f"{claimed[0]}device", 800, 1280, tolerated=TOLERATED) as page:
        page.wait_for_selector("#ledger button")
        yield page


def test_who_signed_is_shown_to_people_with_a_role_only(page):
    assert "Boss" not in page.inner_text("#ledger")
    page.click("#ledger button")
    sign_in(page, "boss")
    page.wait_for_selector("#ledger >> text=It came with the program.")


def test_the_entry_of_the_release_in_use_is_shown_in_full(page):
    page.click("#ledger summary")
    shown = page.inner_text("#ledger")
    for text in ("Description of the change", "Verification protocol", "AUC", "Not measured here.", "No release was accepted"):
        assert text in shown
    page.click("#ledger summary")


def test_a_refused_activation_states_what_is_missing(page):
    assert f"Ledger entry missing: {MISSING}" in page.inner_text(LINE)
    page.click(f"{LINE} button")
    page.click("dialog.form[open] .primary")
    page.wait_for_selector("#problem:visible")
    stated = page.inner_text("#problem")
    assert f"no entry of {OWN}: {MISSING} are missing" in stated
    assert f"sonoedge model ledger add {OWN}" in stated
    page.wait_for_selector("[data-key='refusal']")
    assert MISSING in page.inner_text("[data-key='refusal']")


def test_with_a_signed_entry_it_is_used_and_the_entry_is_shown(page, claimed):
    with closing(Store.open(claimed[1])) as store:
        sign_ledger(store, Shelf.of(claimed[1]).find(OWN))
    page.click(f"{LINE} button")
    page.click("dialog.form[open] .primary")
    page.wait_for_selector("#ledger >> text=Signed by Hana Girma (hana)")
    assert "Ledger entry missing" not in page.inner_text(LINE)
    assert json.loads(page.request.get(f"{claimed[0]}api/v1/model").body())["ident"] == OWN
