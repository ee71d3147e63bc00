"""The preset gate: what the probe reports against what the protocol asks, and what becomes of it."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.protocol import Acquisition
from edge.exam.taking.gate import Gate, GateCode, GateState, check, wanted
from edge.vision.measure import Measured
from edge.vision.quality import Limits, assess
from firmware_bridge.frame import AcquisitionSettings, Shape

ASKED = load_catalogue().named("blue-6").acquisition("L1")
USUAL = Measured(bright=97, saturated=0, contact=0.97, off_skin="left", haze=0.03, sharpness=0.447, foreign=-8, text=0, motion=0.015)
RIGHT = AcquisitionSettings(depth_mm=100, frequency_mhz=3.5, preset="Lung convex")


@pytest.mark.parametrize(
    ("settings", "code", "advice"),
    [
        (replace(RIGHT, depth_mm=60), GateCode.TOO_SHALLOW, "Increase the depth to 80 mm or more"),
        (replace(RIGHT, depth_mm=180), GateCode.TOO_DEEP, "Decrease the depth to 160 mm or less"),
        (replace(RIGHT, frequency_mhz=1.5), GateCode.FREQUENCY_LOW, "Raise the frequency to 2 MHz or more"),
        (replace(RIGHT, frequency_mhz=12), GateCode.FREQUENCY_HIGH, "Lower the frequency to 7.5 MHz or less"),
        (replace(RIGHT, preset="Cardiac"), GateCode.WRONG_PRESET, 'The probe is set to "Cardiac". Choose its lung preset'),
        (replace(RIGHT, depth_mm=-3), GateCode.SETTINGS_IMPLAUSIBLE, "The probe reports an impossible depth: -3"),
        (replace(RIGHT, depth_mm=math.nan), GateCode.SETTINGS_IMPLAUSIBLE, "impossible depth: nan"),
        (replace(RIGHT, depth_mm=math.inf), GateCode.SETTINGS_IMPLAUSIBLE, "impossible depth: inf"),
        (replace(RIGHT, frequency_mhz=0), GateCode.SETTINGS_IMPLAUSIBLE, "impossible frequency: 0"),
        (replace(RIGHT, mechanical_index=99), GateCode.SETTINGS_IMPLAUSIBLE, "impossible mechanical index: 99"),
    ],
)
def test_each_fault_has_its_code_and_what_to_do(settings: AcquisitionSettings, code: GateCode, advice: str) -> None:
    (refusal,) = check(ASKED, settings, Shape.CURVILINEAR).refusals
    assert refusal.code is code
    assert refusal.advice.startswith(advice) or advice in refusal.advice


def test_depths_of_60_100_and_180_mm_are_too_shallow_right_and_too_deep() -> None:
    codes = [[each.code for each in check(ASKED, replace(RIGHT, depth_mm=depth)).refusals] for depth in (60, 80, 100, 160, 180)]
    assert codes == [[GateCode.TOO_SHALLOW], [], [], [], [GateCode.TOO_DEEP]]


def test_another_kind_of_probe_is_refused() -> None:
    (refusal,) = check(ASKED, RIGHT, Shape.LINEAR).refusals
    assert (refusal.code, refusal.reported, refusal.wanted) == (GateCode.WRONG_PROBE, "linear", "curvilinear or sector")


def test_what_the_probe_does_not_report_is_named_and_refuses_nothing() -> None:
    stated = check(ASKED, AcquisitionSettings())
    assert (stated.refusals, stated.unknown) == ((), ("depth", "frequency", "preset", "probe"))
    assert check(ASKED, RIGHT, Shape.SECTOR).unknown == ()


def test_without_a_preset_in_the_protocol_any_is_right() -> None:
    stated = check(ASKED.model_copy(update={"presets": ()}), replace(RIGHT, preset="Cardiac"), Shape.SECTOR)
    assert (stated.refusals, stated.unknown) == ((), ())


def test_what_is_pushed_changes_only_what_is_wrong() -> None:
    assert wanted(ASKED, RIGHT) == RIGHT
    pushed = wanted(ASKED, AcquisitionSettings(depth_mm=60, frequency_mhz=math.nan, preset="Cardiac"))
    assert pushed == AcquisitionSettings(depth_mm=80, frequency_mhz=4.75, preset="lung")


figures = st.none() | st.floats() | st.floats(-5, 500)


@st.composite
def any_settings(draw: st.DrawFn) -> AcquisitionSettings:
    return AcquisitionSettings(*(draw(figures) for _ in range(6)), preset=draw(st.none() | st.text(max_size=12)))


@st.composite
def any_acquisition(draw: st.DrawFn) -> Acquisition:
    depths, frequencies = (draw(st.lists(each, min_size=2, max_size=2, unique=True)) for each in (st.integers(5, 400), st.integers(1, 60)))
    presets = draw(st.lists(st.text(min_size=1, max_size=5), max_size=3, unique=True))
    reported = ASKED.model_dump() | {"depth_mm": sorted(depths), "frequency_mhz": sorted(frequencies), "presets": presets}
    return Acquisition.model_validate(reported)


@given(asked=any_acquisition(), settings=any_settings())
def test_a_probe_that_takes_what_is_pushed_is_refused_no_more(asked: Acquisition, settings: AcquisitionSettings) -> None:
    assert check(asked, wanted(asked, settings)).refusals == ()


@given(settings=any_settings(), shape=st.sampled_from(Shape))
def test_no_report_of_a_probe_is_too_strange_to_judge(settings: AcquisitionSettings, shape: Shape) -> None:
    stated = check(ASKED, settings, shape)
    assert all(refusal.advice and refusal.wanted for refusal in stated.refusals)


plausible = st.builds(AcquisitionSettings, depth_mm=st.none() | st.floats(5, 400), preset=st.none() | st.text(max_size=12))


@given(asked=any_acquisition(), settings=plausible)
@example(asked=ASKED.model_copy(update={"presets": ("Lung",)}), settings=AcquisitionSettings(preset="lung"))
@example(asked=ASKED.model_copy(update={"presets": ("cardiac",)}), settings=AcquisitionSettings(preset="lung"))
@example(asked=ASKED, settings=AcquisitionSettings(depth_mm=60.0, preset="abdomen"))
def test_the_gate_and_the_quality_of_a_frame_give_one_answer_in_the_same_words(asked: Acquisition, settings: AcquisitionSettings) -> None:
    measured = replace(USUAL, depth_mm=settings.depth_mm, preset=settings.preset)
    reasons = assess(0, measured, Limits(asked.depth_mm, asked.presets)).reasons
    refusals = check(asked, settings).refusals
    assert [(each.code.value, each.advice) for each in refusals] == [(each.code, each.advice) for each in reasons]


SHALLOW, DEEP = replace(RIGHT, depth_mm=60), replace(RIGHT, depth_mm=180)


def test_a_probe_within_the_limits_leaves_the_gate_open() -> None:
    gate = Gate(ASKED).seen(RIGHT)
    assert (gate.state, gate.may_record) == (GateState.OPEN, True)


def test_a_fault_is_asked_for_then_refused_and_mended_it_opens() -> None:
    asked = Gate(ASKED).seen(SHALLOW)
    assert (asked.state, asked.may_record, asked.codes) == (GateState.ASKED, False, (GateCode.TOO_SHALLOW,))
    refused = asked.refused()
    assert (refused.state, refused.may_record) == (GateState.REFUSED, False)
    assert refused.seen(SHALLOW).state is GateState.REFUSED
    assert refused.seen(RIGHT).state is GateState.OPEN


@pytest.mark.parametrize("gate", [Gate(ASKED).seen(SHALLOW), Gate(ASKED).seen(SHALLOW).refused()])
def test_recording_anyway_is_marked_and_counted_while_the_fault_is_the_same(gate: Gate) -> None:
    anyway = gate.record_anyway()
    assert (anyway.state, anyway.may_record, anyway.overrides, anyway.overridden) == (
        GateState.OVERRIDDEN,
        True,
        1,
        (GateCode.TOO_SHALLOW,),
    )
    assert anyway.seen(SHALLOW).record_anyway() == anyway
    assert anyway.seen(RIGHT).state is GateState.OPEN


def test_another_fault_than_the_overridden_one_closes_the_gate_again() -> None:
    closed = Gate(ASKED).seen(SHALLOW).record_anyway().seen(DEEP)
    assert (closed.state, closed.may_record, closed.overridden) == (GateState.ASKED, False, ())
    assert closed.record_anyway().overrides == 2


def test_there_is_nothing_to_refuse_or_override_at_an_open_gate() -> None:
    gate = Gate(ASKED).seen(RIGHT)
    assert gate.refused() == gate.record_anyway() == gate
