"""The data folder of a replay: what it made itself is replaced, and nothing else is ever touched."""

import pytest

from edge.bench.ward.column_map import SHIPPED, load_ward_map
from edge.bench.ward.place import FolderRefused, FolderTaken, prepare
from edge.disk.layout import DataFolder
from edge.people.policy import load_policy
from edge.records.errors import ApplianceRuns
from edge.records.store import Store
from edge.records.use import OnlyAppliance
from tests.edge.exchange.conftest import Ward

ABOUT = load_ward_map(SHIPPED)


@pytest.fixture
def data(tmp_path):
    return DataFolder(tmp_path / "ward")


def test_a_new_folder_gets_its_mark_and_has_every_exam_read_over(data):
    prepare(data, ABOUT)
    assert "REPLAY of COVID-BLUES" in data.replayed.read_text()
    assert load_policy(data.root).over_read_share == 1.0


def test_what_an_earlier_replay_left_is_removed(data):
    prepare(data, ABOUT)
    Store.open(data.root).close()
    (data.exams / "e1").mkdir(parents=True)
    prepare(data, ABOUT)
    assert sorted(path.name for path in data.root.iterdir()) == [data.policy.name, data.replayed.name]


@pytest.mark.parametrize("marked", [False, True])
def test_records_that_no_replay_made_are_refused_and_stay(data, marked):
    ward = Ward(data.root, size=64)
    ward.store.close()
    if marked:
        data.replayed.write_text('{"site": "REPLAY of COVID-BLUES"}')
    before = data.records.read_bytes()
    with pytest.raises(FolderTaken, match=r"this command did not make.*--data-dir"):
        prepare(data, ABOUT)
    assert data.records.read_bytes() == before
    assert data.exams.is_dir()


def test_a_folder_with_other_files_is_refused(data):
    data.root.mkdir()
    (data.root / "thesis.odt").touch()
    with pytest.raises(FolderTaken, match="is not empty"):
        prepare(data, ABOUT)
    assert [path.name for path in data.root.iterdir()] == ["thesis.odt"]


def test_a_folder_that_an_appliance_uses_is_refused(data):
    prepare(data, ABOUT)
    running = OnlyAppliance(data.root)
    try:
        with pytest.raises(ApplianceRuns):
            prepare(data, ABOUT)
    finally:
        running.leave()


def test_a_folder_that_cannot_be_written_is_refused(data):
    prepare(data, ABOUT)
    data.replayed.unlink()
    data.replayed.mkdir()
    with pytest.raises((FolderTaken, FolderRefused)):
        prepare(data, ABOUT)
