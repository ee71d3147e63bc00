"""The engine: what it refuses leaves the board as it was, with the reason in its history; what it applies is on trial, whole."""

from dataclasses import replace

import pytest

from provisioning.boot.files import make_folders
from provisioning.codes import ProvisionRefused
from provisioning.update.engine import COPIES, MARGIN_BYTES
from provisioning.update.manifest import Manifest
from tests.provisioning.crash_disk import CrashDisk
from tests.provisioning.releases import PLACE, content_of, engine_of, facts_of, selector_of, slot_content

BAD = {
    "E-WRONG-HW": {"compat": "aarch64-cp311"},
    "E-TOO-OLD-SOURCE": {"least_counter": 2},
    "E-NO-SPACE": {"unpacked": 10**12},
}


@pytest.mark.parametrize(("cause", "facts"), BAD.items())
def test_a_release_that_this_board_cannot_apply(bench, cause, facts):
    offer = bench.unfetched(**facts)
    assert bench.refused(lambda: engine_of(bench.disk).apply(offer)).cause == cause
    bench.require_nothing_half()
    with pytest.raises(ProvisionRefused, match=r"2\.0"):
        engine_of(bench.disk).check(offer)


def test_a_release_that_is_older_than_one_that_was_confirmed(bench):
    bench.update(3)
    with pytest.raises(ProvisionRefused) as refused:
        engine_of(bench.disk).apply(bench.unfetched(2))
    assert refused.value.cause == bench.events[-1].code == "E-ROLLBACK"
    selector = selector_of(bench.disk)
    assert selector.marks()[selector.load().active].version == "3.0"


def test_a_rollback_lowers_no_floor(bench):
    bench.update(3)
    engine_of(bench.disk).roll_back("asked for")
    selector_of(bench.disk).start()
    selector_of(bench.disk).confirm()
    assert bench.refused(lambda: engine_of(bench.disk).apply(bench.unfetched(2))).cause == "E-ROLLBACK"


def test_the_release_that_runs_can_be_applied_again(bench):
    bench.update(2)
    bench.update(2)
    marks = selector_of(bench.disk).marks()
    assert [marks[slot].counter for slot in "ab"] == [2, 2]


def test_no_release_is_applied_while_another_is_on_trial(bench):
    engine_of(bench.disk).apply(bench.offer())
    selector_of(bench.disk).start()
    with pytest.raises(ProvisionRefused, match="on trial") as refused:
        engine_of(bench.disk).apply(bench.unfetched(3))
    assert refused.value.cause == bench.events[-1].code == "E-BUSY"
    assert selector_of(bench.disk).load().trial == "b"


def test_the_room_that_an_update_needs(bench):
    offer = bench.unfetched(unpacked=10**8)
    bench.disk.free = COPIES * 10**8 + MARGIN_BYTES
    engine_of(bench.disk).check(offer)
    bench.disk.free -= 1
    with pytest.raises(ProvisionRefused, match=r"699 MB are free, and release 2\.0 needs 700 MB") as refused:
        engine_of(bench.disk).check(offer)
    assert refused.value.cause == "E-NO-SPACE"


def test_what_a_cut_update_left_and_the_slot_to_be_written_count_as_room(bench):
    """Otherwise a board on which an update fits once could not apply it again after a power cut."""
    offer, place = bench.unfetched(unpacked=10**8), selector_of(bench.disk).place
    bench.disk.free = COPIES * 10**8 + MARGIN_BYTES - 3000
    for path in (place.incoming / "release" / "wheels" / "a.whl", place.slot("b") / "lib" / "half.py"):
        make_folders(bench.disk, path.parent)
        bench.disk.write(path, (bytes(1000),))
    with pytest.raises(ProvisionRefused, match="699 MB are free"):
        engine_of(bench.disk).check(offer)
    bench.disk.write(place.incoming / "bundle.tar", (bytes(1000),))
    engine_of(bench.disk).check(offer)


def test_a_bundle_with_other_facts_than_the_signed_list(bench):
    offer = replace(bench.offer(security_floor=1), facts=facts_of(2))
    assert bench.refused(lambda: engine_of(bench.disk).apply(offer)).cause == "E-MIX"
    bench.require_nothing_half()


def test_a_bundle_that_is_none(bench):
    offer = replace(bench.offer(), fetch=lambda path: bench.disk.write(path, (b"no tar",)))
    assert bench.refused(lambda: engine_of(bench.disk).apply(offer)).cause == "E-TAMPER"
    bench.require_nothing_half()


@pytest.mark.parametrize("pieces", range(4))
def test_the_stick_is_pulled_at_any_piece(bench, pieces):
    def fetch(path):
        for number in range(pieces):
            bench.disk.append(path, b"%d" % number)
        raise ProvisionRefused("E-STICK-REMOVED", "the stick is gone")

    assert bench.refused(lambda: engine_of(bench.disk).apply(replace(bench.offer(), fetch=fetch))).cause == "E-STICK-REMOVED"
    bench.require_nothing_half()
    engine_of(bench.disk).apply(bench.offer())
    assert slot_content(bench.disk, "b") == content_of("2.0")


class Broken:
    """An installer of which one step fails."""

    def __init__(self, installer, step):
        self.installer, self.step = installer, step

    def __getattr__(self, name):
        def fails(*_):
            raise ProvisionRefused("E-INSTALL", "the packages cannot be installed: no wheel fits")

        return fails if name == self.step else getattr(self.installer, name)


