from dataclasses import replace
from math import isinf

import numpy as np
import pytest

from edge.probe.check import STEPS, Compared, Measured, Run
from edge.probe.pool import Held
from edge.probe.verdict import Verdict, judge, rules, verdict_of
from firmware_bridge.frame import AcquisitionSettings

HEALTHY = Measured(Held.AIR, 25, AcquisitionSettings(), np.zeros(128), np.full(STEPS, 200.0), np.zeros((128, STEPS), np.uint8), ())


def verdict(measured, compared=None):
    return verdict_of(judge(measured, compared))


@pytest.mark.parametrize(
    ("runs", "wanted"),
    [
        ((), Verdict.PASS),
        ((Run(4, 4),), Verdict.WATCH),
        ((Run(4, 4), Run(9, 9), Run(99, 99)), Verdict.WATCH),
        ((Run(4, 5),), Verdict.STOP),
        ((Run(4, 4), Run(9, 9), Run(99, 99), Run(120, 120)), Verdict.STOP),
    ],
)
def test_one_dead_element_is_watched_and_two_neighbours_or_four_stop_the_probe(runs, wanted):
    assert verdict(replace(HEALTHY, runs=runs)) is wanted


@pytest.mark.parametrize(
    ("loss", "wanted"), [(-30, Verdict.PASS), (7.9, Verdict.PASS), (8, Verdict.WATCH), (19.9, Verdict.WATCH), (20, Verdict.STOP)]
)
def test_a_loss_is_watched_and_a_large_one_stops_the_probe(loss, wanted):
    assert verdict(HEALTHY, Compared(loss, 0.0)) is wanted


def test_a_picture_that_has_changed_is_watched():
    assert verdict(HEALTHY, Compared(0.0, 0.5)) is Verdict.WATCH


def test_an_uneven_array_is_reported_only_in_air():
    uneven = replace(HEALTHY, profile=np.tile([0.0, -50.0], 64))
    assert verdict(uneven) is Verdict.STOP
    assert verdict(replace(uneven, held=Held.CLINICAL)) is Verdict.PASS


def test_unseen_elements_cannot_pass_and_do_not_hide_known_faults():
    part = replace(HEALTHY, unseen=(Run(100, 127),))
    assert verdict(part) is Verdict.CANT_TELL
    assert verdict(replace(part, runs=(Run(4, 4),))) is Verdict.CANT_TELL
    assert verdict(replace(part, runs=(Run(4, 5),))) is Verdict.STOP


def test_clinical_pictures_without_a_geometry_only_ask_for_a_check_in_air():
    unsure = replace(HEALTHY, runs=(Run(4, 9),), unsure=5)
    assert verdict(unsure) is Verdict.STOP
    clinical = judge(replace(unsure, held=Held.CLINICAL))
    assert {reason.verdict for reason in clinical} == {Verdict.WATCH}
    assert all("in air" in reason.advice for reason in clinical)


def test_every_rule_says_what_was_found_what_to_do_and_where_its_limit_comes_from():
    assert {rule.code for rule in rules()} == {"DEAD_ELEMENTS", "MANY_DEAD_ELEMENTS", "WEAKER", "CHANGED", "UNEVEN"}
    for rule in rules():
        assert rule.says
        assert rule.advice
        assert rule.source
        assert rule.watch < rule.stop or isinf(rule.watch)
    (reason,) = judge(replace(HEALTHY, runs=(Run(40, 40, (20.4, 20.4)),)))
    assert "40 (20.4 mm from the left edge)" in reason.says
