"""A release is installed whole or not at all, and the choice of the active one survives every fault."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.disk.layout import DataFolder
from edge.disk.signing import SigningKey, make_keys, trusted_keys
from edge.inference.bundle import pack
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN
from edge.inference.shelf import Shelf, family

M, S = (f"{said['name']}-{said['version']}" for each in family(BUILT_IN) for said in [json.loads((each / "release.json").read_text())])
"""What came with the program: lung-m and lung-s."""


@pytest.fixture
def shelf(tmp_path):
    return Shelf.of(tmp_path / "data")


@pytest.fixture
def ward(tmp_path):
    """A key for signatures, and the keys that trust it."""
    folder = DataFolder(tmp_path / "data").model_keys
    folder.mkdir(parents=True)
    private, _ = make_keys("ward-3", folder)
    return SigningKey.load(private), trusted_keys(folder)


def installed(shelf):
    return [each for each in shelf.releases() if not each.built_in]


def built_in(shelf):
    return [each.ident for each in shelf.releases() if each.built_in]


def only_pointer_and(shelf, *idents):
    assert {path.name for path in shelf.folder.iterdir()} - {"active.json"} == set(idents)


def test_an_empty_shelf_has_what_came_with_the_program(shelf):
    assert built_in(shelf) == [M, S]
    assert all(each.problem is None and each.signed_by is None for each in shelf.releases())
    assert (shelf.active(), shelf.previous()) == (None, None)
    assert not shelf.folder.exists()


def test_a_folder_that_is_a_release_is_a_family_of_one():
    (one, *_) = family(BUILT_IN)
    assert family(one) == (one,)


def test_a_folder_is_installed_where_one_says_that_it_is_unsigned(shelf, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    with pytest.raises(ModelUnusable, match="without a signature"):
        shelf.install(folder, {})
    assert shelf.install(folder, {}, unsigned=True) == "lung-s-1.0.0"
    (found,) = installed(shelf)
    assert (found.ident, found.signed_by, found.problem) == ("lung-s-1.0.0", None, None)
    assert {each.name: each.read_bytes() for each in found.folder.iterdir()} == {each.name: each.read_bytes() for each in folder.iterdir()}
    only_pointer_and(shelf, "lung-s-1.0.0")


def test_a_bundle_is_installed_with_who_signed_it(shelf, candidate, ward, tmp_path):
    key, keys = ward
    bundle = pack(candidate(tmp_path / "new", "1.0.0"), tmp_path, key)
    assert shelf.install(bundle, keys) == "lung-s-1.0.0"
    (found,) = installed(shelf)
    assert (found.signed_by, found.problem) == ("ward-3", None)


def test_a_release_whose_key_was_revoked_or_replaced_is_listed_with_the_problem_and_may_not_read(shelf, candidate, ward, tmp_path):
    key, keys = ward
    bundle = pack(candidate(tmp_path / "new", "1.0.0"), tmp_path, key)
    shelf.install(bundle, keys)
    assert shelf.to_read("lung-s") == shelf.find("lung-s-1.0.0")
    public = DataFolder(tmp_path / "data").model_keys / "ward-3.pub"
    trusted = public.read_bytes()
    (tmp_path / "other").mkdir()
    _, another = make_keys("ward-3", tmp_path / "other")
    for revoke, why in (
        (public.unlink, "'ward-3', which signed lung-s-1.0.0, is revoked"),
        (lambda: public.write_bytes(another.read_bytes()), "did not sign"),
        (lambda: public.write_text("damaged"), "cannot be read as a public key"),
    ):
        revoke()
        assert why in installed(shelf)[0].problem
        for refused in (lambda: shelf.to_read("lung-s"), lambda: shelf.trusted(shelf.find("lung-s-1.0.0"))):
            with pytest.raises(ModelUnusable, match=why):
                refused()
    public.write_bytes(trusted)
    assert (shelf.to_read("lung-s").name, installed(shelf)[0].problem) == ("lung-s-1.0.0", None)
    assert shelf.to_read("lung-m") == BUILT_IN / "lung-m"


def test_a_damaged_signature_is_reported(shelf, candidate, ward, tmp_path):
    key, keys = ward
    shelf.install(pack(candidate(tmp_path / "new", "1.0.0"), tmp_path, key), keys)
    (shelf.find("lung-s-1.0.0") / "signature.json").write_text("{")
    assert "signature.json cannot be used" in installed(shelf)[0].problem
    with pytest.raises(ModelUnusable):
        shelf.to_read("lung-s-1.0.0")


def test_other_users_can_read_an_installed_release(shelf, candidate, tmp_path):
    shelf.install(candidate(tmp_path / "new"), {}, unsigned=True)
    (found,) = installed(shelf)
    assert found.folder.stat().st_mode & 0o777 == 0o755


def test_installing_again_changes_nothing(shelf, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    shelf.install(folder, {}, unsigned=True)
    before = {each.name: each.stat().st_mtime_ns for each in shelf.find("lung-s-1.0.0").iterdir()}
    assert shelf.install(folder, {}, unsigned=True) == "lung-s-1.0.0"
    assert {each.name: each.stat().st_mtime_ns for each in shelf.find("lung-s-1.0.0").iterdir()} == before


def test_an_unsigned_release_gets_its_signature_when_a_signed_one_is_installed(shelf, candidate, ward, tmp_path):
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
    assert shelf.install(BUILT_IN / "lung-s", {}, unsigned=True) in built_in(shelf)
    with pytest.raises(ModelUnusable, match="is installed already"):
        shelf.install(candidate(tmp_path / "new", S.removeprefix("lung-s-"), licence="another"), {}, unsigned=True)
    only_pointer_and(shelf)


def test_a_damaged_release_is_reported_and_repaired_by_installing_it_again(shelf, candidate, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    shelf.install(folder, {}, unsigned=True)
    (shelf.find("lung-s-1.0.0") / "card.html").write_text("another")
    assert "card.html is not the file that was released" in installed(shelf)[0].problem
    shelf.install(folder, {}, unsigned=True)
    assert installed(shelf)[0].problem is None
    only_pointer_and(shelf, "lung-s-1.0.0")


def test_a_folder_copied_by_hand_under_another_name_is_reported(shelf, candidate, tmp_path):
    shelf.folder.mkdir(parents=True)
    candidate(shelf.folder / "lung-s-2.0.0", "1.0.0")
    assert "holds lung-s-1.0.0" in installed(shelf)[0].problem


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


def test_find_takes_a_whole_ident_or_the_newest_of_a_name(shelf, candidate, tmp_path):
    for version in ("0.9.0", "0.10.0", "0.10.0-rc.1"):
        shelf.install(candidate(tmp_path / version, version), {}, unsigned=True)
    assert shelf.find("lung-s").name == "lung-s-0.10.0"
    assert shelf.find("lung-s-0.9.0").name == "lung-s-0.9.0"
    assert shelf.find("lung-m") == BUILT_IN / "lung-m"
    for unknown in ("lung", "lung-s-7.0.0", "../models", "", "."):
        with pytest.raises(ModelUnusable, match=rf"Name one of: .*lung-s-0\.9\.0.*{M}"):
            shelf.find(unknown)


def test_an_activation_is_stored_and_can_be_rolled_back_once(shelf, candidate, tmp_path):
    shelf.install(candidate(tmp_path / "new", "1.0.0"), {}, unsigned=True)
    assert shelf.activate("lung-m", before=S) == M
    shelf.activate("lung-s-1.0.0")
    again = Shelf(shelf.folder)
    assert (again.active(), again.previous()) == ("lung-s-1.0.0", M)
    assert again.rollback() == M
    assert (shelf.active(), shelf.previous()) == (M, None)
    with pytest.raises(ModelUnusable, match="no release to go back to"):
        shelf.rollback()
    assert shelf.active() == M


def test_what_read_before_the_first_activation_is_what_one_goes_back_to(shelf):
    shelf.activate("lung-s", before=M)
    assert shelf.rollback() == M


def test_activating_the_active_one_again_keeps_the_one_before(shelf):
    shelf.activate("lung-m")
    shelf.activate("lung-s")
    shelf.activate(S)
    assert shelf.previous() == M


def test_an_absent_release_is_not_activated(shelf):
    with pytest.raises(ModelUnusable, match="no release 'nothing'"):
        shelf.activate("nothing")
    assert shelf.active() is None


def test_a_removed_release_cannot_be_rolled_back_to(shelf, candidate, tmp_path):
    shelf.install(candidate(tmp_path / "new", "1.0.0"), {}, unsigned=True)
    shelf.activate("lung-s-1.0.0")
    shelf.activate("lung-m")
    shutil.rmtree(shelf.find("lung-s-1.0.0"))
    with pytest.raises(ModelUnusable, match=r"no release 'lung-s-1\.0\.0'"):
        shelf.rollback()
    assert shelf.active() == M


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"active": 3}', b'{"other": "x"}', b"\xff\0"])
def test_a_damaged_pointer_is_reported_and_never_replaced(shelf, damaged):
    shelf.folder.mkdir(parents=True)
    pointer = shelf.folder / "active.json"
    pointer.write_bytes(damaged)
    for asked in (shelf.active, shelf.previous, shelf.rollback, lambda: shelf.activate("lung-m")):
        with pytest.raises(ModelUnusable, match=r"active\.json is damaged.*Move that file away"):
            asked()
    assert pointer.read_bytes() == damaged
    assert shelf.releases()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path, candidate):
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "models")
    with pytest.raises(ModelUnusable, match="cannot be written"):
        shelf.install(candidate(tmp_path / "new"), {}, unsigned=True)
    with pytest.raises(ModelUnusable, match="cannot be read"):
        shelf.releases()


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


class PointerMachine(RuleBasedStateMachine):
    """Activation and going back, against two variables."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.shelf = Shelf(self.path())
        self.active, self.previous = None, None

    def path(self):
        return Path(self.folder.name) / "models"

    @rule(ident=st.sampled_from([M, S]), before=st.sampled_from([None, M]))
    def activate(self, ident, before):
        self.shelf.activate(ident, before)
        if ident != self.active:
            self.previous = next((other for other in (before, self.active) if other not in (None, ident)), None)
            self.active = ident

    @rule()
    def rollback(self):
        if self.previous is None:
            with pytest.raises(ModelUnusable):
                self.shelf.rollback()
        else:
            assert self.shelf.rollback() == self.previous
            self.active, self.previous = self.previous, None

    @rule()
    def restart(self):
        self.shelf = Shelf(self.path())

    @invariant()
    def says_so(self):
        if hasattr(self, "shelf"):
            assert (self.shelf.active(), self.shelf.previous()) == (self.active, self.previous)
            assert self.active is None or self.active != self.previous

    def teardown(self):
        self.folder.cleanup()


TestPointer = PointerMachine.TestCase
TestPointer.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
