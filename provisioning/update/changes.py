"""What an update would change, before anything is applied: one row for each part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioning.update.manifest import Facts

NONE = "none"
SAME = "stays"


@dataclass(frozen=True, slots=True)
class Change:
    """`part` as people call it; `before` and `after` in words."""

    part: str
    before: str
    after: str
    effect: str


def changes(now: Facts | None, then: Facts) -> tuple[Change, ...]:
    """From the release that runs, None where its facts are not known, to another one."""
    rows: Mapping[str, tuple[str, str, str]] = {
        "program": (now.version if now else "unknown", then.version, "replaced; the previous one stays for a rollback"),
        "records": (now.database if now else "unknown", then.database, "the new program only adds; the previous one still opens them"),
        "models": (_listed(now.models if now else ()), _listed(then.models), "built-in; installed and active models stay"),
        "probe firmware": (_listed(now.firmware if now else ()), _listed(then.firmware), "what fits; the probe itself is not changed"),
    }
    return tuple(Change(part, before, after, SAME if before == after else effect) for part, (before, after, effect) in rows.items())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or NONE
