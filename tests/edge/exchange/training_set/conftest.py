"""An export of a small simulated clinic."""

import pytest

from edge.exchange.deidentified.key import site_key
from edge.people.actor import SHELL_ACTOR
from edge.services.training_set import TrainingSetService
from tests.edge.exchange.training_set.clinic import Planted

PATIENTS = 8


@pytest.fixture
def planted(tmp_path):
    made = Planted(tmp_path / "data")
    yield made
    made.store.close()


@pytest.fixture
def export(planted, tmp_path):
    """Exports to the folder `ward`, or another one."""

    def exported(name="ward", actor=SHELL_ACTOR, licence="CC BY-NC 4.0", progress=lambda *_: None):
        service = TrainingSetService(planted.stored, lambda: site_key(planted.data.root))
        return service.export(actor, tmp_path / "sets" / name, licence, progress)

    return exported


@pytest.fixture
def ward(planted, export, tmp_path):
    """The folder of an export of eight patients, four of them with B-lines."""
    for number in range(PATIENTS):
        planted.labelled(number, b_lines=number % 2)
    export()
    return tmp_path / "sets" / "ward"
