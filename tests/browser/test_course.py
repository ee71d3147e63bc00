"""The course of a patient on the page of an exam, in Chromium: small charts by zone, every figure, and a measurement that is asked for."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from edge.disk.layout import DataFolder
from edge.feedback.pleura.clip import ClipShare
from edge.feedback.pleura.measure import MeasuredClip
from edge.feedback.pleura.stored import StoredShares
from edge.inference.release import BUILT_IN, ModelRelease
from edge.people.actor import SHELL_ACTOR
from edge.people.permission import Role
from edge.records.schema import ExamRow
from edge.services.people import PeopleService
from tests.edge.exchange.conftest import Ward

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
FORM = "dialog.form[open]"
PANEL = "#course"
SIZES = ((360, 740), (800, 1180), (1280, 800))
REFUSED = "the server responded with a status of"
ZONES = ("L1", "L2", "L3", "R2", "R3")
SHARES = {"L1": (46, 31, 12), "L2": (20, 22, 18), "L3": (0, 0, None), "R2": (72, 80, 64), "R3": (5, 0, 9)}
"""Per cent, in three exams; the last one is measured on the page, and L3 of it cannot be."""
DAYS = (6, 3, 0)
TRANSLATED = """async () => {
  const { t } = await import("/web/i18n.js");
  return [document.querySelector("#course h2").textContent === t("course.title"), document.documentElement.dir];
}"""


@pytest.fixture(scope="module")
def exams(web, tmp_path_factory):
    """The address of the newest exam of a patient with three, and of the only exam of another whose clips are not measured."""
    folder = tmp_path_factory.mktemp("ward") / "data"
    ward = Ward(folder, size=128)
    people = PeopleService.of(ward.store)
    people.grant(SHELL_ACTOR, people.enrol(SHELL_ACTOR, "reader", "Almaz Bekele", PIN).id, Role.INTERPRET)
    ids = [ward.take(identifier="P-9", zones=dict.fromkeys(ZONES, "present")) for _ in DAYS]
    alone = ward.take(identifier="P-10", zones={"L1": "present"})
    with ward.store.write() as change:
        for exam_id, days in zip(ids, DAYS, strict=True):
            row = change.session.get_one(ExamRow, exam_id)
            row.begun_at -= timedelta(days=days)
        change.log("test", "exam.dated", "exam")
    _measure(ward, folder, ids)
    ward.store.close()
    with web.appliance("virtual://chest?fps=5&size=100", folder) as url:
        yield [f"{url}exam?id={each}" for each in (ids[-1], alone)]


def _measure(ward, folder, ids):
    release, shares = ModelRelease.load(BUILT_IN / "lung-s"), StoredShares(DataFolder(folder).pleura_shares)
    for number, exam_id in enumerate(ids):
        for clip in ward.stored.records.clips(exam_id):
            value = SHARES[clip.zone][number]
            known = (None,) * 3 if value is None else (value, max(0, value - 8), min(100, value + 6))
            share = ClipShare(
                *map(float, known) if value is not None else known, "" if value is not None else "NO_LUNG", 60, 58, "GE", False, False
            )
            shares.put(MeasuredClip(clip.id, share, release.ident, release.sha256, ward.store.now()))


@pytest.fixture
def opened(web, exams):
    def open_(number=0, size=SIZES[0], language="en", **how):
        script = f"localStorage.setItem('language', '{language}')"
        return web.opened(exams[number], *size, tolerated=REFUSED, before=lambda page: page.add_init_script(script), **how)

    return open_


def sign_in(page):
    page.wait_for_selector(FORM)
    page.fill(f"{FORM} [name=name]", "reader")
    page.fill(f"{FORM} [name=pin]", PIN)
    page.click(f"{FORM} .primary")
    page.wait_for_selector(FORM, state="detached")
    page.wait_for_selector(f"{PANEL} h2")


def picture(page, name):
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.locator(PANEL).screenshot(path=str(Path(folder) / f"course-{name}.png"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_each_zone_has_a_chart_and_every_figure_is_in_the_table(opened, size):
    with opened(size=size) as page:
        sign_in(page)
        assert page.locator(f"{PANEL} figure").count() == len(ZONES)
        assert page.locator(f"{PANEL} figure[data-zone=L1] .dot").count() == 3
        assert page.locator(f"{PANEL} figure[data-zone=L3] .none").count() == 1
        assert "46 %" in page.get_attribute(f"{PANEL} figure[data-zone=L1] svg", "aria-label")
        page.click(f"{PANEL} summary")
        table = page.inner_text(f"{PANEL} table")
        for text in (
            "46 % (38 % to 52 %)",
            "58 of 60",
            "not a lung view that the model knows",
        ):
            assert text in table
        shown = page.inner_text(PANEL)
        for text in ("Not validated for this machine", "Read by the model lung-s-", "Research use, not a diagnosis", "differ by 14 points"):
            assert text in shown
        assert "NaN" not in page.content()
        picture(page, f"{size[0]}")


def test_it_is_read_in_arabic_from_right_to_left(opened):
    with opened(language="ar") as page:
        sign_in(page)
        assert page.evaluate(TRANSLATED) == [True, "rtl"]
        page.click(f"{PANEL} summary")
        picture(page, "ar")


def test_a_person_asks_for_the_measurement_and_sees_how_it_ends(web, opened):
    with opened(1) as page:
        sign_in(page)
        assert "not measured with this model yet" in page.get_attribute(f"{PANEL} svg", "aria-label")
        page.click("#measure")
        page.wait_for_selector(f"{PANEL} #measure", state="detached")
        web.until(page, "!document.querySelector('#course svg').ariaLabel.includes('not measured')")
        assert page.locator("#measure").count() == 0
