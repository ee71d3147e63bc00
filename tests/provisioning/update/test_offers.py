"""What a stick offers to a board; the publisher, the stick and the trust of the board are the real ones."""

import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from provisioning.boot.record import Event, Record
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.release.stick import publish
from provisioning.trust.floors import Floors, Seen
from provisioning.trust.source import stick
from provisioning.update.engine import Offer
from provisioning.update.floors import floors_of, stated
from provisioning.update.offers import best, offers, trusted_root
from tests.provisioning.release.conftest import NOW
from tests.provisioning.releases import facts_of

COMPAT = "pi5"
YEAR_AND_MORE = timedelta(days=401)
"""Timestamps hold for 400 days."""


class Board:
    """A board that trusts the publisher, with the stick of the publisher in it."""

    def __init__(self, publisher):
        self.publisher, self.stick = publisher, publisher.place / "stick"
        self.place = Place(publisher.place / "board")
        self.place.trust.mkdir(parents=True)
        (self.place.trusted_root).write_bytes(publisher.bootstrap)

    @property
    def selector(self):
        """A new one each time, as in a new process."""
        return Selector(RealFiles(), self.place, NOW.isoformat)

    @property
    def floors(self):
        return {name.partition(" ")[0]: version for name, version in self.selector.load().floors.items()}

    def list(self, *counters, **facts):
        """Lists releases on the stick."""
        for counter in counters:
            custom = {**facts_of(counter, compat=COMPAT).model_dump(mode="json"), **facts}
            self.publisher.repository.add(f"app/{COMPAT}/{counter}.tar", self.publisher.file, custom)
        self.publisher.release("boards-pi5")
        publish(self.publisher.repository, self.stick)

    def offers(self, now=NOW, compat=COMPAT):
        return offers(self.selector, stick(self.stick), compat, now)

    def refused(self, *arguments, **more):
        with pytest.raises(ProvisionRefused) as refused:
            self.offers(*arguments, **more)
        return refused.value


@pytest.fixture
def board(publisher):
    return Board(publisher)


def test_the_releases_of_this_board_the_newest_first(board):
    board.list(2, 10, 9)
    assert [offer.facts.counter for offer in board.offers()] == [10, 9, 2]


def test_an_offer_copies_the_file_that_was_signed(board):
    board.list(2)
    (offer,) = board.offers()
    offer.fetch(board.place.root / "bundle.tar")
    assert (board.place.root / "bundle.tar").read_bytes() == b"content"
    assert offer.length == len(b"content")
    assert (offer.mark.version, offer.mark.sha256) == ("2.0", offer.sha256)


def test_a_file_that_was_changed_on_the_stick(board):
    board.list(2)
    (offer,) = board.offers()
    next(board.stick.rglob("*.2.tar")).write_bytes(b"CONTENT")
    with pytest.raises(ProvisionRefused, match="not the file that was signed"):
        offer.fetch(board.place.root / "bundle.tar")
    assert not (board.place.root / "bundle.tar").exists()


def test_releases_for_other_boards_only(board):
    board.list(2)
    assert board.refused(compat="aarch64-cp311").cause == "E-WRONG-HW"


def test_a_stick_without_a_release_still_raises_the_floors(board):
    publish(board.publisher.repository, board.stick)
    assert board.refused().cause == "E-NO-RELEASE"
    assert board.floors["timestamp"] == 1
    assert board.floors["time"] == int(NOW.timestamp())


@pytest.mark.parametrize("wrong", [{"counter": 0}, {"version": "a b"}, {"compat": None}, {"issued_at": "2026-11-30T09:00:00"}])
def test_signed_facts_that_make_no_sense(board, wrong):
    board.list(2, **wrong)
    refused = board.refused()
    assert refused.cause == "E-TAMPER"
    assert "app/pi5/2.tar make no sense (1 faults)" in refused.what
    assert board.floors["boards-pi5"] == 2


