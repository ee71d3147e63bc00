"""Requests to set the source: one at a time; those that wait are sent as one, in which the last value of each setting wins."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from edge.people.actor import APPLIANCE_ACTOR
from edge.services.busy import ApplianceBusy
from edge.services.source import MOST, REST_S, SourceService
from firmware_bridge.errors import ProbeSilent
from firmware_bridge.frame import AcquisitionSettings


class Probe:
    """Takes the next request when a test lets it."""

    def __init__(self):
        self.asked, self.inside, self.going = [], threading.Event(), threading.Event()

    def apply(self, settings):
        self.asked.append(settings)
        self.inside.set()
        assert self.going.wait(30)
        return settings


def test_requests_during_another_one_are_sent_as_one_and_the_last_value_wins(eventually):
    probe = Probe()
    service = SourceService(probe.apply, pause=lambda _: None)
    later = [AcquisitionSettings(gain_db=40, depth_mm=80), *(AcquisitionSettings(gain_db=40 + n) for n in range(1, MOST))]
    with ThreadPoolExecutor(MOST + 1) as pool:
        first = pool.submit(service.set, APPLIANCE_ACTOR, AcquisitionSettings(depth_mm=90))
        assert probe.inside.wait(30)
        waiting = []
        for number, wanted in enumerate(later, 1):
            waiting.append(pool.submit(service.set, APPLIANCE_ACTOR, wanted))
            eventually(lambda number=number: service._next is not None and service._next.people == number, "it does not wait")
        with pytest.raises(ApplianceBusy):
            service.set(APPLIANCE_ACTOR, AcquisitionSettings(gain_db=99))
        probe.going.set()
        last = AcquisitionSettings(gain_db=40 + MOST - 1, depth_mm=80)
        assert first.result() == AcquisitionSettings(depth_mm=90)
        assert [each.result() for each in waiting] == [last] * MOST
    assert probe.asked == [AcquisitionSettings(depth_mm=90), last]


def test_the_source_rests_between_two_requests():
    clock, pauses = [100.0], []
    service = SourceService(lambda settings: settings, now=lambda: clock[0], pause=pauses.append)
    service.set(APPLIANCE_ACTOR, AcquisitionSettings(gain_db=40))
    clock[0] += 0.05
    service.set(APPLIANCE_ACTOR, AcquisitionSettings(gain_db=41))
    clock[0] += 60
    service.set(APPLIANCE_ACTOR, AcquisitionSettings(gain_db=42))
    assert pauses == [0, pytest.approx(REST_S - 0.05), 0]


def test_a_failure_is_reported_and_the_next_request_is_sent():
    answers = [ProbeSilent("it is silent", "Restart it"), AcquisitionSettings(gain_db=41)]

    def apply(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    service = SourceService(apply, pause=lambda _: None)
    with pytest.raises(ProbeSilent):
        service.set(APPLIANCE_ACTOR, AcquisitionSettings(gain_db=41))
    assert service.set(APPLIANCE_ACTOR, AcquisitionSettings(gain_db=41)).gain_db == 41
