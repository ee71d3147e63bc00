"""What an exam states of a sign: the answers that hold in its zones, by the rule of the studies for a whole exam."""

from collections.abc import Mapping

from edge.exam.summary import ExamSummary
from edge.exam.verdict import Verdict

EACH_SIDE: Mapping[str, int] = {"b_lines": 2}
"""By finding: in this many zones on each side it makes the sign present (Volpicelli et al., doi 10.1007/s00134-012-2513-4).

There a zone counts from three B-lines; the model does not count lines, which the page states with the rule.
"""


def stated_in(exam: ExamSummary, finding: str | None) -> Verdict | None:
    """The sign that rests on a `finding`; None where the exam states nothing of it.

    In each zone a person's decision counts, then the model's answer. The sign is absent only where the open zones could not make it
    present, whatever they showed.
    """
    answers = {zone.id: found.stated for zone in exam.zones for found in zone.findings if found.key == finding}
    least = EACH_SIDE.get(finding or "")
    if least is None or not answers:
        return None
    sides: dict[str, list[Verdict]] = {"left": [], "right": []}
    for zone in exam.protocol.zones if exam.protocol else ():
        sides[zone.side].append(answers.get(zone.id, Verdict.UNSURE))
    if all(side.count(Verdict.PRESENT) >= least for side in sides.values()):
        return Verdict.PRESENT
    ruled_out = any(len(side) - side.count(Verdict.ABSENT) < least <= len(side) for side in sides.values())
    return Verdict.ABSENT if ruled_out else Verdict.UNSURE
