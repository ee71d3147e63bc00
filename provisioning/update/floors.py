"""The floors of the signed lists, as a boot record holds them: `ROLE KEYS` for each role, and `time`."""

from collections.abc import Mapping

from provisioning.boot.record import Record
from provisioning.trust.floors import Floors, Seen

TIME = "time"


def floors_of(record: Record) -> Floors:
    """Those of a record."""
    named = ((name.partition(" "), version) for name, version in record.floors.items() if name != TIME)
    return Floors(record.floors.get(TIME, 0), tuple(Seen(role, keys, version) for (role, _, keys), version in named))


def stated(floors: Floors) -> Mapping[str, int]:
    """The other way round."""
    return {TIME: floors.time, **{f"{each.role} {each.keys}": each.version for each in floors.seen}}
