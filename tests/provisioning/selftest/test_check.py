"""A check that fails, raises, hangs or checks nothing never passes, and no number is without its limit."""

from threading import Event

import pytest

from firmware_bridge.errors import InputRefused
from provisioning.selftest.check import ALWAYS, BY_HAND, Answer, Check, Level, State, judged, measure, not_tested, run_checks, verdict
from provisioning.selftest.limits import LIMITS, Limit


def result_of(run, **facts):
    (result,) = run_checks([Check("asked", run, **facts)], Level.FIELD)
    return result


def states(*answers, essential=frozenset()):
    return verdict(run_checks([Check(str(n), lambda a=a: a, essential=essential) for n, a in enumerate(answers)], Level.FIELD))


GOOD, WATCHED, BAD = (Answer(state, "seen") for state in (State.PASSED, State.WATCH, State.FAILED))
LEFT = not_tested("no sensor")


@pytest.mark.parametrize(
    ("value", "limit", "state"),
    [
        (25, Limit("ms", 25, 100), State.PASSED),
        (25.1, Limit("ms", 25, 100), State.WATCH),
        (100.1, Limit("ms", 25, 100), State.FAILED),
        (300, Limit("MiB", 300, 150, least=True), State.PASSED),
        (299, Limit("MiB", 300, 150, least=True), State.WATCH),
        (149, Limit("MiB", 300, 150, least=True), State.FAILED),
        (9e9, Limit("mA", 1200), State.WATCH),
    ],
)
def test_a_number_is_judged_by_its_limit(value, limit, state):
    assert measure("number", value, limit).state == state


def test_a_limit_reads_as_a_sentence():
    assert str(Limit("ms", 25, 1000)) == "at most 25, never above 1,000"
    assert str(Limit("files", 20_000, 2000, least=True)) == "at least 20,000, never below 2,000"
    assert str(Limit("mA", 1200)) == "at most 1,200"


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_of_the_table_can_be_met_and_is_watched_before_it_fails(name):
    limit = LIMITS[name]
    assert measure(name, limit.watch).state is State.PASSED
    assert limit.fail is None or measure(name, limit.fail).state is State.WATCH


def test_what_is_not_a_number_fails():
    result = result_of(lambda: judged("seen", [measure("cores", float("nan"))]))
    assert (result.state, result.detail) == (State.FAILED, "ValueError: cores is not a number")


def test_the_worst_of_all_that_was_seen_counts():
    fast, slow = measure("write p50", 1), measure("write p99", 1e6)
    assert judged("seen", [fast], "step").next_step == ""
    assert judged("seen", [fast, slow], "step") == Answer(State.FAILED, "seen", (fast, slow), "step")
    assert judged("seen", [fast], "step", [State.WATCH]).state is State.WATCH


def test_an_error_becomes_a_failed_check_with_its_reason():
    def broken():
        raise OSError(5, "Input/output error", "/dev/mmcblk0")

    def refused():
        raise InputRefused("The model is damaged", "Install it again")

    assert "Input/output error: '/dev/mmcblk0'" in result_of(broken).detail
    assert (result_of(refused).detail, result_of(refused).next_step) == ("The model is damaged", "Install it again")
    assert {result_of(broken).state, result_of(refused).state} == {State.FAILED}


def test_a_check_that_hangs_fails_and_the_next_one_runs():
    never = Event()
    hung, after = run_checks([Check("hung", lambda: never.wait() and GOOD, limit_s=0.05), Check("after", lambda: GOOD)], Level.FIELD)
    never.set()
    assert (hung.state, hung.detail) == (State.FAILED, "No answer within 0.05 s")
    assert after.state is State.PASSED


def test_a_check_that_does_not_state_what_it_checked_fails():
    assert result_of(lambda: Answer(State.PASSED, "")).state is State.FAILED


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((), State.FAILED),
        ((LEFT, LEFT), State.FAILED),
        ((GOOD, LEFT), State.PASSED),
        ((GOOD, WATCHED, LEFT), State.WATCH),
        ((GOOD, WATCHED, BAD), State.FAILED),
    ],
)
def test_the_verdict_passes_only_if_something_was_tested_and_nothing_failed(answers, expected):
    assert states(*answers) is expected


def test_an_essential_check_that_was_not_tested_fails_the_board_at_its_level_only():
    assert states(GOOD, LEFT, essential=BY_HAND) is State.FAILED
    assert states(GOOD, LEFT, essential=frozenset({Level.GATE})) is State.PASSED


def test_checks_of_the_appliance_merge_with_those_of_the_board(board_of, shown_checks):
    def latency():
        return judged("100 frames of the golden recording", [measure("frame p95", 31.0, Limit("ms", 50, 100))])

    appliance = (Check("latency", latency, essential=ALWAYS), Check("probe", lambda: not_tested("No probe is connected"), BY_HAND))
    results = {each.name: each for each in run_checks((*shown_checks(board_of()), *appliance), Level.FACTORY)}
    assert len(results) == 12
    assert results["latency"].measures[0].limit == "at most 50, never above 100"
    assert verdict(results.values()) is State.PASSED
    assert "probe" not in {each.name for each in run_checks(appliance, Level.GATE)}
