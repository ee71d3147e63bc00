"""A ledger in its own records, and releases whose entries it holds."""

import pytest

from edge.feedback.ledger.entry import Parts
from edge.feedback.ledger.ledger import Ledger


@pytest.fixture
def ledger(store):
    return Ledger(store)


@pytest.fixture
def parts():
    return Parts(description="other thresholds", protocol="golden vectors, and a shadow of a week", impact="fewer false alarms")
