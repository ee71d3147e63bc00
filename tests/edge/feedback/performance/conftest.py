"""A clinic of 14 patients that was counted by hand."""

import pytest

from tests.edge.feedback.performance.clinic import HAND_COUNTED, SmallClinic


@pytest.fixture
def clinic(tmp_path):
    made = SmallClinic(tmp_path / "data")
    yield made
    made.store.close()


@pytest.fixture
def counted(clinic):
    for model, reader in HAND_COUNTED:
        clinic.one(model, reader)
    return clinic
