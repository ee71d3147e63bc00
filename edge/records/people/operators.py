"""Operators: the people who work with the appliance, their badges, roles and failed sign-ins. Operators are retired, never deleted."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from edge.records.ids import new_id
from edge.records.rows import expect, found, stored
from edge.records.schema import ANY, GrantRow, OperatorRow, SessionRow
from edge.records.store import Store, Transaction
from firmware_bridge.errors import Conflict

ADMIN = "admin"
"""At least one operator must always hold this role."""


class OperatorRefused(Conflict):
    """A change of an operator that is not allowed."""

    code = "operator-refused"


class AlreadyClaimed(Conflict):
    """The appliance has an administrator already."""

    code = "already-claimed"
    says_code = "already_claimed"


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A role that an operator holds, under one protocol or under every one (`*`)."""

    id: str
    role: str
    protocol: str
    given_at: datetime
    given_by: str


@dataclass(frozen=True, slots=True)
class StoredOperator:
    """An operator as recorded, with the roles that are held now; see `OperatorRow`."""

    id: str
    badge: str
    name: str
    pin_hash: str = field(repr=False)
    created_at: datetime
    retired_at: datetime | None
    failures: int
    wait_until: datetime | None
    locked_at: datetime | None
    version: int
    grants: tuple[StoredGrant, ...]

    @property
    def called(self) -> str:
        """The operator's name in the audit trail."""
        return called(self.name, self.badge)


@dataclass(frozen=True, slots=True)
class NewOperator:
    badge: str
    name: str
    pin_hash: str = field(repr=False)


class Operators:
    """Every public method is one transaction; `by` is the name of the acting person in the audit trail."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def any(self) -> bool:
        """Whether there is any operator: the appliance was claimed."""
        with self._store.read() as session:
            return _any(session)

    def get(self, operator_id: str) -> StoredOperator:
        """One operator.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return operator_of(session, found(session.get(OperatorRow, operator_id), "operator", operator_id))

    def newest(self, limit: int, after: str | None = None) -> tuple[StoredOperator, ...]:
        """The last enrolled first; retired ones too."""
        query = select(OperatorRow).order_by(OperatorRow.id.desc()).limit(limit)
        with self._store.read() as session:
            rows = session.scalars(query if after is None else query.where(OperatorRow.id < after)).all()
            return tuple(operator_of(session, row) for row in rows)

    def with_badge(self, badge: str) -> StoredOperator:
        """The person who has or had this badge.

        Raises:
            RecordUnknown: there is no such person.
        """
        with self._store.read() as session:
            rows = [row for row in session.scalars(select(OperatorRow)) if folded(row.badge) == folded(badge)]
            return operator_of(session, found(rows[0] if rows else None, "operator with the badge", badge))

    def known_as(self, name: str) -> StoredOperator | None:
        """The operator with this badge, or else the only one with this name; retired operators do not count."""
        with self._store.read() as session:
            rows = session.scalars(select(OperatorRow).where(OperatorRow.retired_at.is_(None))).all()
            by_badge = [row for row in rows if folded(row.badge) == folded(name)]
            by_name = [row for row in rows if folded(row.name) == folded(name)]
            row = next((each[0] for each in (by_badge, by_name) if len(each) == 1), None)
            return operator_of(session, row) if row else None

    def require_none(self) -> None:
        """Raises AlreadyClaimed: there is an operator."""
        with self._store.read() as session:
            _require_none(session)

    def claim(self, new: NewOperator, by: str = "a person without a sign-in") -> StoredOperator:
        """Adds the first administrator.

        Raises:
            AlreadyClaimed: another person was faster.
        """
        with self._store.write() as change:
            _require_none(change.session)
            row = _added(change, new, by, "appliance.claimed")
            _grant(change, row, called(row.name, row.badge), ADMIN, ANY)
            return operator_of(change.session, row)

    def add(self, by: str, new: NewOperator) -> StoredOperator:
        """Adds a person without any role.

        Raises:
            OperatorRefused: the badge is taken, perhaps by a retired person.
        """
        with self._store.write() as change:
            return operator_of(change.session, _added(change, new, by, "operator.added"))

    def change(self, by: str, operator_id: str, name: str | None, *, retire: bool, seen: int | None) -> StoredOperator:
        """Gives another name, or retires the operator, which ends their sessions; earlier records keep the earlier name.

        Raises:
            RecordUnknown, RecordStale: see `edge.records.rows`.
            OperatorRefused: they are retired already, or the last administrator.
        """
        with self._store.write() as change:
            row = row_of(change, operator_id)
            row.version = expect("operator", row.version, seen)
            if row.retired_at is not None:
                fix = "Enrol the person again, with another badge"
                raise OperatorRefused("{badge} is retired", fix, says="badge_retired", badge=row.badge)
            row.name = name or row.name
            if retire:
                row.retired_at = change.now
                _require_admin(change)
                end_sessions(change, operator_id)
            act = "operator.retired" if retire else "operator.renamed"
            change.log(by, act, f"operator/{operator_id}", {"version": row.version, "name": row.name})
            return operator_of(change.session, row)

    def grant(self, by: str, operator_id: str, role: str, protocol: str) -> StoredOperator:
        """Gives a role; a role that is held already is not given again.

        Raises:
            RecordUnknown: there is no such operator.
            OperatorRefused: they are retired.
        """
        with self._store.write() as change:
            row = row_of(change, operator_id)
            if row.retired_at is not None:
                fix = "Enrol the person again, with another badge"
                raise OperatorRefused("{badge} is retired", fix, says="badge_retired", badge=row.badge)
            if any((each.role, each.protocol) == (role, protocol) for each in _grants(change.session, operator_id)):
                change.unlogged()
            else:
                row.version += 1
                _grant(change, row, by, role, protocol)
            return operator_of(change.session, row)

    def revoke(self, by: str, operator_id: str, grant_id: str) -> StoredOperator:
        """Takes a role away.

        Raises:
            RecordUnknown: there is no such operator, or the operator has no such grant.
            OperatorRefused: it is the last administrator's.
        """
        with self._store.write() as change:
            row = row_of(change, operator_id)
            grant = change.session.get(GrantRow, grant_id)
            mine = grant if grant is not None and grant.operator_id == operator_id and grant.taken_at is None else None
            held = found(mine, "grant", grant_id)
            held.taken_at, held.taken_by = change.now, by
            row.version += 1
            _require_admin(change)
            change.log(by, "grant.revoked", f"operator/{operator_id}", {"role": held.role, "protocol": held.protocol, "grant": grant_id})
            return operator_of(change.session, row)

    def set_pin(self, by: str, operator_id: str, pin_hash: str, keep_session: str | None = None) -> StoredOperator:
        """Sets another PIN; sessions that began with the old one end, except `keep_session`.

        Raises:
            RecordUnknown: there is no such operator.
        """
        with self._store.write() as change:
            row = row_of(change, operator_id)
            row.pin_hash = pin_hash
            row.version += 1
            end_sessions(change, operator_id, keep_session)
            change.log(by, "pin.changed", f"operator/{operator_id}", {"version": row.version})
            return operator_of(change.session, row)

    def hash_anew(self, operator_id: str, pin_hash: str) -> None:
        """Stores the same PIN, hashed with other parameters."""
        with self._store.write() as change:
            row_of(change, operator_id).pin_hash = pin_hash
            change.unlogged()


