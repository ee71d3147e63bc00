"""Floors only rise, and survive being stored."""

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.trust.floors import Floors, Seen

FLOORS = Floors(5, (Seen("root", "", 3), Seen("targets", "a", 7)))


@pytest.mark.parametrize(
    ("seen", "below"),
    [
        ([], None),
        ([Seen("root", "", 3), Seen("targets", "a", 7)], None),
        ([Seen("root", "", 4), Seen("targets", "a", 6)], (Seen("targets", "a", 6), 7)),
        ([Seen("root", "", 2)], (Seen("root", "", 2), 3)),
        ([Seen("targets", "b", 1)], None),
        ([Seen("snapshot", "a", 1)], None),
    ],
)
def test_below(seen, below):
    assert FLOORS.below(seen) == below


def test_raised():
    raised = FLOORS.raised([Seen("root", "", 1), Seen("targets", "a", 8), Seen("targets", "b", 1)], time=4)
    assert raised == Floors(5, (Seen("root", "", 3), Seen("targets", "a", 8), Seen("targets", "b", 1)))


@pytest.mark.parametrize("floors", [Floors(), FLOORS])
def test_stored(floors):
    assert Floors.from_json(floors.as_json()) == floors


@pytest.mark.parametrize(
    "stored", [b"", b"{", b"[]", b'{"time": -1}', b'{"time": "x"}', b'{"seen": [{"role": "root"}]}', FLOORS.as_json()[:-1]]
)
def test_damaged(stored):
    with pytest.raises(ProvisionRefused) as refused:
        Floors.from_json(stored)
    assert refused.value.cause == "E-NOT-SET-UP"