@pytest.mark.parametrize("step", ["install", "verify"])
def test_packages_that_cannot_be_installed(bench, step):
    engine = engine_of(bench.disk)
    broken = replace(engine, installer=Broken(engine.installer, step))
    assert bench.refused(lambda: broken.apply(bench.offer())).cause == "E-INSTALL"
    bench.require_nothing_half()


def test_records_that_cannot_be_copied_keep_the_trial_from_starting(bench):
    def before_trial():
        raise ProvisionRefused("E-BACKUP", "the records cannot be copied")

    offer = bench.offer()
    assert bench.refused(lambda: engine_of(bench.disk, before_trial=before_trial).apply(offer)).cause == "E-BACKUP"
    assert selector_of(bench.disk.copy()).start() == "a"
    engine_of(bench.disk).apply(bench.unfetched())
    assert selector_of(bench.disk).start() == "b"


@pytest.mark.parametrize(("number", "cause"), [(28, "E-NO-SPACE"), (122, "E-NO-SPACE"), (5, "E-DISK"), (30, "E-DISK")])
def test_the_disk_refuses_a_write(bench, number, cause):
    """ENOSPC, EDQUOT, EIO, EROFS."""

    def fetch(path):
        bench.disk.fails = {bench.disk.done: number}
        bench.disk.write(path, (b"",))

    assert bench.refused(lambda: engine_of(bench.disk).apply(replace(bench.offer(), fetch=fetch))).cause == cause
    bench.require_nothing_half()


def test_a_slot_that_was_whole_before_a_cut_is_not_copied_again_and_needs_no_room(bench):
    def cut():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine_of(bench.disk, before_trial=cut).apply(bench.offer())
    bench.disk.free = 0
    assert engine_of(bench.disk).apply(bench.unfetched()).trial == "b"
    assert slot_content(bench.disk, "b") == content_of("2.0")


def test_another_release_is_copied_over_a_whole_slot(bench):
    bench.update(2)
    engine_of(bench.disk).apply(bench.offer(3))
    assert slot_content(bench.disk, "a") == content_of("3.0")
    assert selector_of(bench.disk).load().previous == ""


def test_what_an_update_leaves(bench):
    steps, copied = [], []
    engine = replace(engine_of(bench.disk, before_trial=lambda: copied.append(len(steps))), progress=steps.append)
    record = engine.apply(bench.offer())
    assert (record.active, record.trial, record.starts_left) == ("a", "b", 3)
    assert (record.event.code, record.event.release_before, record.event.release_after) == ("OK-ARMED", "1.0", "2.0")
    assert selector_of(bench.disk).marks()["b"] == bench.offer().mark
    stated = Manifest.model_validate_json(bench.disk.read(PLACE.manifest("b")))
    assert (stated.counter, len(stated.files)) == (2, 2)
    assert bench.disk.read(PLACE.sbom("b")) == b"{}"
    assert not bench.disk.exists(PLACE.incoming)
    assert copied == [len(steps)]
    assert "copying the records" in steps[-1]


def test_the_first_release_of_a_board(bench):
    bench.disk = CrashDisk()
    make_folders(bench.disk, PLACE.slots)
    engine_of(bench.disk).apply(bench.offer())
    assert selector_of(bench.disk).start() == "a"
    record = selector_of(bench.disk).confirm()
    assert (record.active, record.previous, record.counter) == ("a", "", 2)


def test_the_first_release_of_a_board_has_nothing_to_go_back_to(bench):
    bench.disk = CrashDisk()
    make_folders(bench.disk, PLACE.slots)
    engine_of(bench.disk).apply(bench.offer())
    selector_of(bench.disk).start()
    record = selector_of(bench.disk).fail("its self-test did not pass")
    assert (record.active, record.trial, record.event.code) == ("a", "", "E-SLOT")
    assert record.event.what.endswith("its self-test did not pass. It runs, because no other release can start")


def test_a_return_to_the_previous_release_is_a_trial(bench):
    bench.update(2)
    record = engine_of(bench.disk).roll_back("the page is too slow")
    assert (record.active, record.trial, record.event.code) == ("b", "a", "OK-ROLLBACK-ASKED")
    assert "the page is too slow" in bench.events[-1].what
    assert selector_of(bench.disk).start() == "a"


def test_a_rollback_ends_a_trial(bench):
    engine_of(bench.disk).apply(bench.offer())
    selector_of(bench.disk).start()
    record = engine_of(bench.disk).roll_back("the page is too slow")
    assert (record.active, record.trial, record.event.code) == ("a", "", "E-HEALTH")
    assert selector_of(bench.disk).start() == "a"


def refused_rollback(bench):
    before = selector_of(bench.disk).load()
    with pytest.raises(ProvisionRefused) as refused:
        engine_of(bench.disk).roll_back("asked for")
    after = selector_of(bench.disk).load()
    assert (after.active, after.trial, after.previous, after.counter) == (before.active, before.trial, before.previous, before.counter)
    assert bench.events[-1].code == refused.value.cause
    return refused.value


def test_there_is_no_previous_release(bench):
    assert refused_rollback(bench).cause == "E-NO-PREVIOUS"


def test_a_previous_release_whose_slot_is_damaged_is_none(bench):
    bench.update(2)
    bench.disk.remove(PLACE.slot("a") / "bin/sonoedge")
    assert refused_rollback(bench).cause == "E-NO-PREVIOUS"


@pytest.mark.parametrize(("floor", "cause"), [(2, "E-SECURITY-FLOOR"), (1, "")])
def test_a_release_that_is_not_secure_does_not_return(bench, floor, cause):
    bench.update(2, security_floor=floor)
    if cause:
        assert refused_rollback(bench).cause == cause
    else:
        assert engine_of(bench.disk).roll_back("asked for").trial == "a"
