"""The slots as people and systemd move them; every cut of the power is in tests/provisioning/test_every_cut.py."""

import pytest

from provisioning.boot import history
from provisioning.boot.files import make_folders
from provisioning.boot.moves import STARTS
from provisioning.boot.record import Records
from provisioning.boot.slot import Mark
from provisioning.codes import CAUSES
from tests.provisioning.crash_disk import CrashDisk
from tests.provisioning.releases import (
    PLACE,
    board_with,
    bundle_of,
    content_of,
    engine_of,
    facts_of,
    offer_of,
    put_slot,
    selector_of,
    slot_content,
)


@pytest.fixture
def on_trial(tmp_path):
    """A board with release 1 active, and release 2 on trial from the next start on."""
    disk = board_with(1)
    facts = facts_of(2)
    engine_of(disk).apply(offer_of(disk, facts, bundle_of(facts, tmp_path)))
    return disk


def running(disk):
    return slot_content(disk, disk.read_link(PLACE.current).removeprefix("slots/"))


def last(disk):
    return history.events(disk, PLACE)[-1]


def test_a_release_that_never_passes_gets_three_starts_and_then_the_history_states_why(on_trial):
    selector = selector_of(on_trial)
    for _ in range(STARTS):
        selector.start()
        assert running(on_trial) == content_of("2.0")
        selector.ended("its program crashed with the signal SEGV")
    selector.start()
    assert running(on_trial) == content_of("1.0")
    assert last(on_trial).code == "E-HEALTH"
    assert "SEGV" in last(on_trial).what


def test_a_release_that_lost_the_power_at_each_start_goes_back_and_the_history_names_the_power(on_trial):
    for _ in range(STARTS + 1):
        selector_of(on_trial).start()
    assert last(on_trial).code == "E-POWER"


def test_a_shutdown_in_a_trial_costs_no_start(on_trial):
    selector = selector_of(on_trial)
    for _ in range(5 * STARTS):
        selector.start()
        selector.asked_to_stop()
    assert running(on_trial) == content_of("2.0")


def test_a_confirmed_release_stays_whatever_happens(on_trial):
    selector = selector_of(on_trial)
    selector.start()
    selector.confirm()
    for _ in range(5):
        selector.start()
        selector.ended("its program hung")
    assert running(on_trial) == content_of("2.0")
    assert selector.load().counter == 2


def test_a_trial_whose_slot_is_damaged_goes_back(on_trial):
    on_trial.remove(PLACE.slot("b") / "bin/sonoedge")
    selector_of(on_trial).start()
    assert running(on_trial) == content_of("1.0")
    assert last(on_trial).code == "E-SLOT"


def test_a_damaged_active_slot_gives_way_to_the_previous_one(on_trial):
    selector = selector_of(on_trial)
    selector.start()
    selector.confirm()
    on_trial.remove(PLACE.slot("b") / "bin/python3")
    selector.start()
    assert running(on_trial) == content_of("1.0")
    assert last(on_trial).code == "E-SLOT"


def test_a_trial_that_fails_runs_on_where_the_release_before_it_is_damaged(on_trial):
    selector = selector_of(on_trial)
    selector.start()
    on_trial.remove(PLACE.slot("a") / "bin/python3")
    selector.fail("its self-test did not pass")
    selector.start()
    assert running(on_trial) == content_of("2.0")
    assert last(on_trial).code == "E-SLOT"


def test_where_nothing_can_start_the_safe_page_does_and_the_history_states_it_once():
    disk = board_with(1)
    disk.remove(PLACE.mark("a"))
    for _ in range(3):
        assert selector_of(disk).start() == ""
    assert disk.read_link(PLACE.current) == "safe"
    assert [event.code for event in history.events(disk, PLACE)].count("E-BOTH-SLOTS") == 1


def test_a_slot_that_was_repaired_starts_again():
    disk = board_with(1)
    disk.remove(PLACE.mark("a"))
    selector_of(disk).start()
    put_slot(disk, "a", Mark("1.0", 1))
    assert selector_of(disk).start() == "a"


def test_a_board_that_lost_both_records_tries_its_newest_release_and_keeps_the_floor(on_trial):
    for path in PLACE.records:
        on_trial.remove(path)
    selector_of(on_trial).start()
    assert running(on_trial) == content_of("2.0")
    record = Records(on_trial, PLACE).load()
    assert (record.trial, record.active, record.counter) == ("b", "a", 2)
    assert last(on_trial).code == "E-BOOT-RECORD"


def test_an_installer_ends_a_trial_and_writes_the_slot_that_does_not_run(on_trial):
    selector = selector_of(on_trial)
    assert selector.prepare() == "b"
    assert "b" not in selector.marks()
    put_slot(on_trial, "b", Mark("3.0", 1))
    selector.adopt("b", Mark("3.0", 1))
    assert running(on_trial) == content_of("3.0")
    assert selector.load().previous == "a"


def test_every_code_of_an_event_has_its_words():
    import re
    from pathlib import Path

    from provisioning import boot

    stated = {
        code for module in Path(boot.__file__).parent.glob("*.py") for code in re.findall(r'"((?:E|OK)-[A-Z-]+)"', module.read_text())
    }
    assert stated
    assert stated <= set(CAUSES)


def test_a_board_on_which_nothing_was_installed_lost_nothing():
    disk = CrashDisk()
    make_folders(disk, PLACE.root)
    selector = selector_of(disk)
    assert selector.settled().event is None
    assert selector.start() == ""
    assert last(disk).code == "E-BOTH-SLOTS"
