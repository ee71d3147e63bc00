import pytest

from tests.edge.exchange.fhir.reading import sent


@pytest.fixture(scope="session")
def bundle(handed):
    """The bundle of the signed exam, which tests only read."""
    return sent(handed)
