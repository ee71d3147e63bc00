"""The choice of the active release, and of the one to go back to, survives every fault."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.inference.errors import ModelUnusable
from edge.inference.shelf import Shelf

M, S = (each.ident for each in Shelf(Path("no folder of releases")).names())
"""What came with the program: lung-m and lung-s."""


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
TestPointer.settings = settings(max_examples=20, stateful_step_count=12)
