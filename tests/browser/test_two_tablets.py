"""Two tablets at one appliance: one controls the exam, the other watches, and takes it over with one touch."""

import pytest

pytestmark = [pytest.mark.browser]

CONTROLS = "['exam-keep', 'exam-skip', 'exam-end'].every((id) => document.getElementById(id).checkVisibility())"
WATCHES = """['exam-watch', 'exam-control'].every((id) => document.getElementById(id).checkVisibility())
  && ['exam-keep', 'exam-skip', 'exam-end', 'exam-begin'].every((id) => !document.getElementById(id).checkVisibility())"""
CANNOT_BEGIN = "document.getElementById('exam-begin').hidden"
SELECTED = "document.querySelector('.zone.selected').dataset.zone"


def test_one_tablet_controls_the_exam_and_the_other_watches_until_it_takes_over(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2") as url, web.opened(url) as first, web.opened(url) as second:
        web.until(first, "document.getElementById('exam-protocol').length > 1")
        first.click("#exam-begin")
        web.until(first, CONTROLS)
        web.until(second, WATCHES)
        selected = second.evaluate(SELECTED)
        second.click(".zone[data-zone=R1]")
        second.click("#exam-control")
        web.until(second, CONTROLS)
        assert second.evaluate(SELECTED) == selected  # a touch of who watches chose no zone
        web.until(first, WATCHES)
        second.click(".zone[data-zone=R1]")
        web.until(second, f"{SELECTED} === 'R1'")
        web.until(first, f"{SELECTED} === 'R1'")
        first.click("#exam-control")
        web.until(first, CONTROLS)
        first.click("#exam-end")
        first.click("dialog[open] .primary")
        web.until(first, f"!{CANNOT_BEGIN}")
        web.until(second, f"!{CANNOT_BEGIN} && document.getElementById('exam-control').hidden")


def test_two_tabs_of_one_tablet_both_control_the_exam(web, browser):
    with web.appliance("virtual://chest?fps=15&b_lines=2") as url:
        tablet = browser.new_context()
        first, second = tablet.new_page(), tablet.new_page()
        first.goto(url)
        first.click("#exam-begin")
        web.until(first, CONTROLS)
        second.goto(url)
        web.until(second, CONTROLS)
        tablet.close()
