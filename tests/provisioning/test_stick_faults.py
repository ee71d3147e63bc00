"""A stick that is pulled at any read of an update, and a clock that is wrong while it is read, on a board on a real file system.

Each time, the release that worked before runs, and the same update succeeds afterwards.
"""

import errno
import itertools
import os
import shutil
from datetime import datetime, timezone

import pytest

from provisioning.boot.place import Place
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.release.keys import key_files, make_keys
from provisioning.release.repository import Repository
from provisioning.release.stick import publish
from provisioning.trust import source
from provisioning.update.engine import Engine
from provisioning.update.offers import best, offers
from tests.provisioning.releases import BORN, InMemory, Installer, bundle_of, codes, facts_of, set_up
from tests.provisioning.soundness import require_sound

STICK_FAULTS = {errno.ENODEV: "E-STICK-REMOVED", errno.EIO: "E-STICK-UNREADABLE"}
BOARD = "pi5"


class Board:
    """A board on a real file system, and the stick for it."""

    def __init__(self, folder, mounted, root):
        self.files, self.place, self.mounted = InMemory(), Place(folder), mounted
        self.selector = Selector(self.files, self.place, BORN.isoformat)
        set_up(self.files, self.place)
        self.place.trust.mkdir()
        shutil.copyfile(root, self.place.trusted_root)

    def update(self, now=BORN):
        offer = best(offers(self.selector, source.stick(self.mounted), BOARD, now), 1)
        Engine(self.selector, Installer(self.files), BOARD, lambda: None).apply(offer)

    def require(self, *allowed):
        require_sound(self.files, allowed, place=self.place)

    @property
    def codes(self):
        return codes(self.files, self.place)


@pytest.fixture
def new_board(memory):
    """Makes boards for the stick of one publisher."""
    keys, role = memory / "keys", f"boards-{BOARD}"
    keys.mkdir()
    make_keys(keys, (role,))
    repository = Repository(memory / "repository", BORN)
    repository.create(keys, (role,))
    facts = facts_of(2, compat=BOARD)
    bundle = memory / "bundle.tar"
    bundle.write_bytes(bundle_of(facts, memory))
    repository.sign(repository.add(f"app/{BOARD}/2.0.tar", bundle, facts.model_dump(mode="json")), *key_files(keys, role))
    repository.release(keys / "snapshot-1.pem", keys / "timestamp-1.pem")
    publish(repository, memory / "stick")
    number = itertools.count()
    return lambda: Board(memory / f"board-{next(number)}", memory / "stick", repository.shelf.folder / "1.root.json")


class Pulled:
    """A file of a stick, of which a read fails; `reads` counts those of all its files."""

    def __init__(self, file, reads, at, fault):
        self._file, self._reads, self._at, self._fault = file, reads, at, fault

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def read(self, most):
        if next(self._reads) >= self._at:
            raise OSError(self._fault, os.strerror(self._fault))
        return self._file.read(most)


@pytest.mark.parametrize(("fault", "code"), STICK_FAULTS.items())
def test_a_stick_that_is_pulled_at_any_read(fault, code, new_board, monkeypatch):
    plain = source.open_plain
    for at in itertools.count():
        board, reads = new_board(), itertools.count()
        with monkeypatch.context() as patch:
            patch.setattr(source, "open_plain", lambda path, reads=reads, at=at: Pulled(plain(path), reads, at, fault))
            try:
                board.update()
            except ProvisionRefused as refused:
                assert refused.cause == code  # noqa: PT017 - the last turn of the loop meets no fault
            else:
                break
        board.require("1")
        board.update()
        board.selector.start()
        board.selector.confirm()
        board.require("2")
    assert at >= 10
    board.require("2?")


def test_a_stick_that_is_pulled_while_the_release_is_copied_is_in_the_history(new_board):
    board = new_board()
    offer = best(offers(board.selector, source.stick(board.mounted), BOARD, BORN), 1)
    shutil.move(board.mounted, board.mounted.with_name("in a pocket"))
    with pytest.raises(ProvisionRefused, match="the stick is gone"):
        Engine(board.selector, Installer(board.files), BOARD, lambda: None).apply(offer)
    assert board.codes[-1] == "E-STICK-REMOVED"
    board.require("1")


@pytest.mark.parametrize(("year", "code"), [(1970, None), (2020, None), (2038, "E-CLOCK"), (2099, "E-CLOCK")])
def test_a_clock_that_is_wrong_while_the_stick_is_read_locks_nothing_out(year, code, new_board):
    board = new_board()
    if code is not None:
        with pytest.raises(ProvisionRefused) as refused:
            board.update(datetime(year, 1, 19, 3, 14, 8, tzinfo=timezone.utc))
        assert refused.value.cause == code
        board.require("1")
    board.update(BORN if code else datetime(year, 1, 1, tzinfo=timezone.utc))
    board.require("2?")
