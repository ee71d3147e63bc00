"""An exam as the records receive it: plain values, for the tests of each kind of record."""

from types import SimpleNamespace

import pytest

from edge.records.exams.clips import NewClip
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.forms import Step

STATES = {"record_version": 2, "selected": None, "zones": {}}
KEYS = ("b_lines", "a_lines")


def new_exam(folder="20261125T120000Z-blue-6", **more):
    stated = {
        "protocol": "blue-6",
        "protocol_version": "1.0.0",
        "protocol_digest": "d",
        "simulated": False,
        "qualified": True,
        "operator": "sara",
    }
    return NewExam(folder=folder, **stated | more)


def step(act="zone.kept", zone="L1", **more):
    return Step(act, {"zone": zone}, {**STATES, "zones": {zone: {"state": "done"}}}, **more)


def new_clip(zone="L1", file="L1.mcap"):
    return NewClip(zone, file, "f" * 64, 1000, 3, 60, "itself", ("TOO_DEEP",), 81.5)


def new_findings(probability=0.1 + 0.2):
    return tuple(NewFinding(key, "lung-s-1", probability, -2.0000000000000004, ("absent",), "absent", "", "", 0.5) for key in KEYS)


@pytest.fixture(scope="session")
def made():
    """Makes the input of the records: `exam` and its `states`, `step`, `clip`, `findings` with these `keys`."""
    return SimpleNamespace(exam=new_exam, states=STATES, step=step, clip=new_clip, findings=new_findings, keys=list(KEYS))
