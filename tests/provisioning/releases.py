"""Small releases and a board with two slots on a disk in memory, for the tests of the slots and of the engine."""

import hashlib
import io
from datetime import datetime, timezone
from pathlib import Path

from provisioning.boot import moves
from provisioning.boot.files import make_folders
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


def selector_of(disk):
    return Selector(disk, PLACE, lambda: NOW)


def engine_of(disk, *, before_trial=lambda: None):
    return Engine(selector_of(disk), Installer(disk), COMPAT, before_trial)


def put_slot(disk, slot, mark):
    for name, content in content_of(mark.version).items():
        make_folders(disk, (PLACE.slot(slot) / name).parent)
        disk.write(PLACE.slot(slot) / name, (content,))
    disk.sync_tree(PLACE.slot(slot))
    set_mark(disk, PLACE, slot, mark)


def board_with(counter=1):
    """A board with one release in slot a, as its installer leaves it."""
    disk = CrashDisk()
    make_folders(disk, PLACE.slots)
    put_slot(disk, "a", Mark(f"{counter}.0", counter))
    selector = selector_of(disk)
    selector.store(moves.adopted(Record(), "a", selector.marks(), NOW))
    selector.start()
    return disk.copy()


def slot_content(disk, slot):
    """What lies in the folders of a slot, without its mark and its manifest."""
    root = f"{PLACE.slot(slot)}/"
    found = {str(path).removeprefix(root): node.content for path, node in disk.names_.items() if str(path).startswith(root)}
    return {name: content for name, content in found.items() if content is not None and "/" in name}
