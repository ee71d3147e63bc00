"""Who is who: the person behind a name in the records, and who reads over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.exam.review.review import ReviewKind
from edge.people.actor import Grant
from edge.people.permission import Role
from edge.records.exams.reviews import StoredReview
from edge.records.people.operators import Operators, StoredOperator
from edge.records.store import Store

EVERY = 1_000_000


@dataclass(frozen=True, slots=True)
class People:
    """All who are or were enrolled, by badge; a badge is never given twice. `present` are the ids of those who are not retired."""

    by_badge: Mapping[str, str]
    over_readers: Mapping[str, Sequence[Grant]]
    present: frozenset[str]

    @classmethod
    def of(cls, store: Store) -> "People":
        """The people of the records."""
        everybody = Operators(store).newest(EVERY)
        return cls(
            {each.badge: each.id for each in everybody},
            {each.id: grants for each in everybody if (grants := _over_reads(each))},
            frozenset(each.id for each in everybody if each.retired_at is None),
        )

    def called(self, name: str | None) -> str | None:
        """The id of the person whom the audit trail calls so, such as `Sara (S-7)`; None for anybody who is not enrolled."""
        return next((self.by_badge[badge] for badge in _badges(name or "") if badge in self.by_badge), None)

    def reads_over(self, review: StoredReview, protocol: str) -> bool:
        """Whether a review is a second reading, or its reader holds the role to over-read now: a supervisor's first reading counts too."""
        if review.kind == ReviewKind.OVER_READ.value:
            return True
        return any(grant.covers(protocol) for grant in self.over_readers.get(review.reviewer_id, ()))


def _badges(name: str) -> Iterator[str]:
    """What may be the badge in `Name (badge)`; both may have brackets."""
    text = name.removesuffix(")") if name.endswith(")") else ""
    at = len(text)
    while (at := text.rfind(" (", 0, at)) >= 0:
        yield text[at + 2 :]


def _over_reads(person: StoredOperator) -> tuple[Grant, ...]:
    return tuple(Grant(Role(each.role), each.protocol) for each in person.grants if each.role == Role.OVER_READ.value)