def test_an_older_stick_is_refused_after_a_newer_one_also_without_the_accepted_lists(board):
    board.list(2)
    shutil.copytree(board.stick, board.stick.with_name("old"))
    board.list(3)
    board.offers()
    board.stick = board.stick.with_name("old")
    assert board.refused().cause == "E-ROLLBACK"
    for generation in board.place.trust.glob("gen-*"):
        shutil.rmtree(generation)
    assert board.refused().cause == "E-ROLLBACK"


def test_a_new_root_is_stored_although_the_stick_has_expired(board):
    repository, keys = board.publisher.repository, board.publisher.keys
    repository.renew("root")
    repository.sign("root", keys / "root-1.pem", keys / "root-3.pem")
    board.list(2)
    assert board.refused(NOW + YEAR_AND_MORE).cause == "E-FREEZE"
    assert board.floors == {"root": 2, "time": int(NOW.timestamp())}


def test_the_floors_survive_and_are_stored_once(board):
    board.list(2)
    board.offers()
    stored = board.selector.load()
    assert dict(stored.floors) == dict(stated(floors_of(stored)))
    board.offers()
    assert board.selector.load() == stored


def test_the_floors_change_nothing_else_of_the_record(board):
    event = Event(1, NOW.isoformat(), "OK-CONFIRMED", "Release 1.0 passed its trial", "", "1.0")
    before = board.selector.store(Record(active="a", previous="b", counter=1, event=event))
    board.list(2)
    board.offers()
    after = board.selector.load()
    assert (after.active, after.previous, after.counter, after.event) == ("a", "b", 1, before.event)


def test_a_clock_before_all_that_was_signed_is_not_believed(board):
    board.list(2)
    assert board.offers(datetime(1970, 1, 1, tzinfo=timezone.utc))


@pytest.mark.parametrize(("days", "cause"), [(399, ""), (401, "E-FREEZE"), (4000, "E-CLOCK")])
def test_a_clock_beyond_the_end_of_the_lists(board, days, cause):
    board.list(2)
    if cause:
        assert board.refused(NOW + timedelta(days=days)).cause == cause
    else:
        assert board.offers(NOW + timedelta(days=days))


def test_a_refused_clock_locks_nothing_out(board):
    board.list(2)
    board.refused(NOW + timedelta(days=36525))
    assert board.offers()


PLANTED = {
    "nothing": Path.exists,
    "a link": lambda path: path.symlink_to("/etc/passwd"),
    "too much": lambda path: path.write_bytes(bytes(200_001)),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_board_without_a_root_trusts_nobody(board, planted):
    (board.place.trusted_root).unlink()
    planted(board.place.trusted_root)
    board.list(2)
    assert board.refused().cause == "E-NOT-SET-UP"
    with pytest.raises(ProvisionRefused, match="trusts nobody"):
        trusted_root(board.place.trust)


ROLES = st.sampled_from(["root", "timestamp", "snapshot", "targets", "boards-pi5", "sites-a.b_c"])
SEEN = st.builds(Seen, ROLES, st.sampled_from(["", "0123456789abcdef", "f" * 16]), st.integers(0, 2**53))


@given(st.builds(Floors, st.integers(0, 2**40), st.lists(SEEN, unique_by=lambda each: (each.role, each.keys)).map(tuple)))
def test_floors_survive_in_a_boot_record(floors):
    assert floors_of(Record(floors=dict(stated(floors)))) == floors


def offered(counter, least=0):
    return Offer(facts_of(counter, least_counter=least), 1, "", lambda _: None)


@pytest.mark.parametrize(("active", "counter"), [(0, 2), (2, 2), (3, 4), (4, 5), (9, 5)])
def test_the_newest_release_that_can_be_applied_to_the_active_one(active, counter):
    found = [offered(5, 4), offered(4, 3), offered(2)]
    assert best(found, active).facts.counter == counter


def test_the_newest_of_all_where_none_can_be_applied():
    assert best([offered(5, 4), offered(4, 3)], 1).facts.counter == 5
