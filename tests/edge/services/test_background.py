"""Work in the background: one after another, its progress, its failures and its end."""

import threading
import time

import pytest

from edge.feedback.progress import Progress
from edge.services.background import IDLE, Background
from edge.services.busy import ApplianceBusy

PATIENCE_S = 20


@pytest.fixture
def background():
    made = Background()
    yield made
    made.close()


class Held:
    """A task that waits after its first step."""

    def __init__(self):
        self.go, self.runs, self.ended = threading.Event(), threading.Event(), False

    def __call__(self):
        try:
            yield Progress(1, 3)
            self.runs.set()
            self.go.wait(PATIENCE_S)
            yield Progress(2, 3)
        finally:
            self.ended = True


def failing():
    yield Progress(0, 1)
    raise ValueError("on purpose")


def idle(background, name):
    end = time.monotonic() + PATIENCE_S
    while background.work(name).running:
        assert time.monotonic() < end
        time.sleep(0.01)
    return background.work(name)


def test_the_work_of_one_name_runs_once_with_its_progress(background):
    first, second = Held(), Held()
    background.begin("figures", first)
    assert first.runs.wait(PATIENCE_S)
    background.begin("figures", second)
    assert (background.work("figures").done, background.work("figures").of) == (1, 3)
    first.go.set()
    assert idle(background, "figures") == IDLE
    assert not second.runs.is_set()


def test_another_work_waits_for_its_turn(background):
    first, second = Held(), Held()
    background.begin("figures", first)
    background.begin("cards", second)
    assert first.runs.wait(PATIENCE_S)
    assert background.work("cards").running
    assert not second.runs.is_set()
    first.go.set()
    assert second.runs.wait(PATIENCE_S)
    second.go.set()


def test_work_that_fails_is_stated_and_the_next_one_runs(background):
    second = Held()
    background.begin("figures", failing)
    background.begin("cards", second)
    assert second.runs.wait(PATIENCE_S)
    assert background.work("figures").failed
    second.go.set()
    assert not idle(background, "cards").failed


def test_a_stop_ends_the_work_and_begins_no_other(background, eventually):
    first, second = Held(), Held()
    background.begin("figures", first)
    background.begin("cards", second)
    assert first.runs.wait(PATIENCE_S)
    first.go.set()
    background.close()
    eventually(lambda: first.ended, "the work does not end")
    assert not second.runs.is_set()
    with pytest.raises(ApplianceBusy):
        background.begin("figures", first)
