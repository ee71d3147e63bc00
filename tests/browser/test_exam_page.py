"""Guidance, the preset gate and the exam on the page in Chromium, with the faults of the virtual probe."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from edge.inference.release import BUILT_IN

pytestmark = [pytest.mark.browser]

PLANTED = {
    "NOT_ULTRASOUND": "foreign=1",
    "FROZEN": "frozen=1",
    "NO_CONTACT": "air=1",
    "PARTIAL_CONTACT": "air=0.6",
    "WRONG_PRESET": "preset=abdomen&fixed=1",
    "TOO_SHALLOW": "depth_mm=60&fixed=1",
    "TOO_DEEP": "depth_mm=200&fixed=1",
    "TOO_DARK": "gain_db=12",
    "TOO_BRIGHT": "gain_db=90",
    "CLUTTER": "haze=1",
    "MOVING_FAST": "sweep_mm_s=300",
    "BLURRED": "blur_mm=2",
    "TEXT_IN_IMAGE": "text=DOE JANE",
}
SENTENCES = {
    "NOT_ULTRASOUND": "not an ultrasound image",
    "FROZEN": "does not change",
    "NO_CONTACT": "in the air",
    "PARTIAL_CONTACT": "off the skin",
    "WRONG_PRESET": "lung preset",
    "TOO_SHALLOW": "Increase the depth to 80 mm",
    "TOO_DEEP": "Decrease the depth to 160 mm",
    "TOO_DARK": "raise the gain",
    "TOO_BRIGHT": "Lower the gain",
    "CLUTTER": "haze",
    "MOVING_FAST": "Hold the probe still",
    "BLURRED": "focus",
    "TEXT_IN_IMAGE": "annotations off",
}
SPOIL_NOTHING = {"WRONG_PRESET", "TOO_SHALLOW", "TOO_DEEP", "TEXT_IN_IMAGE"}


@pytest.mark.slow
@pytest.mark.parametrize("code", PLANTED)
def test_each_planted_fault_is_shown_with_its_advice(web, code):
    with web.appliance(f"virtual://chest?fps=15&b_lines=2&{PLANTED[code]}") as url, web.opened(url) as page:
        quality = "document.getElementById('quality').innerText"
        web.until(page, f"{quality}.includes('{code}') && {quality}.includes({SENTENCES[code]!r})")
        if code not in SPOIL_NOTHING:
            guide = "document.getElementById('guide')"
            shown = f"{guide}.innerText.includes({SENTENCES[code]!r})"
            web.until(page, f"{guide}.dataset.code === '{code}' && {guide}.dataset.colour === 'red' && {shown}")


def test_an_exam_goes_from_zone_to_zone_and_lists_what_was_not_examined(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250") as url, web.opened(url) as page:
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        web.until(page, "document.getElementById('guide').dataset.code === 'HOLD'")
        web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'done'")
        assert "score" in page.inner_text("#zones [data-zone=L1]")
        assert "MACHINE NOT VALIDATED: SonoEdge virtual probe" in page.inner_text("#zones [data-zone=L1]")
        assert "MACHINE NOT VALIDATED" in page.inner_text("#exam-title")
        web.until(page, "document.getElementById('guide').textContent.includes('L2')")
        assert page.get_attribute("#guide", "data-colour") == "amber"
        page.click("#exam-skip")
        page.click("[data-reason=pain]")
        web.until(page, "document.querySelector('#zones [data-zone=L2]').className === 'skipped'")
        page.click("[data-zone=R2][role=button]")
        web.until(page, "document.querySelector('.zone.selected').dataset.zone === 'R2'")
        page.click("#exam-end")
        assert "4 zones are not examined" in page.inner_text("dialog.form[open]")
        page.click("dialog.form[open] .primary")
        web.until(page, "document.getElementById('exam-end').hidden")
        assert "not examined" in page.inner_text("#zones [data-zone=R1]")
        assert "No total yet: " in page.inner_text("#exam-state")


@pytest.mark.slow
def test_the_page_asks_to_lift_the_probe_before_the_next_zone_and_says_why_nothing_is_recorded(web):
    refused = "409"  # the browser logs a refused request
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250") as url, web.opened(url, tolerated=refused) as page:
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'done'")
        web.until(page, "document.getElementById('guide').textContent.includes('lift the probe, then put it there')")
        assert "Zone L2: lift the probe" in page.inner_text("#exam-state")
        page.click("#exam-keep")
        web.until(page, "document.getElementById('exam-problem').textContent.includes('from before the zone was selected')")
        page.click("[data-zone=R2][role=button]")
        web.until(page, "document.getElementById('exam-state').textContent.includes('Zone R2: lift the probe')")
        web.until(page, "document.getElementById('exam-problem').hidden")


STATES = """async (ages) => {
  const { showExam } = await import("/web/exam.js");
  const begun = await (await fetch("/api/v1/exams/current")).json();
  return ages.map((age) => {
    showExam({ ...begun, as_of_ms: begun.as_of_ms + 60_000 });
    showExam({ ...begun, as_of_ms: begun.as_of_ms + 60_000 - age, running: true });
    return document.getElementById("exam-end").hidden;
  });
}"""


def test_a_message_from_before_the_last_answer_is_not_shown_but_one_after_a_restart_is(web):
    with web.appliance("virtual://chest?fps=5&size=100") as url, web.opened(url) as page:
        assert page.evaluate(STATES, [1, 9_999, 0, 10_001, 3e9]) == [True, True, False, False, False]


@contextmanager
def demo(data_dir):
    command = [sys.executable, "-m", "edge.cli", "demo", "--port", "0", "--model", str(BUILT_IN / "lung-s")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "SONOEDGE_DATA_DIR": str(data_dir)}) as process:
        try:
            yield next(found[0] for line in process.stderr if (found := re.search(r"http://\S+/", line)))
        finally:
            process.terminate()


@pytest.mark.slow
def test_the_demo_goes_through_the_six_zones_without_a_touch(web, tmp_path):
    with demo(tmp_path) as url, web.opened(url) as page:
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        for number, zone in enumerate(("L1", "L2", "L3", "R1", "R2", "R3"), 1):
            web.until(page, f"document.querySelector('#zones [data-zone={zone}]').className === 'done'")
            assert f"{number} of 6 zones done" in page.inner_text("#exam-title")
        web.until(page, "document.getElementById('guide').dataset.code === 'EXAM_DONE'")
        assert "SIMULATED" in page.inner_text("body")


@pytest.mark.slow
def test_a_probe_without_remote_settings_is_recorded_anyway_and_marked(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250&depth_mm=60&fixed=1") as url, web.opened(url) as page:
        page.click("#exam-begin")
        web.until(page, "document.getElementById('guide').textContent.includes('Increase the depth to 80 mm')")
        page.click("#exam-anyway")
        web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'done'")
        assert "recorded anyway: TOO_SHALLOW" in page.inner_text("#zones [data-zone=L1]")
        assert "1 zone recorded anyway" in page.inner_text("#exam-state")


@pytest.mark.slow
def test_a_probe_with_remote_settings_is_set_by_the_protocol(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250&depth_mm=60") as url, web.opened(url) as page:
        web.until(page, "document.getElementById('quality').innerText.includes('TOO_SHALLOW')")
        page.click("#exam-begin")
        web.until(page, "!document.getElementById('quality').innerText.includes('TOO_SHALLOW')")
        web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'done'")
        assert "recorded anyway" not in page.inner_text("#zones")


REFUSED = "the server responded with a status of"
"""The browser logs each refused request."""
ON_TOP = """(() => {
  const { x, y, width, height } = document.getElementById("skip-problem").getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2)?.id === "skip-problem";
})()"""
HELD = "/good for (?!0\\.0 )|saving the clip|1 of \\d+ zones done/.test(document.body.textContent)"
"""The exam goes on behind the dialog."""
COUNT_TICKS = """
window.ticks = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.ticks += 1; return make.call(this); };
"""


@pytest.mark.slow
def test_another_reason_without_a_note_is_refused_in_the_dialog_itself(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250") as url, web.opened(url, tolerated=REFUSED) as page:
        page.click("#exam-begin")
        page.click("#exam-skip")
        page.click("[data-reason=other]")
        web.until(page, ON_TOP)
        web.until(page, HELD)
        assert page.evaluate(ON_TOP)
        page.fill("#skip-note", "The arm is in plaster")
        page.click("[data-reason=other]")
        web.until(page, "!document.getElementById('skip').open")
        page.click("#exam-skip")
        web.until(page, "document.getElementById('skip').open && document.getElementById('skip-problem').hidden")


@pytest.mark.slow
def test_a_good_image_ticks_while_a_zone_is_taken_and_not_before(web):
    with (
        web.appliance("virtual://chest?fps=15&b_lines=2&size=250") as url,
        web.opened(url, before=lambda page: page.add_init_script(COUNT_TICKS)) as page,
    ):
        page.click("h1")  # a browser plays no sound before the first touch
        web.until(page, "document.getElementById('guide').dataset.code === 'GOOD'")
        page.wait_for_timeout(1500)
        assert page.evaluate("window.ticks") == 0
        page.click("#exam-begin")
        web.until(page, "window.ticks > 0")


@pytest.mark.slow
def test_advice_disappears_with_its_frames(web, tmp_path):
    probe = web.emulate(tmp_path / "probe", "--b-lines", "2", "--size", "250")
    with web.appliance(f"serial://{tmp_path}/probe") as url, web.opened(url) as page:
        web.until(page, "document.getElementById('guide').textContent !== ''")
        probe.send_signal(signal.SIGSTOP)
        web.until(page, "document.getElementById('guide').textContent === ''")
        probe.send_signal(signal.SIGCONT)
        web.until(page, "document.getElementById('guide').textContent !== ''")
        page.click("#freeze")
        web.until(page, "document.getElementById('guide').textContent === ''")
    web.end(probe)


@pytest.mark.slow
def test_depth_is_marked_in_centimetres_and_the_sound_can_be_muted(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2") as url, web.opened(url) as page:
        web.until(page, "document.getElementById('scale').textContent.includes('centimetre')")
        assert page.inner_text("#sound") == "Sound on"
        page.click("#sound")
        assert page.inner_text("#sound") == "Sound off"
        page.reload()
        web.until(page, "document.getElementById('sound').textContent === 'Sound off'")
