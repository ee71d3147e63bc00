"""The cost of a hash: it has a target time, is measured once, and is measured again on another board."""

import json

import pytest

from edge.disk.layout import DataFolder
from edge.people import pin_tuning
from edge.people.pin import Parameters
from edge.people.pin_tuning import AIM_S, FASTEST_S, MEMORIES_KIB, SLOWEST_S, parameters_of, pins_of, tune


@pytest.mark.parametrize("one_pass_s", [0.02, 0.05, 0.11, 0.17])
def test_a_fast_board_uses_several_passes(one_pass_s):
    took = lambda asked: 0.02 + one_pass_s * asked.passes  # noqa: E731
    found = tune(took)
    assert FASTEST_S <= took(found) <= SLOWEST_S
    assert found.memory_kib == MEMORIES_KIB[0]


def test_a_slow_board_uses_less_memory():
    found = tune(lambda asked: 1.2 * asked.passes * asked.memory_kib / MEMORIES_KIB[0])
    assert found == Parameters(1, MEMORIES_KIB[1])
    assert AIM_S < SLOWEST_S


@pytest.fixture
def measured(monkeypatch):
    asked = []
    monkeypatch.setattr(pin_tuning, "tune", lambda: asked.append(1) or Parameters(len(asked), 8))
    return asked


def test_it_is_measured_once_and_stored(tmp_path, measured):
    assert parameters_of(tmp_path) == parameters_of(tmp_path) == Parameters(1, 8)
    assert json.loads((DataFolder(tmp_path).pin_hash).read_text())["memory_kib"] == 8


@pytest.mark.parametrize("stored", ["", "[]", '{"passes": 1}', '{"passes": 9, "memory_kib": 8, "board": "another"}'])
def test_a_damaged_measurement_or_one_from_another_board_is_measured_again(tmp_path, measured, stored):
    (DataFolder(tmp_path).pin_hash).write_text(stored)
    assert parameters_of(tmp_path) == Parameters(1, 8)


def test_nothing_is_measured_before_there_is_a_pin(tmp_path, measured):
    pins = pins_of(tmp_path)
    assert measured == []
    assert pins.holds(pins.keep("482915"), "482915")
    assert measured == [1]
