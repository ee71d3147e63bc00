"""A clinic without over-read exams, and one of 15 patients that was counted by hand."""

import pytest

from tests.edge.feedback.people.clinic import HAND_COUNTED, PeopleClinic


@pytest.fixture
def clinic(tmp_path):
    made = PeopleClinic(tmp_path / "data")
    yield made
    made.store.close()


@pytest.fixture
def counted(clinic):
    for stated, over in HAND_COUNTED:
        clinic.exam(stated, over)
    return clinic
