"""Small releases and a board with two slots on a disk in memory, for the tests of the slots and of the engine."""

import hashlib
import io
from datetime import datetime, timezone
from pathlib import Path

from provisioning.boot import history, moves
from provisioning.boot.files import RealFiles, make_folders
from provisioning.boot.place import Place
from provisioning.boot.record import Record
from provisioning.boot.selector import Selector
from provisioning.boot.slot import Mark, set_mark
from provisioning.update import bundle
from provisioning.update.engine import Engine, Offer
from provisioning.update.manifest import Facts, Item, Manifest
from tests.provisioning.crash_disk import CrashDisk

PLACE = Place(Path("/opt/sonoedge"))
COMPAT = "x86_64-cp311"
NOW = "2026-11-30T09:00:00+00:00"
BORN = datetime(2026, 11, 30, tzinfo=timezone.utc)


def content_of(version):
    """The files of a slot."""
    return {
        "bin/python3": b"python",
        "bin/sonoedge": f"program {version}".encode() * 3,
        "lib/code": f"code of {version}".encode() * 20,
        "lib/wheel": f"wheel of {version}".encode(),
    }


def facts_of(counter, **more):
    return Facts(**{"version": f"{counter}.0", "counter": counter, "compat": COMPAT, "issued_at": BORN, "unpacked": 1000, **more})


def bundle_of(facts, tmp_path):
    """The bytes of a bundle with one package."""
    contents = {"sbom.json": b"{}", "wheels/sonoedge.whl": f"wheel of {facts.version}".encode()}
    sources = {name: tmp_path / f"{number}-{facts.version}" for number, name in enumerate(contents)}
    for name, content in contents.items():
        sources[name].write_bytes(content)
    items = tuple(Item(path=name, size=len(each), sha256=hashlib.sha256(each).hexdigest()) for name, each in contents.items())
    packed = io.BytesIO()
    bundle.write(packed, Manifest(**facts.model_dump(), files=items), sources)
    return packed.getvalue()


def offer_of(disk, facts, packed):
    """An offer whose stick is in memory."""

    def fetch(path):
        disk.write(path, (packed,))
        disk.sync(path)

    return Offer(facts, len(packed), hashlib.sha256(packed).hexdigest(), fetch)


class Installer:
    """Makes a slot of the files that `content_of` states, with the package that was unpacked."""

    def __init__(self, disk):
        self.disk = disk

    def install(self, release, slot):
        wheel = self.disk.read(release / "wheels/sonoedge.whl")
        version = wheel.decode().removeprefix("wheel of ")
        for name, content in {**content_of(version), "lib/wheel": wheel}.items():
            for folder in (slot, (slot / name).parent):
                if not self.disk.is_folder(folder):
                    self.disk.make_folder(folder)  # not synced: pip does not do it either
            self.disk.write(slot / name, (content,))

    def verify(self, slot):
        return len(self.disk.names(slot / "lib"))


def selector_of(disk, place=PLACE):
    return Selector(disk, place, lambda: NOW)


def engine_of(disk, place=PLACE, *, before_trial=lambda: None):
    return Engine(selector_of(disk, place), Installer(disk), COMPAT, before_trial)


def put_slot(disk, slot, mark, place=PLACE):
    for name, content in content_of(mark.version).items():
        make_folders(disk, (place.slot(slot) / name).parent)
        disk.write(place.slot(slot) / name, (content,))
    disk.sync_tree(place.slot(slot))
    set_mark(disk, place, slot, mark)


def set_up(disk, place=PLACE, counter=1):
    """Puts one release into slot a, as its installer leaves it."""
    make_folders(disk, place.slots)
    put_slot(disk, "a", Mark(f"{counter}.0", counter), place)
    selector = selector_of(disk, place)
    selector.store(moves.adopted(Record(), "a", selector.marks(), NOW))
    selector.start()


def board_with(counter=1):
    """A board with one release, on a disk in memory."""
    disk = CrashDisk()
    set_up(disk, counter=counter)
    return disk.copy()


class InMemory(RealFiles):
    """Its folder is in memory, where nothing is to be synced."""

    def sync_tree(self, path):
        path.stat()


def codes(disk, place=PLACE):
    """Of the events in the history."""
    return [event.code for event in history.events(disk, place)]


def slot_content(disk, slot, place=PLACE):
    """What lies in the folders of a slot, without its mark and its manifest."""
    root = place.slot(slot)
    folders = [folder for folder in disk.names(root) if disk.is_folder(root / folder)]
    return {f"{folder}/{name}": disk.read(root / folder / name) for folder in folders for name in disk.names(root / folder)}
