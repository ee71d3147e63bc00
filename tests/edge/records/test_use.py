"""Who may use a data folder: never root in the folder of another user, and never through a planted link."""

import os

import pytest

from edge.records.errors import RecordsFull, WrongUser
from edge.records.use import Use


def owned(folder, user, monkeypatch):
    """The folder as if `user` owned it, and this process were root."""
    stat = type(folder).stat

    def changed(path, **how):
        found = stat(path, **how)
        return os.stat_result([*found[:4], user, *found[5:]]) if path == folder else found

    monkeypatch.setattr(type(folder), "stat", changed)
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.parametrize(("user", "name"), [(1, "daemon"), (54321, "#54321")])
def test_root_is_refused_in_the_folder_of_another_user_before_any_file_is_made(tmp_path, monkeypatch, user, name):
    owned(tmp_path, user, monkeypatch)
    with pytest.raises(WrongUser, match=f"belongs to {name}") as refused:
        Use(tmp_path)
    assert f"sudo -u {name} sonoedge" in refused.value.fix
    assert list(tmp_path.iterdir()) == []


def test_root_may_use_its_own_folder_and_one_that_is_not_there_yet(tmp_path, monkeypatch):
    owned(tmp_path, 0, monkeypatch)
    Use(tmp_path).leave()
    Use(tmp_path / "new").leave()


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "records.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordsFull):
        Use(tmp_path / "data")
    assert not (tmp_path / "elsewhere").exists()