def called(name: str, badge: str) -> str:
    return f"{name} ({badge})"


def folded(text: str) -> str:
    """The form in which badges and names are compared."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def operator_of(session: Session, row: OperatorRow) -> StoredOperator:
    """An operator with the roles that are held now."""
    return stored(StoredOperator, row, grants=_grants(session, row.id))


def end_sessions(change: Transaction, operator_id: str, but: str | None = None) -> None:
    """Ends all open sessions of an operator except `but`, within a change."""
    query = select(SessionRow).where(SessionRow.operator_id == operator_id, SessionRow.ended_at.is_(None))
    for row in change.session.scalars(query).all():
        if row.id != but:
            row.ended_at = change.now


def row_of(change: Transaction, operator_id: str) -> OperatorRow:
    """The row of an operator, within a change."""
    return found(change.session.get(OperatorRow, operator_id), "operator", operator_id)


def _grants(session: Session, operator_id: str) -> tuple[StoredGrant, ...]:
    query = select(GrantRow).where(GrantRow.operator_id == operator_id, GrantRow.taken_at.is_(None)).order_by(GrantRow.id)
    return tuple(StoredGrant(row.id, row.role, row.protocol, row.given_at, row.given_by) for row in session.scalars(query))


def _added(change: Transaction, new: NewOperator, by: str, act: str) -> OperatorRow:
    if any(folded(badge) == folded(new.badge) for badge in change.session.scalars(select(OperatorRow.badge))):
        fix = "Choose another; a badge is never given to a second person"
        raise OperatorRefused("The badge {badge} is taken", fix, says="badge_taken", badge=new.badge)
    row = OperatorRow(id=new_id(), badge=new.badge, name=new.name, pin_hash=new.pin_hash, created_at=change.now)
    change.session.add(row)
    change.session.flush()
    change.log(by, act, f"operator/{row.id}", {"badge": row.badge})
    return row


def _grant(change: Transaction, row: OperatorRow, by: str, role: str, protocol: str) -> None:
    grant = GrantRow(id=new_id(), operator_id=row.id, role=role, protocol=protocol, given_at=change.now, given_by=by)
    change.session.add(grant)
    change.session.flush()
    change.log(by, "grant.given", f"operator/{row.id}", {"role": role, "protocol": protocol, "grant": grant.id})


def _any(session: Session) -> bool:
    return bool(session.scalar(select(exists(select(OperatorRow.id)))))


def _require_none(session: Session) -> None:
    if _any(session):
        raise AlreadyClaimed("This appliance has an administrator already", "Sign in; an administrator can enrol other people")


def _require_admin(change: Transaction) -> None:
    change.session.flush()
    held = select(func.count()).select_from(GrantRow).join(OperatorRow, GrantRow.operator_id == OperatorRow.id)
    held = held.where(GrantRow.role == ADMIN, GrantRow.taken_at.is_(None), OperatorRow.retired_at.is_(None))
    if not change.session.scalar(held):
        raise OperatorRefused("This is the last administrator", "Give another person the role first", says="last_administrator")
