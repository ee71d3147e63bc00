"""A release is installed whole or not at all."""

import subprocess
import sys
import threading

import pytest

from edge.inference.bundle import pack
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN


def only_pointer_and(shelf, *idents):
    assert {path.name for path in shelf.folder.iterdir()} - {"active.json"} == set(idents)


def test_a_folder_is_installed_where_one_says_that_it_is_unsigned(shelf, installed, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    with pytest.raises(ModelUnusable, match="without a signature"):
        shelf.install(folder, {})
    assert shelf.install(folder, {}, unsigned=True) == "lung-s-1.0.0"
    (found,) = installed(shelf)
    assert (found.ident, found.signed_by, found.problem) == ("lung-s-1.0.0", None, None)
    assert {each.name: each.read_bytes() for each in found.folder.iterdir()} == {each.name: each.read_bytes() for each in folder.iterdir()}
    only_pointer_and(shelf, "lung-s-1.0.0")


def test_a_bundle_is_installed_with_who_signed_it(shelf, installed, candidate, ward, tmp_path):
    key, keys = ward
    bundle = pack(candidate(tmp_path / "new", "1.0.0"), tmp_path, key)
    assert shelf.install(bundle, keys) == "lung-s-1.0.0"
    (found,) = installed(shelf)
    assert (found.signed_by, found.problem) == ("ward-3", None)


def test_other_users_can_read_an_installed_release(shelf, installed, candidate, tmp_path):
    shelf.install(candidate(tmp_path / "new"), {}, unsigned=True)
    (found,) = installed(shelf)
    assert found.folder.stat().st_mode & 0o777 == 0o755


def test_installing_again_changes_nothing(shelf, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    shelf.install(folder, {}, unsigned=True)
    before = {each.name: each.stat().st_mtime_ns for each in shelf.find("lung-s-1.0.0").iterdir()}
    assert shelf.install(folder, {}, unsigned=True) == "lung-s-1.0.0"
    assert {each.name: each.stat().st_mtime_ns for each in shelf.find("lung-s-1.0.0").iterdir()} == before


def test_an_unsigned_release_gets_its_signature_when_a_signed_one_is_installed(shelf, installed, candidate, ward, tmp_path):
    key, keys = ward
    folder = candidate(tmp_path / "new", "1.0.0")
    shelf.install(folder, keys, unsigned=True)
    shelf.install(pack(folder, tmp_path, key), keys)
    (found,) = installed(shelf)
    assert (found.signed_by, found.problem) == ("ward-3", None)


def test_another_release_of_the_same_ident_is_refused(shelf, candidate, tmp_path):
    shelf.install(candidate(tmp_path / "one", "1.0.0"), {}, unsigned=True)
    with pytest.raises(ModelUnusable, match=r"another lung-s-1\.0\.0 is installed already"):
        shelf.install(candidate(tmp_path / "two", "1.0.0", licence="another"), {}, unsigned=True)
    only_pointer_and(shelf, "lung-s-1.0.0")


def test_a_built_in_release_is_neither_copied_nor_taken_the_place_of(shelf, candidate, tmp_path):
    ident = shelf.install(BUILT_IN / "lung-s", {}, unsigned=True)
    assert ident in [each.ident for each in shelf.releases() if each.built_in]
    with pytest.raises(ModelUnusable, match="is installed already"):
        shelf.install(candidate(tmp_path / "new", ident.removeprefix("lung-s-"), licence="another"), {}, unsigned=True)
    only_pointer_and(shelf)


def test_a_damaged_release_is_reported_and_repaired_by_installing_it_again(shelf, installed, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    shelf.install(folder, {}, unsigned=True)
    (shelf.find("lung-s-1.0.0") / "card.html").write_text("another")
    assert "card.html is not the file that was released" in installed(shelf)[0].problem
    shelf.install(folder, {}, unsigned=True)
    assert installed(shelf)[0].problem is None
    only_pointer_and(shelf, "lung-s-1.0.0")


def test_a_release_that_is_not_whole_leaves_nothing_and_is_called_by_the_name_that_one_knows(shelf, candidate, tmp_path):
    folder = candidate(tmp_path / "new")
    (folder / "novelty.npz").write_bytes(b"damaged")
    with pytest.raises(ModelUnusable) as raised:
        shelf.install(folder, {}, unsigned=True)
    assert str(folder / "novelty.npz") in str(raised.value)
    assert ".new/" not in str(raised.value)
    only_pointer_and(shelf)


def test_a_bundle_that_does_not_fit_together_is_refused_under_its_own_name(shelf, candidate, ward, tmp_path):
    key, keys = ward
    folder = candidate(tmp_path / "new", "1.0.0")
    bundle = pack(folder, tmp_path, key)
    bundle.write_bytes(bundle.read_bytes()[:-100])
    with pytest.raises(ModelUnusable, match=str(bundle)):
        shelf.install(bundle, keys)
    only_pointer_and(shelf)


def test_two_may_install_the_same_release_at_once(shelf, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    done = []
    threads = [threading.Thread(target=lambda: done.append(shelf.install(folder, {}, unsigned=True))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["lung-s-1.0.0"] * 4
    only_pointer_and(shelf, "lung-s-1.0.0")


CUT_OFF = """
import os, signal, sys
from pathlib import Path
from edge.inference.shelf import Shelf

release, data = Path(sys.argv[1]), Path(sys.argv[2])
for cut in range(1, 200):
    shelf = Shelf.of(data / str(cut))
    child = os.fork()
    if not child:
        left = cut
        def count(event, arguments):
            global left
            if any(isinstance(each, (str, Path)) and str(data) in str(each) for each in arguments):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(count)
        shelf.install(release, {}, unsigned=True)
        shelf.activate("lung-s-1.0.0")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    found = [each for each in shelf.releases() if not each.built_in]
    assert all(each.ident == "lung-s-1.0.0" and each.problem is None for each in found), found
    assert shelf.active() in (None, "lung-s-1.0.0")
    shelf.install(release, {}, unsigned=True)
    shelf.activate("lung-s-1.0.0")
    assert {each.name for each in shelf.folder.iterdir()} == {"lung-s-1.0.0", "active.json"}, list(shelf.folder.iterdir())
    if status == 0:
        print(cut)
        break
    assert os.WTERMSIG(status) == signal.SIGKILL, status
"""


@pytest.mark.slow
def test_killed_at_any_step_it_leaves_nothing_half_installed_and_the_next_try_succeeds(candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    (tmp_path / "data").mkdir()
    command = [sys.executable, "-c", CUT_OFF, str(folder), str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
