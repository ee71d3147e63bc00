"""The table of attacks: each changes a stick that is newer than what the device has, and names the code of the refusal.

An attack works with what its thief has: the files of any release, and the keys that were stolen. All others stay the publisher's.
"""

import copy
from dataclasses import dataclass

from tuf.api.metadata import Metadata

from provisioning.trust.source import ON_STICK
from tests.provisioning.trust.simulator import PATHS, Publisher, place, seal, state, write

PUBLISHER = Publisher()
OLD, PRESENT, NEW, NEXT = (PUBLISHER.release() for _ in range(4))
"""The stick before, the one that the device has, the one that is attacked, and an honest one after that."""
FOREIGN = Publisher()
FOREIGN_FILES = [FOREIGN.release() for _ in range(3)][-1]
VERSION = 3
DELEGATED = tuple(PATHS)
LISTS = ("targets", *DELEGATED)
ROLES = ("timestamp", "snapshot", *LISTS)
SIGNED_BY_MANY = ("root", "targets")
WHERE = {role: place(role, VERSION) for role in ROLES} | {"root": "metadata/2.root.json"}
ORDER = ("root", "timestamp", "snapshot", "targets", *DELEGATED)


@dataclass(frozen=True)
class Attack:
    name: str
    code: str
    run: object
    arguments: tuple

    def __str__(self):
        return "-".join([self.name, *(str(each).replace("/", ".") for each in self.arguments if isinstance(each, (str, int, float)))])


class Attacks(list):
    """A part of the table."""

    def add(self, code, *cases):
        """Adds an attack, once for each case; `code` is one for all, or depends on the case."""

        def add(run):
            for case in cases or ((),):
                arguments = case if isinstance(case, tuple) else (case,)
                self.append(Attack(run.__name__, code(*arguments) if callable(code) else code, run, arguments))
            return run

        return add


class Stick:
    """The attacked stick in its folder `mounted`, and what a thief does with it."""

    def __init__(self, mounted):
        self.mounted = write(NEW, mounted)
        self.now = copy.deepcopy({role: Metadata.from_bytes(NEW[WHERE[role]]).signed for role in ROLES})
        self.now["root"] = Metadata.from_bytes(NEW["metadata/1.root.json"]).signed

    def path(self, role):
        return self.mounted / ON_STICK / WHERE[role]

    def put(self, role, content):
        self.path(role).write_bytes(content)

    def read(self, role):
        return self.path(role).read_bytes()

    def sign(self, role, keys=None):
        """Writes a role as it is now and states it above, signed by its keys or these."""
        content = seal(self.now[role], PUBLISHER.keys[role] if keys is None else keys)
        (self.mounted / ON_STICK / place(role, self.now[role].version)).write_bytes(content)
        state(self.now, role, content)

    def sign_from(self, role, keys=None):
        """The same, and all that stands above it, signed rightly: the thief has those keys too."""
        self.sign(role, keys)
        for each in ("snapshot", "timestamp"):
            if ORDER.index(each) < ORDER.index(role):
                self.sign(each)

    def next_root(self):
        """A new root, signed by the keys of the present one."""
        self.now["root"].version = 2
        self.sign("root")
