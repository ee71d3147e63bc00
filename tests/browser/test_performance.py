"""How well the model does, on the feedback page: figures and sentences, the choice of a stratum, and the work that computes them."""

import pytest

from tests.browser.signing_in import give_badge

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = {"value": 0.91, "low": 0.86, "high": 0.94, "cases": 240, "patients": 130}
FEW = {"why": "few", "count": 0}
COUNTS = {"true_present": 109, "false_present": None, "false_absent": 11, "true_absent": 108, "unanswered": 20}
SHARES = {"counts": COUNTS, "sensitivity": FIGURE, "specificity": FEW, "answered": FIGURE}
SCORES = {"auc": FIGURE, "brier": FIGURE, "ece": FIGURE, "reliability": [{"probability": 0.12, "share": FIGURE}]}
ZONES = [{"value": "L1", "shares": SHARES}]
JUDGED = {"kind": "zone", "finding": "b_lines", "condition": "", "shares": SHARES, "scores": SCORES, "strata": {"zone": ZONES}}
GROUP = {"protocol": "blue-6", "exams": 140, "left": {"unnamed": None}, "judged": [JUDGED]}
FIGURES = {"at": "2026-11-30T22:00:00+00:00", "least": 5, "level": 2, "groups": [GROUP]}
IDLE = {"figures": FIGURES, "running": False, "done": 0, "of": 0, "failed": False, "notice": ""}


def sign_in(page):
    page.click("#you button")
    give_badge(page)


class Routed:
    """Answers in the place of the appliance; a request to compute begins work that ends at the next look."""

    def __init__(self):
        self.running = False

    def __call__(self, route):
        begins, self.running = route.request.method == "POST", route.request.method == "POST"
        route.fulfill(json={**IDLE, "running": begins, "done": 40, "of": 140} if begins else IDLE)


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_figures_are_shown_with_intervals_and_sentences_and_computed_again(web, claimed, width):
    with web.opened(f"{claimed}feedback", width, 900, before=lambda page: page.route("**/api/v1/performance", Routed())) as page:
        page.wait_for_selector("#performance >> text=Sign in with a badge")
        sign_in(page)
        page.wait_for_selector("#performance [data-judged='zone b_lines'] svg.reliability[aria-label]")
        shown = page.inner_text("#performance")
        for each in ("91 % (86 % to 94 %); patients: 130", "Too few patients for a figure: at least 5", "fewer than 5", "not a diagnosis"):
            assert each in shown
        page.select_option("#performance-by", "zone")
        assert page.inner_text("#performance h4") == "L1"
        page.click("#compute")
        page.wait_for_selector("#performance >> text=Computing: 40 of 140 exams are read.")
        page.wait_for_selector("#performance >> text=Computed ")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
