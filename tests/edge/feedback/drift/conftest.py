import pytest

from edge.feedback.drift.reference import Reference
from tests.edge.feedback.drift.ward import OUTPUTS, exams


@pytest.fixture(scope="session")
def reference():
    """Of 200 exams of the ward."""
    return Reference.of(exams(1, 200), OUTPUTS)
