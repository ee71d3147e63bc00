"""The people of a replayed ward: enrolled, given roles and signed in by the services, as people are."""

import secrets
from dataclasses import dataclass

from edge.people.actor import SHELL_ACTOR, Actor
from edge.people.permission import Role
from edge.people.pin import LONGEST, PinRefused, good
from edge.services.people import PeopleService

ADMIN, OPERATOR, READER, LABELS = "replay-admin", "replay-operator", "replay-reader", "replay-labels"
"""The badges."""
NAMES = {
    ADMIN: "Administrator of the replay",
    OPERATOR: "Simulated operator",
    READER: "Simulated reader",
    LABELS: "Labels of the data set",
}
ROLES = {OPERATOR: Role.SCAN, READER: Role.INTERPRET, LABELS: Role.OVER_READ}


@dataclass(frozen=True, slots=True)
class Staff:
    """`operator` scans and decides on the model's findings, `reader` reads first and signs, `labels` reads over with the labels.

    `pin` is that of all of them: it opens nothing but this data folder.
    """

    pin: str
    admin: Actor
    operator: Actor
    reader: Actor
    labels: Actor


def enrol(people: PeopleService) -> Staff:
    """Enrols the people of a new data folder.

    Raises:
        AlreadyClaimed: it has people already.
        RecordsFull: the disk refuses it.
    """
    pin = _new_pin(people.policy.shortest_pin)
    people.claim(SHELL_ACTOR, ADMIN, NAMES[ADMIN], pin)
    admin = people.sign_in.here(ADMIN, pin)
    for badge, role in ROLES.items():
        person = people.enrol(admin, badge, NAMES[badge], pin)
        people.grant(admin, person.id, role)
    return Staff(pin, admin, *(people.sign_in.here(badge, pin) for badge in ROLES))


def _new_pin(shortest: int) -> str:
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(min(shortest, LONGEST)))
        try:
            return good(pin, shortest=shortest)
        except PinRefused:
            continue
