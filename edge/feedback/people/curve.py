"""The learning curves of a person: one of each finding, zone by zone, and one of the image quality, exam by exam.

A curve has only what was over-read, in the order in which the exams were begun, then in that of the zones. A chance of 5 % holds for
independent zones, and zones of one exam are alike: so the limits are higher, see `edge.feedback.charts.skill`.
"""

from collections import Counter
from collections.abc import Sequence

from edge.feedback.charts.skill import Limits, Rates, Skill
from edge.feedback.people.columns import Charted, Trial
from edge.feedback.people.figures import Curve, Point, Step

MOST_POINTS = 150
"""The newest trials, which a page can draw."""


def curve_of(charted: Charted, trials: Sequence[Trial], untold: int, rates: Rates) -> Curve:
    """The chart after each trial; an over-read that comes later changes the course from its exam on."""
    by_exam = Counter(each.exam for each in trials)
    exams = {exam: number for number, exam in enumerate(by_exam, 1)}
    limits, skill, points = Limits.of(rates, max(by_exam.values(), default=1)), Skill(), list[Point]()
    for each in trials:
        skill = skill.stepped(rates, limits, failed=each.failed)
        chart = skill.lasting if skill.lasting.seen else skill.learning
        on, score = each.at.astimezone().date(), round(chart.score, 3)
        points.append(Point(on=on, exam=exams[each.exam], zone=each.zone, failed=each.failed, score=score))
    steps = [Step(trial=trial, exam=point.exam) for trial, point in enumerate(points, 1)]
    return Curve(
        protocol=charted[0],
        finding=charted[1],
        trials=len(trials),
        failed=sum(each.failed for each in trials),
        untold=untold,
        exams=len(exams),
        acceptable=rates.acceptable,
        unacceptable=rates.unacceptable,
        learned_limit=round(limits.learned, 3),
        lost_limit=round(limits.lost, 3),
        learned_at=None if skill.learned_at is None else steps[skill.learned_at - 1],
        lost_at=tuple(steps[trial - 1] for trial in skill.lost_at),
        first=max(0, len(points) - MOST_POINTS) + 1,
        points=tuple(points[-MOST_POINTS:]),
    )
