"""The site's own figures of a sign, for the post-test probability: one exam of each patient, judged by a good reference."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from edge.exam.likelihood.own import Own
from edge.exam.verdict import Verdict
from edge.feedback.performance.collect import LEAST_LEVEL, SignCase, Subject
from edge.feedback.statistics.confusion import Confusion
from edge.feedback.statistics.figure import Figure
from edge.feedback.truth.condition import condition_as

MOST_NAMED = 3
"""So many machines are named."""


def own_figures(signs: Mapping[Subject, Sequence[SignCase]], person_of: Sequence[int]) -> dict[str, Own]:
    """By the name of the condition; none where the patients with it, or those without it, are too few to show."""
    made = ((condition_as(subject.condition).name, [*_one_each(cases, person_of)]) for subject, cases in signs.items())
    owns = ((condition, _own(condition, cases)) for condition, cases in made)
    return {condition: own for condition, own in owns if own is not None}


def _one_each(cases: Sequence[SignCase], person_of: Sequence[int]) -> Iterator[SignCase]:
    """The first answered exam of each person: which one counts does not depend on what it states."""
    seen: set[int] = set()
    for case in cases:
        person = person_of[case.patient]
        if case.answer is not Verdict.UNSURE and person not in seen:
            seen.add(person)
            yield case


def _own(condition: str, cases: Sequence[SignCase]) -> Own | None:
    counted = Counter((case.present, case.answer) for case in cases)
    of = Confusion.independent(
        true_present=counted[True, Verdict.PRESENT],
        false_present=counted[False, Verdict.PRESENT],
        false_absent=counted[True, Verdict.ABSENT],
        true_absent=counted[False, Verdict.ABSENT],
    )
    has, has_not = of.sensitivity.share(), of.specificity.share()
    if not isinstance(has, Figure) or not isinstance(has_not, Figure):
        return None
    return Own(condition, _where(cases), has.value, has.low, has_not.value, has_not.low, has.cases, has_not.cases)


def _where(cases: Sequence[SignCase]) -> str:
    machines = [name for name, _ in Counter(case.machine for case in cases).most_common(MOST_NAMED)]
    days = f"{min(case.at for case in cases):%Y-%m-%d} to {max(case.at for case in cases):%Y-%m-%d}"
    read = "read by the model, with the decisions of readers"
    return f"{', '.join(machines)}; {read}; the first answered exam of each patient, {days}; references of level {LEAST_LEVEL} or better"
