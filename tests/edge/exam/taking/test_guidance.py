"""One line and one colour: the most useful next step, without flicker, and never an old one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.taking.gate import Gate
from edge.exam.taking.guidance import FRESH_S, SETTLE_S, Advice, Colour, Guide, Situation, advise
from edge.records.exams.states import SkipReason
from edge.vision.quality import Quality, Reason, checks
from firmware_bridge.frame import AcquisitionSettings

BLUE = load_catalogue().named("blue-6")
GOOD = Quality(0)
SPOILING = [check.code for check in checks() if check.spoils]


def poor(*codes: str, spoils: bool = True) -> Quality:
    return Quality(0, tuple(Reason(code, 1.0, 0.0, f"Mend {code}", spoils) for code in codes))


def shallow() -> Gate:
    return Gate(BLUE.acquisition("L1")).seen(AcquisitionSettings(depth_mm=60))


def stated(advice: Advice) -> tuple[str, str, Colour]:
    return advice.code, advice.text, advice.colour


def test_without_an_exam_it_tells_of_the_image() -> None:
    assert stated(advise(Situation(GOOD))) == ("GOOD", "Good image", Colour.GREEN)
    assert stated(advise(Situation(poor("TOO_DARK")))) == ("TOO_DARK", "Mend TOO_DARK", Colour.RED)


@pytest.mark.parametrize("code", SPOILING)
def test_every_reason_that_spoils_an_image_is_reported_with_its_sentence(code: str) -> None:
    assert stated(advise(Situation(poor(code)))) == (code, f"Mend {code}", Colour.RED)


def test_the_first_reason_that_spoils_the_image_is_reported_and_one_that_does_not_is_not() -> None:
    mixed = Quality(0, poor("TEXT_IN_IMAGE", spoils=False).reasons + poor("TOO_DARK", "BLURRED").reasons)
    assert advise(Situation(mixed)).code == "TOO_DARK"
    assert advise(Situation(poor("TEXT_IN_IMAGE", spoils=False))).code == "GOOD"


def test_the_probes_settings_come_before_the_image_and_until_the_operator_records_anyway() -> None:
    gate = shallow()
    assert stated(advise(Situation(poor("TOO_DARK"), gate))) == ("TOO_SHALLOW", "Increase the depth to 80 mm or more", Colour.RED)
    assert advise(Situation(poor("TOO_DARK"), gate.refused())).code == "TOO_SHALLOW"
    assert advise(Situation(poor("TOO_DARK"), gate.record_anyway())).code == "TOO_DARK"


def test_no_image_is_good_and_nothing_counts_while_the_disk_records_nothing() -> None:
    for situation in (Situation(GOOD), Situation(poor("TOO_DARK")), Situation(GOOD, shallow(), Exam.begin(BLUE), held_s=2.0)):
        advice = advise(replace(situation, recorded=False))
        assert (advice.code, advice.colour) == ("NOT_RECORDED", Colour.RED)


def test_while_a_zone_is_held_it_counts() -> None:
    held = Situation(GOOD, exam=Exam.begin(BLUE), held_s=2.14)
    assert stated(advise(held)) == ("HOLD", "Hold still: 2.1 of 3 s", Colour.GREEN)


def test_a_kept_zone_leads_to_the_next_until_the_probe_is_there() -> None:
    exam = Exam.begin(BLUE).keep()
    place = "1 of 6 zones done. Next L2, Left lower BLUE-point: "
    line = f"{place}lift the probe, then put it there, with gel. Recording begins there"
    for quality in (GOOD, poor("MOVING_FAST"), poor("NO_CONTACT")):
        assert stated(advise(Situation(quality, exam=exam, must_lift=True))) == ("NEXT_ZONE", line, Colour.AMBER)
    on_its_way = stated(advise(Situation(poor("NO_CONTACT"), exam=exam)))
    assert on_its_way == ("NEXT_ZONE", f"{place}put the probe there, with gel", Colour.AMBER)
    assert advise(Situation(poor("TOO_DARK"), exam=exam)).code == "TOO_DARK", "there, and not good yet"


def test_an_exam_that_is_over_says_so_whatever_the_probe_shows() -> None:
    exam = Exam.begin(BLUE).keep()
    for zone in exam.open_zones:
        exam = exam.skip(zone, SkipReason.PAIN)
    for quality in (GOOD, poor("NO_CONTACT")):
        assert stated(advise(Situation(quality, exam=exam))) == (
            "EXAM_DONE",
            "The exam is complete: 1 of 6 zones done, 5 skipped",
            Colour.GREEN,
        )


def played(guide: Guide, qualities: list[Quality], begin: float = 0.0) -> list[str]:
    return [guide.advice(Situation(quality), begin + number * 0.04).code for number, quality in enumerate(qualities)]


def test_what_is_worse_is_shown_at_once_and_what_is_milder_once_it_has_settled() -> None:
    shown = played(Guide(), [GOOD] * 5 + [poor("TOO_DARK")] * 5 + [GOOD] * 10)
    settled = 10 + next(number for number in range(10) if number * 0.04 >= SETTLE_S)
    assert shown == ["GOOD"] * 5 + ["TOO_DARK"] * (settled - 5) + ["GOOD"] * (20 - settled)


def test_it_does_not_flicker_where_the_image_does() -> None:
    shown = played(Guide(), [poor("TOO_DARK"), GOOD] * 40)
    assert shown == ["TOO_DARK"] * 80
    shown = played(Guide(), [poor("TOO_DARK"), poor("BLURRED")] * 40)
    assert shown == ["TOO_DARK"] * 80, "of two faults the more important one stays"


def test_the_same_advice_shows_its_newest_figure() -> None:
    guide, exam = Guide(), Exam.begin(BLUE)
    texts = [guide.advice(Situation(GOOD, exam=exam, held_s=held), held).text for held in (0.0, 0.1, 0.2)]
    assert texts == ["Hold still: 0.0 of 3 s", "Hold still: 0.1 of 3 s", "Hold still: 0.2 of 3 s"]


def test_an_advice_knows_when_it_was_last_true_and_is_not_shown_when_it_is_old() -> None:
    guide = Guide()
    advice = guide.advice(Situation(poor("TOO_DARK")), 0.0)
    assert (advice.at, advice.fresh(FRESH_S), advice.fresh(FRESH_S + 0.01)) == (0.0, True, False)
    assert guide.advice(Situation(GOOD), 0.04).at == 0.0
    assert guide.advice(Situation(GOOD), 0.5).code == "GOOD", "after a silence the old advice does not come back"


situations = st.lists(st.tuples(st.floats(0.001, 0.5), st.sampled_from(["", *SPOILING])), min_size=1, max_size=60)


@given(sequence=situations)
def test_what_is_reported_is_never_old_and_never_milder_than_the_moment(sequence: list[tuple[float, str]]) -> None:
    guide, now = Guide(), 0.0
    for step, code in sequence:
        now += step
        situation = Situation(poor(code) if code else GOOD)
        reported = guide.advice(situation, now)
        assert reported.fresh(now)
        assert reported.urgency <= advise(situation).urgency
