"""How readers decide on the answers of the model: a model that readers never contradict, or always do, is not trusted rightly."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.exam.verdict import Verdict
from edge.records.exams.finding import Decided

LEAST = 5
"""With fewer decisions a share says nothing, and could tell of one reader: the usual threshold of small cells in health statistics."""


def shown_count(count: int) -> int | None:
    """None for a count that is so small that it could tell of one patient or reader."""
    return None if 0 < count < LEAST else count


@dataclass(slots=True)
class Agreement:
    """Decisions of people on one finding, by its key.

    Where the model stated present or absent, the reader stated the same (`agreed`), the opposite (`opposed`), or could not tell (`open`).
    `untold`: the model could not tell, and the reader decided.
    """

    finding: str
    agreed: int = 0
    opposed: int = 0
    open: int = 0
    untold: int = 0

    @property
    def decided(self) -> int:
        """The decisions where the model stated present or absent."""
        return self.agreed + self.opposed + self.open

    @property
    def share(self) -> float | None:
        """The share of answers with which the reader agreed, 0 to 1; None for fewer than `LEAST` decisions."""
        return self.agreed / self.decided if self.decided >= LEAST else None

    def count(self, each: Decided) -> None:
        if each.verdict == Verdict.UNSURE:
            self.untold += each.count
        elif each.decision == "not_assessable" or each.decided == Verdict.UNSURE:
            self.open += each.count
        elif each.decision == "accepted" or each.decided == each.verdict:
            self.agreed += each.count
        else:
            self.opposed += each.count


def agreements(counted: Iterable[Decided]) -> tuple[Agreement, ...]:
    """One for each finding, in the order of their keys."""
    found: dict[str, Agreement] = {}
    for each in counted:
        found.setdefault(each.finding, Agreement(each.finding)).count(each)
    return tuple(found[key] for key in sorted(found))
