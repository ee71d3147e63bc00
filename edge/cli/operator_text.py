"""Operators as text and as JSON."""

from collections.abc import Iterable, Iterator, Sequence

from edge.cli.columns import columns
from edge.records.people.credentials import Event
from edge.records.people.operators import StoredGrant, StoredOperator
from edge.records.schema import ANY
from edge.services.people import StandingUnder


def listing(operators: Iterable[StoredOperator]) -> list[str]:
    """One line an operator."""
    rows = [(each.badge, each.name, _state(each), ", ".join(map(_role, each.grants)) or "none") for each in operators]
    return columns([("badge", "name", "state", "roles"), *rows])


def page(operator: StoredOperator, events: Sequence[Event], standings: Iterable[StandingUnder]) -> Iterator[str]:
    """All that is known of one operator."""
    yield f"{operator.badge}  {operator.name}  {_state(operator)}"
    yield f"roles: {', '.join(map(_role, operator.grants)) or 'none'}"
    for each in standings:
        told = each.standing
        until = f" until {told.expires_at:%Y-%m-%d}" if told.qualified and told.expires_at else ""
        yield ""
        yield f"{each.protocol}: {'qualified' + until if told.qualified else 'not qualified: what is scanned is preliminary'}"
        yield from (f"  {missing}" for missing in told.missing)
    if events:
        yield ""
        yield from columns([("entered", "protocol", "what", "valid to", "points", "by"), *map(_row, events)])


def as_record(operator: StoredOperator) -> dict[str, object]:
    """For machines; the keys are stable and those of the API."""
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
    told = each.standing
    return {
        "protocol": each.protocol,
        "qualified": told.qualified,
        "missing": list(told.missing),
        "expires_at": told.expires_at.isoformat() if told.expires_at else None,
        "counted": told.counted,
        "needed": told.needed,
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
