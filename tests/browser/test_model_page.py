"""The page shows the active release, its changes and refusals, and the word for each finding."""

import json
import urllib.error
import urllib.request

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {"Present", "Absent", *(f"Can't tell{why}" for why in ("", ": poor image", ": not a lung view", ": still looking"))}


@pytest.fixture(scope="module")
def chest(web):
    with web.appliance("virtual://chest?fps=8&size=200&machine=Philips+Lumify") as url:
        yield url


def ask(url, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}api/v1/{path}", data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


@pytest.mark.slow
def test_a_change_of_the_release_is_shown_with_the_previous_one(web, chest):
    with web.opened(chest) as page:
        before = ask(chest, "model")["ident"]
        web.until(page, f"document.getElementById('model').textContent === 'Model: {before}.'")
        assert page.inner_text("#model-changed") == ""
        other = next(each["release"] for each in ask(chest, "models")["releases"] if each["release"] != before)
        ask(chest, "model/activate", {"release": other})
        web.until(page, f"document.getElementById('model').textContent === 'Model: {other}.'")
        assert before in page.inner_text("#model-changed")
        web.until(page, f"document.getElementById('figures').textContent.includes('{other}')")


def test_a_refused_release_is_shown_with_the_reason_until_another_is_activated(web, chest):
    with web.opened(chest) as page:
        web.until(page, "document.getElementById('model').textContent !== ''")
        refused = ask(chest, "model/activate", {"release": "worn-out-1.0.0"})
        page.wait_for_selector("#model-problem:visible")
        assert "worn-out-1.0.0 was refused" in page.inner_text("#model-problem")
        assert refused["detail"] in page.inner_text("#model-problem")
        ask(chest, "model/activate", {"release": ask(chest, "model")["ident"]})
        web.until(page, "document.getElementById('model-problem').hidden")


def test_each_finding_has_the_word_of_its_prediction_set(web, chest):
    with web.opened(chest) as page:
        web.until(page, "document.querySelectorAll('.finding').length === 3")
        assert set(page.locator(".word").all_inner_texts()) <= WORDS


def show(page, answers):
    page.evaluate("answers => import('/web/panel.js').then(panel => panel.showFindings(answers))", answers)


def test_each_answer_is_shown_with_its_word_and_the_reason_and_one_that_is_hidden_is_removed(web, chest):
    stated = [("present", ""), ("unsure", "quality"), ("unsure", "")]
    answers = [
        {"key": f"k{i}", "name": f"K{i}", "percent": 50, "verdict": verdict, "reason": reason} for i, (verdict, reason) in enumerate(stated)
    ]
    with web.opened(chest + "web/docs.html") as page:
        page.wait_for_selector("#docs section")  # the page's own script has ended
        page.evaluate("document.body.innerHTML = '<ul id=findings></ul>'")
        show(page, answers)
        assert page.locator(".word").all_inner_texts() == ["Present", "Can't tell: poor image", "Can't tell"]
        show(page, answers[:1])
        assert page.locator(".word").all_inner_texts() == ["Present"]
        show(page, [])
        assert page.locator(".finding").count() == 0


def test_the_card_is_a_page_with_its_own_style_and_without_scripts(web, chest):
    with web.opened(chest) as page:
        page.click("a[href='/model-card']")
        page.wait_for_url("**/model-card")
        assert "not a diagnosis" in page.inner_text("body").lower()
