"""A board in memory, and what a refusal leaves on it."""

from dataclasses import replace

import pytest

from provisioning.boot import history
from provisioning.codes import ProvisionRefused
from tests.provisioning.release.conftest import place, publisher  # noqa: F401 - fixtures of these tests too
from tests.provisioning.releases import (
    PLACE,
    board_with,
    bundle_of,
    content_of,
    engine_of,
    facts_of,
    offer_of,
    selector_of,
    slot_content,
)


class Bench:
    """A board that runs release 1 in slot a, and releases for it."""

    def __init__(self, folder):
        self.folder, self.disk = folder, board_with(1)

    def offer(self, counter=2, **facts):
        """An offer whose bundle states what it states."""
        stated = facts_of(counter, **facts)
        return offer_of(self.disk, stated, bundle_of(stated, self.folder))

    def unfetched(self, counter=2, **facts):
        """The same, of which nobody may copy anything."""

        def fetch(_):
            pytest.fail("the bundle was copied")

        return replace(self.offer(counter, **facts), fetch=fetch)

    def update(self, counter, **facts):
        engine_of(self.disk).apply(self.offer(counter, **facts))
        selector_of(self.disk).start()
        selector_of(self.disk).confirm()

    def refused(self, act):
        """The refusal of an act after which the board works as before, and its history has the code."""
        before = selector_of(self.disk).load()
        with pytest.raises(ProvisionRefused) as refused:
            act()
        after = selector_of(self.disk).load()
        kept = {field: getattr(before, field) for field in ("active", "trial", "starts_left", "counter", "floors")}
        assert {field: getattr(after, field) for field in kept} == kept
        assert slot_content(self.disk, "a") == content_of("1.0")
        assert self.disk.read_link(PLACE.current) == "slots/a"
        assert self.events[-1].code == refused.value.cause
        assert self.events[-1].what == refused.value.what
        assert (self.events[-1].release_before, self.events[-1].release_after) == ("1.0", "2.0")
        return refused.value

    def require_nothing_half(self):
        """The other slot has no mark: it never starts; and the next start is that of release 1."""
        assert set(selector_of(self.disk).marks()) == {"a"}
        assert selector_of(self.disk.copy()).start() == "a"

    @property
    def events(self):
        return history.events(self.disk, PLACE)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
