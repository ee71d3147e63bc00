"""Zone scores and their sum: the worst pattern wins, and what is not known never counts as normal."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.protocol.file import shipped
from edge.exam.protocol.protocol import Pattern, ScoreRule
from edge.exam.protocol.score import Total, ZoneScore, total, unscored, zone_score
from edge.exam.verdict import Verdict

PRESENT, UNSURE, ABSENT = Verdict.PRESENT, Verdict.UNSURE, Verdict.ABSENT
RULES = {protocol.id: protocol.score for protocol in shipped()}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize(
    ("b_lines", "severity", "score"),
    [
        (ABSENT, ABSENT, ZoneScore(0, 0, True)),
        (PRESENT, ABSENT, ZoneScore(1, 1, True)),
        (PRESENT, PRESENT, ZoneScore(2, 3, True)),
        (ABSENT, PRESENT, ZoneScore(2, 3, True)),
        (UNSURE, ABSENT, ZoneScore(0, 1, False)),
        (PRESENT, UNSURE, ZoneScore(1, 3, False)),
        (ABSENT, UNSURE, ZoneScore(0, 3, False)),
        (UNSURE, PRESENT, ZoneScore(2, 3, True)),
        (UNSURE, UNSURE, ZoneScore(0, 3, False)),
    ],
)
def test_the_worst_pattern_wins_and_what_cannot_be_known_widens_the_score(
    rule: ScoreRule, b_lines: Verdict, severity: Verdict, score: ZoneScore
) -> None:
    assert zone_score(rule, {"b_lines": b_lines, "severity_2_plus": severity, "a_lines": PRESENT}) == score


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_finding_that_nobody_stated_could_be_either(rule: ScoreRule) -> None:
    assert zone_score(rule, {}) == unscored(rule) == ZoneScore(0, 3, False)


def test_findings_that_fit_no_pattern_give_no_score() -> None:
    rule = ScoreRule(source="s", note="n", patterns=(Pattern(score=0, name="A", when={"a_lines": "present"}),))
    assert zone_score(rule, {"a_lines": ABSENT}) == ZoneScore(0, 0, False)


def test_the_sum_of_settled_scores_is_complete() -> None:
    rule = RULES["blue-6"]
    stated = total(rule, [ZoneScore(1, 1, True)] * 5 + [ZoneScore(2, 3, True)])
    assert stated == Total(low=7, high=8, most=18, scored=6, zones=6)
    assert (stated.complete, stated.text) == (True, "7-8 of 18")
    assert total(rule, [ZoneScore(1, 1, True)] * 6).text == "6 of 18"


def test_a_zone_without_a_score_leaves_the_sum_incomplete_and_open_to_the_top() -> None:
    rule = RULES["blue-6"]
    stated = total(rule, [ZoneScore(0, 0, True)] * 4 + [unscored(rule)] * 2)
    assert total(rule, [unscored(rule)] * 6).text == "No total yet: 0 of 6 zones scored"
    assert (stated.complete, stated.text) == (False, "No total yet: 4 of 6 zones scored, so far 0-6 of 18")


verdicts = st.fixed_dictionaries({key: st.sampled_from(Verdict) for key in ("b_lines", "a_lines", "severity_2_plus")})


@given(rule=st.sampled_from(list(RULES.values())), stated=verdicts)
def test_a_score_holds_every_answer_that_more_knowledge_could_give(rule: ScoreRule, stated: dict[str, Verdict]) -> None:
    score = zone_score(rule, stated)
    assert 0 <= score.low <= score.high <= rule.most
    choices = [[verdict] if verdict is not UNSURE else [PRESENT, ABSENT] for verdict in stated.values()]
    for known in product(*choices):
        better = zone_score(rule, dict(zip(stated, known, strict=True)))
        assert better.settled
        assert score.low <= better.low <= better.high <= score.high
