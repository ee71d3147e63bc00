"""Decisions that another one replaced: the finding holds the last one only, and the audit trail the ones before."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import func, select

from edge.records.exams.finding import OPEN, Decision
from edge.records.schema import AuditRow
from edge.records.store import Store

AT_ONCE = 1000
ACTS = tuple(f"finding.{decision.replace('_', '-')}" for decision in get_args(Decision))


@dataclass(frozen=True, slots=True)
class Replaced:
    """A decision that does not hold any more; its fields are those of `FindingRow`."""

    decision: str
    decided: str | None
    decided_by: str
    decided_at: datetime


def replaced_decisions(store: Store) -> Mapping[str, tuple[Replaced, ...]]:
    """By the id of the finding, the oldest first."""
    before = func.json_extract(AuditRow.body, "$.detail.before.decision")
    query = select(AuditRow.subject, func.json_extract(AuditRow.body, "$.detail.before")).where(AuditRow.act.in_(ACTS), before != OPEN)
    found = defaultdict[str, list[Replaced]](list)
    with store.read() as session:
        for subject, text in session.execute(query.order_by(AuditRow.seq).execution_options(yield_per=AT_ONCE)):
            stated = json.loads(text)
            if stated["by"] is not None and stated["at"] is not None:
                replaced = Replaced(stated["decision"], stated["verdict"], stated["by"], datetime.fromisoformat(stated["at"]))
                found[subject.removeprefix("finding/")].append(replaced)
    return {finding: tuple(each) for finding, each in found.items()}
