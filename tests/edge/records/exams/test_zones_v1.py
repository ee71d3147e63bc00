"""Record version 1 of the zones, on a real record of release 0.1.0: read, written back to the letter, and noticed where it wrote last."""

import json
from pathlib import Path

import pytest

from edge.records.exams.clips import NewClip
from edge.records.exams.exams import Exams
from edge.records.exams.file import read_file
from edge.records.exams.forms import Step
from edge.records.exams.zones_v1 import assessment_in, downgraded, finding_v1, findings_in, sealed, states_of, upgraded
from edge.records.schema import ClipRow, ExamRow

FILE = Path(__file__).parent / "release_0_1_0" / "exam.json"
ZONES = json.loads(FILE.read_text())["exam"]
STATES = {
    "record_version": 2,
    "selected": "R2",
    "zones": {
        "L1": {"overridden": ["TOO_DEEP"], "state": "done"},
        "L2": {"reason": "other", "note": "a cast", "state": "skipped"},
        "R1": {"overridden": [], "state": "done"},
    },
}


def test_the_states_of_a_record_of_release_0_1_0_hold_no_findings():
    assert upgraded(ZONES) == STATES


def test_its_answer_on_a_clip_is_split_and_joined_again_to_the_letter():
    answers = {zone: finding_v1(assessment_in(ZONES, zone), findings_in(ZONES, zone)) for zone in ("L1", "R1")}
    assert downgraded(read_file(FILE.read_bytes()), STATES, {}, answers) == ZONES


def test_a_zone_that_stays_done_keeps_the_answer_that_it_had_and_a_reopened_one_has_none():
    reopened = {**STATES, "selected": "L1", "zones": {"R1": STATES["zones"]["R1"]}}
    after = downgraded(read_file(FILE.read_bytes()), reopened, ZONES, {})
    assert after["zones"] == {"R1": ZONES["zones"]["R1"]}


def test_findings_of_a_clip_that_cannot_be_assessed_are_unsure():
    assert {each.key: each.verdict for each in findings_in(ZONES, "L1")} == {
        "b_lines": "present",
        "a_lines": "absent",
        "severity_2_plus": "present",
    }
    assert {each.verdict for each in findings_in(ZONES, "R1")} == {"unsure"}
    assert findings_in(ZONES, "L2") == findings_in({}, "L1") == ()


def test_states_hold_until_release_0_1_0_has_written_others():
    newer = {**STATES, "pace": "slow"}
    assert states_of(ZONES, sealed(newer, ZONES)) == newer
    changed = {**ZONES, "zones": {}, "selected": "L1"}
    assert states_of(changed, sealed(newer, ZONES)) == upgraded(changed)
    assert states_of(ZONES, None) == STATES


@pytest.mark.parametrize("spoilt", [{}, {"zones": 3}, {"zones": {"L1": 3}}, {"zones": {"L1": {"finding": 3}}}])
def test_a_damaged_record_stops_nothing(spoilt):
    upgraded(spoilt)
    assert (assessment_in(spoilt, "L1"), findings_in(spoilt, "L1")) == (None, ())


@pytest.fixture
def exam(store, made):
    """A draft as release 0.1.0 left it: the columns that it does not know are empty."""
    begun = Exams(store).begin("sara", made.exam(), made.states)
    for zone in ("L1", "R1"):
        Exams(store).keep("sara", begun.id, made.step(zone=zone), NewClip(zone, "", "", 0, 1, 60, "itself", (), 80.0), (), simulated=False)
    as_0_1_0_left_it(store, begun.id, ZONES)
    return begun


def as_0_1_0_left_it(store, exam_id, zones):
    with store.write() as change:
        change.session.get(ExamRow, exam_id).zones = zones
        change.session.query(ClipRow).update({ClipRow.assessment: None})
        change.log("tester", "exam.as-0.1.0-left-it", f"exam/{exam_id}")


def test_an_exam_of_release_0_1_0_is_read_and_its_answers_stay_when_its_zones_change(store, exam):
    exams = Exams(store)
    assert exams.get(exam.id).zone_states == STATES
    before = exams.clips(exam.id)
    assert [clip.assessment for clip in before] == [assessment_in(ZONES, "L1"), assessment_in(ZONES, "R1")]
    reopened = {**STATES, "selected": "L1", "zones": {zone: STATES["zones"][zone] for zone in ("L2", "R1")}}
    after = exams.step("sara", exam.id, Step("zone.reopened", {"zone": "L1"}, reopened, again="L1"))
    assert (after.zone_states, after.zones["zones"].keys()) == (reopened, {"L2", "R1"})
    assert [clip.assessment for clip in exams.clips(exam.id)] == [clip.assessment for clip in before]


def test_a_zone_that_release_0_1_0_closed_after_a_return_to_it_is_noticed(store, exam):
    exams = Exams(store)
    exams.step("sara", exam.id, Step("zone.selected", {}, {**STATES, "selected": "L3"}))
    as_0_1_0_left_it(
        store, exam.id, {**ZONES, "selected": "R3", "zones": {**ZONES["zones"], "R2": {"state": "skipped", "reason": "pain", "note": ""}}}
    )
    read = exams.get(exam.id)
    assert (read.zone_states["selected"], read.zone_states["zones"].keys()) == ("R3", {"L1", "L2", "R1", "R2"})
    assert exams.clips(exam.id)[0].assessment == assessment_in(ZONES, "L1")


def test_keys_of_a_newer_program_stay_with_a_zone_as_long_as_the_zone(store, exam):
    exams = Exams(store)
    newer = {**STATES, "pace": "slow", "zones": {**STATES["zones"], "R1": {**STATES["zones"]["R1"], "side": "left"}}}
    exams.step("sara", exam.id, Step("zone.selected", {}, newer))
    after = exams.step("sara", exam.id, Step("zone.selected", {}, {**STATES, "selected": "L3"}))
    assert (after.zone_states["pace"], after.zone_states["zones"]["R1"]["side"]) == ("slow", "left")
