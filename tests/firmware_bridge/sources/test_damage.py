"""A source of damaged frames alone states it; one that also gives whole frames does not."""

import pytest

from firmware_bridge.sources.damage import DamageWatch


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(clock):
    return DamageWatch("the probe at x", "Check its cable", clock)


def step(clock, seconds):
    clock.now_s += seconds


def test_nothing_but_damage_is_stated_with_its_count_and_cause(watch, clock):
    for _ in range(40):
        step(clock, 0.1)
        watch.lost(2, "a wrong checksum")
    notice = watch.notice
    assert notice.code == "probe-damaged"
    assert "the probe at x gives only damaged frames: none of 80 in 4 s is whole (a wrong checksum)" in notice.what
    assert notice.fix == "Check its cable"


def test_one_whole_frame_ends_it(watch, clock):
    for _ in range(40):
        step(clock, 0.1)
        watch.lost(1, "x")
    watch.given()
    watch.lost(1, "x")
    assert watch.notice is None


def test_some_damage_between_whole_frames_is_only_counted(watch, clock):
    for _ in range(200):
        step(clock, 0.1)
        watch.lost(1, "x")
        if clock.now_s % 2 < 0.1:
            watch.given()
    assert watch.notice is None


def test_silence_is_not_damage(watch, clock):
    watch.lost(1, "x")
    step(clock, 60)
    assert watch.notice is None
