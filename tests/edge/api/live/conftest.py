"""The live stream counts from the start of its application, so each test has its own."""

import pytest

from edge.api.app import create_app


@pytest.fixture
def app(view):
    return create_app(view, lambda: b"")
