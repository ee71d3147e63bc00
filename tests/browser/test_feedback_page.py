"""The feedback page in Chromium: what there is to show, and what there is not, in words."""

from functools import partial

import pytest

from tests.browser.signing_in import give_badge

pytestmark = [pytest.mark.browser]

B_LINES = {"key": "b_lines", "decided": 20, "agreed": 15, "opposed": 4, "open": 1, "untold": 7, "percent": 75}
A_LINES = {"key": "a_lines", "decided": 3, "agreed": 3, "opposed": 0, "open": 0, "untold": 0, "percent": None}


def sign_in(page):
    page.click("#you button")
    give_badge(page)


def fulfil(findings, route):
    route.fulfill(json={"least": 5, "findings": findings, "notice": ""})


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_who_signs_in_sees_how_far_they_are_and_that_nothing_is_recorded_yet(web, claimed, width):
    with web.opened(f"{claimed}feedback", width, 900) as page:
        page.wait_for_selector("#readers >> text=Sign in with a badge")
        sign_in(page)
        page.wait_for_selector("#you [data-protocol=blue-6] progress")
        assert "0 of " in page.inner_text("#you [data-protocol=blue-6]")
        page.wait_for_selector("#readers >> text=No exam with a decision of a reader is signed yet.")
        page.wait_for_selector("#outcomes >> text=No outcome of a patient is recorded yet.")
        assert "not a diagnosis" in page.inner_text(".notice")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_decisions_are_shown_in_a_table_and_a_few_have_no_share(web, claimed):
    with web.opened(
        f"{claimed}feedback", before=lambda page: page.route("**/api/v1/feedback", partial(fulfil, [B_LINES, A_LINES]))
    ) as page:
        page.wait_for_selector("#you button")
        sign_in(page)
        page.wait_for_selector("#readers tbody tr")
        rows = [row.split("\t") for row in page.locator("#readers tbody tr").all_inner_texts()]
        assert page.locator("#readers thead th").all_inner_texts() == ["Finding", "B-lines", "A-lines"]
        assert rows == [
            ["Decided", "20", "3"],
            ["Reader agreed", "15 (75 %)", "3"],
            ["Reader stated the opposite", "4", "0"],
            ["Reader could not tell", "1", "0"],
            ["Model could not tell", "7", "0"],
        ]
        assert "at least 5 decisions" in page.inner_text("#readers")
