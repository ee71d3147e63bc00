"""The drift watch on the feedback page: each verdict with its words and sign, the chart, and the form of the decision."""

import pytest

from tests.browser.signing_in import FORM, give_badge

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXAM = "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a12"
SINCE = {"since": 12, "since_at": "2026-11-20T08:00:00Z", "since_exam_id": EXAM}
EVIDENCE = [
    {"channel": "bright", "way": "higher", "share": 1.04, "size": 0.9, **SINCE},
    {"channel": "finding:b_lines", "way": "lower", "share": 0.82, "size": 0.5, **SINCE},
    {"channel": "features", "way": "unlike", "share": 0.75, "size": 0.0, **SINCE},
]
AT = [1, 10, 20, 30, 41]
LINES = [
    {"channel": "bright", "way": "higher", "shares": [0.1, 0.1, 0.4, 0.8, 1.04]},
    {"channel": "finding:b_lines", "way": "lower", "shares": [0.0, 0.3, 0.2, 0.6, 0.82]},
    {"channel": "features", "way": "unlike", "shares": [0.2, 0.3, 0.2, 0.5, 0.75]},
    {"channel": "machine:Philips Lumify", "way": "spread", "shares": [0.0, 0.1, 0.0, 0.1, 0.3]},
]
REFERENCE = {"exams": 150, "wanted": 150, "begun": "2026-10-01T08:00:00Z", "ended": "2026-11-03T16:00:00Z", "renewed": False}
WATCH = {
    "at": "2026-11-30T22:00:00Z",
    "reference": REFERENCE,
    "exams": 41,
    "begun": "2026-11-04T08:00:00Z",
    "ended": "2026-11-30T16:00:00Z",
}
WATCH |= {"same_stay": 9, "unusable": 0, "unmeasured": ["gain_db"], "at_exams": AT, "lines": LINES}
STOPPED = {"act": "stopped", "at": "2026-11-30T22:00:00Z", "by": "appliance", "reason": ""}
AGAIN = {"act": "watch-again", "at": "2026-11-30T23:00:00Z", "by": "Boss (boss)", "reason": "The gain is corrected"}
IDLE = {"running": False, "done": 0, "of": 0, "failed": False, "notice": ""}
STOP = {
    "release": "lung-m-0.3.2",
    "state": "stop",
    "abstains": True,
    "about": EXAM,
    "evidence": EVIDENCE,
    "watch": WATCH,
    "events": [STOPPED],
    **IDLE,
}
STEADY = {**STOP, "state": "steady", "abstains": False, "about": None, "evidence": [], "events": [AGAIN, STOPPED]}
COLLECTED = {
    **WATCH,
    "reference": {**REFERENCE, "exams": 23, "ended": None, "begun": None},
    "exams": 0,
    "at_exams": [],
    "lines": [],
    "unmeasured": [],
}
COLLECTING = {**STEADY, "state": "collecting", "events": [], "watch": {**COLLECTED, "begun": None, "ended": None}}


class Routed:
    """Answers in the place of the appliance; a decision makes a stop steady."""

    def __init__(self, answer):
        self.answer, self.decided = answer, None

    def __call__(self, route):
        if route.request.method == "POST":
            self.decided, self.answer = route.request.post_data_json, STEADY
        route.fulfill(json=self.answer)


def sign_in(page):
    page.click("#you button")
    give_badge(page)


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_a_stop_states_what_differs_and_a_person_decides(web, claimed, width):
    answer = Routed(STOP)
    with web.opened(f"{claimed}feedback", width, 900, before=lambda page: page.route("**/api/v1/drift**", answer)) as page:
        page.wait_for_selector("#drift >> text=Sign in with a badge")
        sign_in(page)
        page.wait_for_selector("#drift .verdict.stop .sign")
        shown = page.inner_text("#drift")
        for each in (
            "The model states nothing until a person decides",
            "Brightness: higher than in the reference since the exam of",
            "104 % of the limit",
            "Probability of B-lines: lower",
            "Gain: no exam measures this any more",
            "not a diagnosis",
        ):
            assert each in shown
        assert "NaN" not in shown
        assert page.locator("#drift .drifting > svg[role=img] path.way").count() == 4
        page.click("#watch-again")
        page.fill(f"{FORM} [name=reason]", "The gain is corrected")
        page.click(f"{FORM} .primary")
        page.wait_for_selector("#drift .verdict.steady")
        assert answer.decided == {"decision": "watch-again", "reason": "The gain is corrected", "release": "lung-m-0.3.2", "exam_id": EXAM}
        assert page.locator("#watch-again").count() == 0
        assert "The cause is corrected: a new watch" in page.inner_text("#drift")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_while_the_reference_is_collected_there_is_no_verdict(web, claimed):
    answer = Routed(COLLECTING)
    with web.opened(f"{claimed}feedback", 360, 740, before=lambda page: page.route("**/api/v1/drift**", answer)) as page:
        sign_in(page)
        page.wait_for_selector("#drift .verdict.collecting")
        shown = page.inner_text("#drift")
        assert "No verdict yet" in shown
        assert "23 of 150 exams" in shown
        assert "Steady" not in shown
        assert page.locator("#drift .drifting").count() == 0
