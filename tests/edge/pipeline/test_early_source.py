import threading

import pytest

from edge.pipeline import early_source
from edge.pipeline.early_source import EarlySource
from firmware_bridge.errors import SourceAbsent
from firmware_bridge.machine import Machine


@pytest.fixture
def opening(monkeypatch, listed_source, pixels):
    """A source that is open as soon as `go` is set."""
    go, source = threading.Event(), listed_source([pixels])

    def open_source(_url, _machine):
        assert go.wait(10)
        return source

    monkeypatch.setattr(early_source, "open_source", open_source)
    return go, source


def test_the_source_is_given_when_it_is_open_and_then_belongs_to_the_taker(opening):
    go, source = opening
    early = EarlySource("memory://")
    go.set()
    assert early.take() is source
    early.close()
    assert source.steps


def test_a_source_that_nobody_took_is_closed(opening):
    go, source = opening
    early = EarlySource("memory://")
    go.set()
    early.close()
    early.close()
    assert not source.steps


def test_an_error_is_raised_where_the_source_is_taken():
    early = EarlySource("serial:///dev/no-such-port")
    with pytest.raises(SourceAbsent):
        early.take()
    early.close()


def test_the_machine_that_the_site_states_is_that_of_the_frames():
    early = EarlySource("virtual://chest?size=64&fps=0", Machine.stated("Philips Lumify"))
    with early.take() as source:
        assert next(iter(source.frames())).machine.name == source.info.machine.name == "Philips Lumify"
