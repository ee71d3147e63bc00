"""Operators as text and as JSON."""

from collections.abc import Iterable, Iterator, Sequence

from edge.cli.columns import columns
from edge.records.people.credentials import Event
from edge.records.people.operators import StoredGrant, StoredOperator
from edge.records.schema import ANY
from edge.services.people import StandingUnder


def listing(operators: Iterable[StoredOperator]) -> list[str]:
    """One line per operator."""
    rows = [(each.badge, each.name, _state(each), ", ".join(map(_role, each.grants)) or "none") for each in operators]
    return columns([("badge", "name", "state", "roles"), *rows])


def page(operator: StoredOperator, events: Sequence[Event], standings: Iterable[StandingUnder]) -> Iterator[str]:
    """All information about one operator."""
    yield f"{operator.badge}  {operator.name}  {_state(operator)}"
    yield f"roles: {', '.join(map(_role, operator.grants)) or 'none'}"
    for each in standings:
        standing = each.standing
        until = f" until {standing.expires_at:%Y-%m-%d}" if standing.qualified and standing.expires_at else ""
        yield ""
        yield f"{each.protocol}: {'qualified' + until if standing.qualified else 'not qualified: new exams are preliminary'}"
        yield from (f"  {missing}" for missing in standing.missing)
    if events:
        yield ""
        yield from columns([("entered", "protocol", "what", "valid to", "points", "by"), *map(_row, events)])


def as_record(operator: StoredOperator) -> dict[str, object]:
    """For machines; the keys are stable and the same as in the API."""
    return {
        "id": operator.id,
        "badge": operator.badge,
        "name": operator.name,
        "grants": [{"id": grant.id, "role": grant.role, "protocol": grant.protocol} for grant in operator.grants],
        "retired_at": operator.retired_at.isoformat() if operator.retired_at else None,
        "failures": operator.failures,
        "locked": operator.locked_at is not None,
        "version": operator.version,
    }


def standing_record(each: StandingUnder) -> dict[str, object]:
    standing = each.standing
    return {
        "protocol": each.protocol,
        "qualified": standing.qualified,
        "missing": list(standing.missing),
        "expires_at": standing.expires_at.isoformat() if standing.expires_at else None,
        "counted": standing.counted,
        "needed": standing.needed,
    }


def _row(event: Event) -> tuple[str, ...]:
    ends = f"{event.valid_to:%Y-%m-%d}" if event.valid_to else ""
    return f"{event.at:%Y-%m-%d}", event.protocol, event.kind, ends, "" if event.score is None else str(event.score), event.by


def _state(operator: StoredOperator) -> str:
    if operator.retired_at is not None:
        return "retired"
    return "locked" if operator.locked_at is not None else "active"


def _role(grant: StoredGrant) -> str:
    return grant.role if grant.protocol == ANY else f"{grant.role} ({grant.protocol})"
