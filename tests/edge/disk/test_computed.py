"""A computed result in the data folder: stored whole, and not used once it is damaged or of another method."""

import pytest
from pydantic import BaseModel

from edge.disk.computed import Computed, ResultNotStored


class Counted(BaseModel):
    exams: int


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "counted.json"


def test_a_result_is_there_again_after_a_restart(path):
    assert Computed(path, Counted, 1).get() is None
    Computed(path, Counted, 1).put(Counted(exams=3))
    assert Computed(path, Counted, 1).get() == Counted(exams=3)


def test_a_result_of_another_method_is_not_used(path):
    Computed(path, Counted, 1).put(Counted(exams=3))
    assert Computed(path, Counted, 2).get() is None


@pytest.mark.parametrize("damaged", ["", "{", '{"method": 1}', '{"method": 1, "result": {"exams": "many"}}', "\x00", "[]"])
def test_a_damaged_file_counts_as_not_computed(path, damaged):
    path.parent.mkdir()
    path.write_text(damaged)
    assert Computed(path, Counted, 1).get() is None


def test_a_disk_that_refuses_is_stated(tmp_path):
    (tmp_path / "results").write_text("a file in the way")
    with pytest.raises(ResultNotStored, match="cannot be written"):
        Computed(tmp_path / "results" / "counted.json", Counted, 1).put(Counted(exams=3))
