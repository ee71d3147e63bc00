"""A command that needs real recordings says what SONOEDGE_DATA is, where it is absent or wrong."""

import pytest

from edge.bench import vision
from edge.cli.exam import replay_
from edge.vision.strangers import strangers_refused
from firmware_bridge.example_data import VARIABLE, ExampleDataAbsent, example_data
from models.foreign.examples import examples
from models.lung.manifest import load_clips
from models.lung.recipe import load_recipe

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


READERS = {
    "bench vision": lambda _: vision.measure(),
    "share of foreign pictures": strangers_refused,
    "training": lambda data: load_clips(data, load_recipe()),
    "score of foreign pictures": lambda data: next(examples(data)),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_where_the_folder_lacks_every_data_set(tmp_path, monkeypatch, read):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ExampleDataAbsent, match=r"manifest\.csv does not exist") as refused:
        read(tmp_path)
    assert WHAT in refused.value.fix


def test_a_command_of_the_models_ends_with_one_line(monkeypatch, capsys):
    from models.lung.command import run

    def needs():
        example_data()

    monkeypatch.setattr("sys.argv", ["models"])
    with pytest.raises(SystemExit) as ended:
        run(needs)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert WHAT in line
