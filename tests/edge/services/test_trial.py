"""A trial of the simulated chest on a real appliance without a probe: it ends by itself, and never during an exam."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from edge.appliance import Appliance
from edge.people.actor import NOBODY_ACTOR, SHELL_ACTOR, UNCLAIMED_ACTOR, NotAllowed
from edge.records.schema import AuditRow
from edge.services.trial import LASTS, TrialRefused
from edge.settings import Settings


@pytest.fixture(scope="module")
def appliance(tmp_path_factory):
    with Appliance(Settings(port=0, data_dir=tmp_path_factory.mktemp("data"), threads=1), wait_for_source=True) as running:
        yield running


@pytest.fixture
def trial(appliance, eventually):
    made = appliance.trial
    ran = made._ran
    yield made
    made._ran = ran
    if appliance.exam.status.running:
        appliance.exam.end(UNCLAIMED_ACTOR)
    made.end(SHELL_ACTOR)
    eventually(lambda: made.left_s is None and not appliance._keeper.trying, "the trial does not end")


@pytest.fixture
def pass_by(trial):
    """Lets this much time pass on the machine, in all."""

    def later(span):
        ran = trial._ran
        trial._ran = lambda: ran() + span

    return later


def acts(appliance):
    with appliance.store.read() as session:
        bodies = [json.loads(body) for body in session.scalars(select(AuditRow.body).order_by(AuditRow.seq))]
        return [(each["act"], each["actor"]) for each in bodies if each["act"].startswith("trial.")]


def simulated(appliance):
    info = appliance.source_status().info
    return info is not None and info.simulated


def test_it_streams_simulated_images_is_audited_and_ends_on_request(appliance, trial, eventually):
    before = len(acts(appliance))
    trial.begin(UNCLAIMED_ACTOR)
    eventually(lambda: simulated(appliance), "nothing is simulated")
    assert 0 < trial.left_s <= LASTS.total_seconds()
    trial.begin(UNCLAIMED_ACTOR)
    trial.end(SHELL_ACTOR)
    eventually(lambda: trial.left_s is None and not simulated(appliance), "the source does not come back")
    assert acts(appliance)[before:] == [("trial.began", UNCLAIMED_ACTOR.name), ("trial.ended", SHELL_ACTOR.name)]


def test_it_ends_by_itself(appliance, trial, pass_by, eventually):
    trial.begin(SHELL_ACTOR)
    eventually(lambda: simulated(appliance), "nothing is simulated")
    pass_by(LASTS)
    eventually(lambda: trial.left_s is None and not simulated(appliance), "the source does not come back")


def test_an_exam_prolongs_it_until_the_exam_ends(appliance, trial, pass_by, eventually):
    trial.begin(SHELL_ACTOR)
    eventually(lambda: simulated(appliance), "nothing is simulated")
    exam = appliance.exam.begin(UNCLAIMED_ACTOR)
    pass_by(LASTS + timedelta(hours=1))
    read = appliance.counts.received
    eventually(lambda: appliance.counts.received > read + 5, "no frames come")
    assert (trial.left_s, simulated(appliance), exam.simulated) == (0, True, True)
    with pytest.raises(TrialRefused, match="An exam is open"):
        trial.end(SHELL_ACTOR)
    appliance.exam.end(UNCLAIMED_ACTOR)
    eventually(lambda: trial.left_s is None and not simulated(appliance), "the source does not come back")


def test_a_recording_prolongs_it_until_it_ends(appliance, trial, pass_by, eventually):
    trial.begin(SHELL_ACTOR)
    eventually(lambda: simulated(appliance), "nothing is simulated")
    appliance.record(UNCLAIMED_ACTOR)
    pass_by(LASTS)
    received = appliance.counts.received
    eventually(lambda: appliance.counts.received > received + 5, "no frames come")
    assert trial.left_s == 0
    appliance.recording.stop(UNCLAIMED_ACTOR)
    eventually(lambda: trial.left_s is None and not simulated(appliance), "the source does not come back")


def test_it_does_not_begin_during_an_exam(appliance, trial):
    appliance.exam.begin(UNCLAIMED_ACTOR)
    with pytest.raises(TrialRefused, match="An exam is open"):
        trial.begin(SHELL_ACTOR)
    assert trial.left_s is None


def test_it_does_not_begin_during_a_recording(appliance, trial):
    appliance.record(UNCLAIMED_ACTOR)
    with pytest.raises(TrialRefused, match="A recording runs"):
        trial.begin(SHELL_ACTOR)
    appliance.recording.stop(UNCLAIMED_ACTOR)


def test_it_does_not_begin_on_a_simulated_source(tmp_path):
    settings = Settings(source="virtual://chest?size=128&rendered=2", port=0, data_dir=tmp_path, threads=1)
    with Appliance(settings) as demo, pytest.raises(TrialRefused, match="simulated already"):
        demo.trial.begin(SHELL_ACTOR)


def test_it_is_refused_to_people_who_do_not_service_the_appliance(trial):
    for act in (trial.begin, trial.end):
        with pytest.raises(NotAllowed, match="service the appliance"):
            act(NOBODY_ACTOR)
