"""What the sessions of people need: time that passes, and what the audit trail holds."""

import pytest
from sqlalchemy import select

from edge.records.schema import AuditRow


@pytest.fixture
def later(view):
    """Lets time pass, on the clock and on the machine; each call replaces the span of the call before."""
    sign_in = view.people.sign_in
    ran = sign_in._ran
    clock = view.store.clock.machine_time

    def pass_by(span):
        sign_in._ran = sign_in._strangers._ran = sign_in._guesses._ran = lambda: ran() + span
        view.store.clock.machine_time = lambda: clock() + span

    return pass_by


@pytest.fixture
def acts(view):
    """Lists the acts of the audit trail, oldest first."""

    def read():
        with view.store.read() as session:
            return list(session.scalars(select(AuditRow.act).order_by(AuditRow.seq)))

    return read


@pytest.fixture
def everything_written(view):
    """Joins all entries of the audit trail, as stored, into one text."""

    def read():
        with view.store.read() as session:
            return " ".join(session.scalars(select(AuditRow.body)))

    return read
