"""A check from frames to the record: baseline, comparison, notices."""

from dataclasses import replace

import numpy as np
import pytest

from edge.probe.pool import FRAMES, Held, Pool
from edge.probe.record import Asked, conclude
from edge.records.probe_checks import ProbeChecks
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

INFO = SourceInfo("virtual://", "chest", Origin.SIMULATED, "virtual probe", "1.0", "V-1")


@pytest.fixture
def store(tmp_path):
    return ProbeChecks(tmp_path)


def pooled(air=1.0, again=5, geometry=None, gain_db=60.0, **faults):
    chest = Chest(gain_db=gain_db, faults=Faults(air=air, **faults))
    count = FRAMES[Held.AIR if air else Held.CLINICAL]
    drawn = [chest.image(i * 0.4) for i in range(count // again)]
    pool = Pool()
    for i in range(count):
        pool.add(Frame(drawn[i % len(drawn)], i, i, i, geometry or chest.geometry, chest.settings, simulated=True))
    return pool


def test_the_first_check_in_air_that_passes_is_the_baseline(store):
    ill = conclude(pooled(dead=(4,)), Asked(), INFO, store)
    first = conclude(pooled(), Asked(), INFO, store)
    second = conclude(pooled(), Asked(), INFO, store)
    assert (ill.verdict, ill.is_baseline) == ("watch", False)
    assert (first.verdict, first.is_baseline, first.loss) == ("pass", True, None)
    assert (second.verdict, second.is_baseline, second.baseline_at) == ("pass", False, first.at)
    assert abs(second.loss) < 0.5
    assert second.correlation > 0.99
    assert [one.verdict for one in store.history("V-1").checks] == ["watch", "pass", "pass"]


def test_a_loss_of_three_decibels_is_watched_and_one_of_ten_stops_the_probe(store):
    conclude(pooled(), Asked(), INFO, store)
    three, ten = (conclude(pooled(loss_db=loss), Asked(), INFO, store) for loss in (3.0, 10.0))
    assert (three.verdict, three.reasons[0].code) == ("watch", "WEAKER")
    assert (ten.verdict, ten.reasons[0].code) == ("do not use", "WEAKER")


def test_a_new_baseline_is_made_only_of_a_check_in_air_that_passes(store):
    conclude(pooled(), Asked(), INFO, store)
    weak = conclude(pooled(loss_db=3.0), Asked(new_baseline=True), INFO, store)
    ill = conclude(pooled(dead=(40, 41)), Asked(new_baseline=True), INFO, store)
    again = conclude(pooled(loss_db=3.0), Asked(), INFO, store)
    assert weak.is_baseline
    assert not ill.is_baseline
    assert any("not a baseline" in notice for notice in ill.notices)
    assert (again.verdict, again.baseline_at) == ("pass", weak.at)


def test_other_settings_than_in_the_baseline_are_reported_and_not_compared(store):
    conclude(pooled(), Asked(), INFO, store)
    other = conclude(pooled(gain_db=66.0), Asked(), INFO, store)
    assert (other.verdict, other.reasons[0].code, other.loss) == ("watch", "OTHER_SETTINGS", None)
    assert "gain_db 66.0 (baseline 60.0)" in other.reasons[0].says


def test_another_number_of_elements_cannot_be_compared(store):
    conclude(pooled(), Asked(), INFO, store)
    other = conclude(pooled(), Asked(elements=96), INFO, store)
    assert (other.verdict, other.reasons[0].code) == ("can't tell", "OTHER_ARRAY")


def test_probes_without_a_serial_number_are_compared_with_nothing(store):
    nameless = replace(INFO, serial_number="")
    checks = [conclude(pooled(loss_db=loss), Asked(), nameless, store) for loss in (0.0, 10.0)]
    assert not any(one.is_baseline or one.baseline_at for one in checks)
    assert all(any("no serial number" in notice for notice in one.notices) for one in checks)
    assert len(store.history("").checks) == 2


def test_on_the_skin_a_dead_pair_stops_the_probe_and_no_loss_is_claimed(store):
    conclude(pooled(), Asked(), INFO, store)
    ill = conclude(pooled(air=0.0, again=50, dead=(40, 41)), Asked(), INFO, store)
    assert (ill.verdict, ill.held, ill.loss) == ("do not use", "clinical", None)
    (run,) = ill.dead
    assert (run.first, run.last) == (40, 41)
    assert any("no loss" in notice for notice in ill.notices)


def test_a_check_without_a_result_is_stored_and_never_passes(store):
    frozen = conclude(pooled(frozen=True), Asked(), INFO, store)
    few = conclude(Pool(), Asked(), INFO, store)
    assert (frozen.verdict, few.verdict) == ("can't tell", "can't tell")
    assert (frozen.reasons[0].code, few.reasons[0].code) == ("FROZEN", "TOO_FEW_FRAMES")
    assert len(store.history("V-1").checks) == 2


def test_a_check_without_a_geometry_states_what_is_not_judged(store):
    done = conclude(pooled(geometry=Geometry()), Asked(), INFO, store)
    assert any("outermost" in notice for notice in done.notices)


def test_a_check_waits_for_as_many_frames_as_its_mode_needs_and_not_for_ever():
    pool = pooled()
    assert Asked().done(pool)
    assert Asked(Held.AIR).done(pool)
    assert not Asked(Held.CLINICAL).done(pool)
    useless = pool
    for i in range(600):
        useless.add(Frame(np.zeros((40, 40), np.uint8), i, i, i))
    assert Asked(Held.CLINICAL).done(useless)
