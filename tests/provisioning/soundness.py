"""What must hold of a board after any cut of its power, once it has started again."""

from provisioning.boot import history
from provisioning.boot.record import Records
from tests.provisioning.releases import PLACE, content_of, selector_of, slot_content


def require_sound(disk, allowed, *, floor=0, number=0, place=PLACE):
    """The board starts one of the `allowed` releases, whole, and forgets nothing: `floor` and `number` were true of its record before.

    A release is named by its counter, with "?" while it is on trial.
    """
    slot = selector_of(disk, place).start()
    record, marks = Records(disk, place).load(), selector_of(disk, place).marks()
    assert slot, "bricked"
    assert disk.read_link(place.current) == f"slots/{slot}"
    for other, mark in marks.items():
        assert slot_content(disk, other, place) == content_of(mark.version), "half installed"
    assert f"{marks[slot].counter}{'?' * bool(record.trial)}" in allowed
    assert record.counter >= floor, "a floor sank"
    assert record.number >= number, "the truth went back"
    assert record.previous not in marks or marks[record.previous].counter <= record.counter, "a rollback would skip a trial"
    numbers = [event.number for event in history.events(disk, place)]
    assert numbers == list(range(1, record.event.number + 1)), "an event is missing"
