"""Your card on the feedback page: figures with intervals, the learning curve with its alarm, bands, and sentences without a card."""

import pytest

from tests.browser.signing_in import give_badge
from tests.browser.test_barriers import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = {"value": 0.3, "low": 0.1, "high": 0.6, "cases": 10, "patients": 8}
FEW = {"why": "few", "count": 0}
MISSED = {"hits": 3, "of": 10, "share": FIGURE}
FEWER = {"hits": 1, "of": 2, "share": FEW}
NONE = {"hits": 0, "of": 0, "share": {"why": "no-cases", "count": 0}}
B_LINES = {"finding": "b_lines", "missed": FEWER, "overcalled": MISSED, "agreement": MISSED, "kappa": {"why": "never-differ", "count": 0}}
LIMITS = {"acceptable": 0.1, "unacceptable": 0.2, "learned_limit": 9.6, "lost_limit": 5.6}


def curve(finding, failing, zones, *, learned=None, lost=(), untold=0):
    """So many zones an exam; the line goes up by 0.2 until it is reset."""
    exams = [1 + number // zones for number in range(len(failing))]
    place = None if finding is None else "L1"
    points = [
        {"on": f"2026-10-{exam:02}", "exam": exam, "zone": place, "failed": failed, "score": 0.2 * number}
        for number, (exam, failed) in enumerate(zip(exams, failing, strict=True))
    ]
    steps = {trial: {"trial": trial, "exam": exams[trial - 1]} for trial in (learned, *lost) if trial}
    counts = {"trials": len(points), "failed": sum(failing), "untold": untold, "exams": exams[-1] if exams else 0}
    found = {"learned_at": steps.get(learned), "lost_at": [steps[trial] for trial in lost], "first": 1, "points": points}
    return {"protocol": "blue-6", "finding": finding, **counts, **found, **LIMITS}


LASTING = curve("b_lines", [number >= 50 for number in range(56)], 4, learned=48, lost=[55], untold=3)
CURVES = [LASTING, curve("pleural_effusion", [number % 7 == 3 for number in range(40)], 4), curve("a_lines", [], 4, untold=2)]
CURVES += [curve(None, [False] * 14, 1, learned=12)]
SIDE = {"exams": 14, "unnamed": 1, "chosen": 2, "together": B_LINES, "findings": [B_LINES], "scored": 4, "scores": FEW, "curves": CURVES}
BAND = {"low": 4.0, "median": 6.5, "high": 9.0}
PACE = {"protocol": "blue-6", "exams": 14, "untimed": 2, "minutes": BAND, "quality": BAND, "site_minutes": BAND, "site_quality": None}
TRUST = {"accepted": MISSED, "accepted_wrong": MISSED, "rejected_right": NONE}
CARD = {"person": "01a", "operator": SIDE, "reader": None, "trust": TRUST, "paces": [PACE]}
WORK = {"running": False, "failed": False, "notice": ""}
FULL = {"at": "2026-11-30T00:01:00Z", "until": "2026-11-30T00:00:00Z", "day": "2026-11-29", "least": 5, "card": CARD, "group": None, **WORK}


def sign_in(page):
    page.click("#card button")
    give_badge(page)


def answering(stated):
    return lambda page: page.route("**/api/v1/cards/mine", lambda route: route.fulfill(json=stated))


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_the_card_states_figures_the_curve_and_the_bands(web, claimed, width):
    with web.opened(f"{claimed}feedback", width, 900, before=answering(FULL)) as page:
        page.wait_for_selector("#card >> text=Only you see it.")
        sign_in(page)
        page.wait_for_selector("#card [data-curve='blue-6 b_lines'] svg.curve[aria-label]")
        shown = page.inner_text("#card")
        assert "You stated it present in 3 of 10 zones where the over-reader saw none" in shown
        assert "30 % (10 % to 60 %); patients: 8" in shown
        assert "You stated it absent in 1 of 2 zones where the over-reader saw it" in shown
        assert "Too few patients for a figure: at least 5" in shown
        assert "until the end of Nov 29, 2026" in shown
        assert "After 48 zones in 12 exams you had shown that you do well enough." in shown
        assert "After 12 exams you had shown that you do well enough." in shown
        assert "You are learning: it is not shown yet." in shown
        assert "Alarm at exam 14" in shown
        assert "the over-reader cannot tell do not count: 3" in shown
        assert "The images were too poor in 0 of 14 exams" in shown
        assert "do not count: 2" in shown
        assert "There is no answer yet where an over-reader confirms the model." in shown
        assert "The site is not shown: fewer than 5 people have enough exams" in shown
        assert "fewer than 5 readers" in shown
        assert "not a diagnosis" in shown
        assert page.locator("#card .curve .alarm").count() == 1
        assert page.locator("#card .curve .reached").count() == 2
        assert page.locator("#card svg.curve").count() == 3  # where nobody can tell there is no line
        page.click("#card [data-curve='blue-6 b_lines'] summary")
        rows = [row.split("\t") for row in page.locator("#card [data-curve='blue-6 b_lines'] tbody tr").all_inner_texts()]
        assert rows[53] == ["14", "L1", "Oct 14, 2026", "failed", "10.60"]
        assert "NaN" not in page.inner_html("#card")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_card_there_is_a_sentence(web, claimed):
    with web.opened(f"{claimed}feedback") as page:
        page.wait_for_selector("#card button")
        sign_in(page)
        page.wait_for_selector("#card >> text=No card is computed yet.")
    with web.opened(f"{claimed}feedback", before=answering({**FULL, "card": None})) as page:
        page.wait_for_selector("#card button")
        sign_in(page)
        page.wait_for_selector("#card >> text=Nothing of yours counts yet.")


def test_the_card_has_no_barrier(web, claimed, barriers):
    with web.opened(f"{claimed}feedback", before=answering(FULL), tolerated=REFUSED, bypass_csp=True) as page:
        page.wait_for_selector("#card button")
        sign_in(page)
        page.wait_for_selector("#card svg.curve")
        assert barriers(page) == {}


def test_a_first_zone_is_drawn_too_and_who_only_reads_has_no_heading_of_work(web, claimed):
    side = {**SIDE, "curves": [curve("b_lines", [False], 1)]}
    card = {**CARD, "operator": None, "reader": side, "trust": None, "paces": []}
    with web.opened(f"{claimed}feedback", before=answering({**FULL, "card": card})) as page:
        page.wait_for_selector("#card button")
        sign_in(page)
        page.wait_for_selector("#card >> text=You are learning")
        assert "How you work" not in page.inner_text("#card")
        assert "NaN" not in page.inner_html("#card")


def test_more_exams_than_needed_are_stated_rightly(web, claimed):
    standing = {"protocol": "blue-6", "qualified": True, "missing": [], "counted": 50, "needed": 25, "expires_at": None}

    def before(page):
        answering(FULL)(page)
        page.route("**/api/v1/operators/*/standing*", lambda route: route.fulfill(json=standing))

    with web.opened(f"{claimed}feedback", before=before) as page:
        page.wait_for_selector("#card button")
        sign_in(page)
        page.wait_for_selector("#you >> text=good enough: 50; needed: 25")
