"""A command that needs real recordings says what SONOEDGE_DATA is, where it is absent or wrong."""

import pytest

from edge.bench import vision
from edge.cli.exam import replay_
from edge.exam.example_data import VARIABLE, ExampleDataAbsent, example_data

WHAT = "SONOEDGE_DATA is the folder of real ultrasound recordings, which do not come with SonoEdge: see Real recordings in docs/tester.md"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder with nothing beside it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.mark.parametrize("needs", [lambda: replay_("blues_p01"), vision.measure, example_data])
def test_where_the_variable_is_not_set(needs):
    with pytest.raises(ExampleDataAbsent, match="needs real recordings, and SONOEDGE_DATA is not set") as refused:
        needs()
    assert WHAT in str(refused.value)


def test_where_the_folder_lacks_a_data_set(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ExampleDataAbsent, match="covid_blues does not exist") as refused:
        replay_("blues_p01")
    assert "For your own recordings give --data FOLDER" in refused.value.fix
    assert example_data() == tmp_path
