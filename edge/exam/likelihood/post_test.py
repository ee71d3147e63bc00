"""Post-test probability: the odds that a person states before, times the likelihood ratio of one sign (Bayes).

Exactly one sign counts. Signs of one lung are correlated, so a product of their ratios would be too sure. The result is a calculation for
the person who stated the probability before, and no diagnosis.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.exam.likelihood.own import Own
from edge.exam.likelihood.published import Published, Ratio
from edge.notice import NOTICE
from firmware_bridge.errors import InputRefused


class PostTestRefused(InputRefused):
    """No post-test probability can be stated."""

    code = "post-test-refused"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign, and whether it is there; None: it cannot be assessed."""

    row: Published
    present: bool | None


@dataclass(frozen=True, slots=True)
class PostTest:
    """For a view: the probabilities are 0 to 1; `low` or `high` is None where the interval of the ratio is open or not known.

    `own`: the figures are the site's. `whose` states in words whose they are, and is shown with the result, as is the `notice`.
    """

    condition: str
    sign: str
    present: bool
    before: float
    after: float
    low: float | None
    high: float | None
    ratio: Ratio
    own: bool
    whose: str
    notice: str = NOTICE


def post_test(before: float | None, signs: Sequence[Sign], own: Own | None = None) -> PostTest:
    """The probability of a condition after one sign; `before` is the probability that a person stated.

    The site's `own` figures of the same condition count as soon as their bounds allow it, else the published ones, which is stated.

    Raises:
        PostTestRefused: no probability was stated before, or a certain one; not exactly one sign; it cannot be assessed; or the own figures
            are of another condition.
    """
    stated = _probability(before)
    sign, present = _one(signs)
    if own is not None and own.condition != sign.condition:
        what = f"the site's figures are of {own.condition}, and the sign is of {sign.condition}"
        raise PostTestRefused(what, "Give those of the condition", says="post_test_other")
    ours = own is not None and not own.why_not
    ratio = own.ratio(present=present) if own is not None and ours else sign.positive if present else sign.negative
    return PostTest(
        condition=sign.condition,
        sign=sign.sign,
        present=present,
        before=stated,
        after=after(stated, ratio.value),
        low=None if ratio.low is None else after(stated, ratio.low),
        high=None if ratio.high is None else after(stated, ratio.high),
        ratio=ratio,
        own=ours,
        whose=_whose(sign, own),
    )


def after(before: float, ratio: float) -> float:
    """Odds times ratio, as a probability; `before` is above 0 and below 1, `ratio` above 0."""
    odds = before / (1 - before) * ratio
    return odds / (1 + odds)


def _probability(before: float | None) -> float:
    if before is None:
        fix = "State how likely the condition is without the ultrasound"
        raise PostTestRefused("no probability before the test was stated", fix, says="post_test_unstated")
    if not 0 < before < 1:
        fix = "State a probability above 0 % and below 100 %; no sign changes a certainty"
        raise PostTestRefused(f"the probability before the test is {before:g}", fix, says="post_test_certain")
    return before


def _one(signs: Sequence[Sign]) -> tuple[Published, bool]:
    if not signs:
        raise PostTestRefused("no sign was given", "Name one sign", says="post_test_no_sign")
    if len(signs) > 1:
        named = ", ".join(sign.row.id for sign in signs)
        what = f"{len(signs)} signs were given ({named}): their ratios must not be multiplied"
        raise PostTestRefused(what, "Choose the one that counts", says="post_test_several")
    (sign,) = signs
    if sign.present is None:
        fix = "Record again, or let a person state it"
        raise PostTestRefused(f"{sign.row.sign}: it cannot be assessed", fix, says="post_test_unsure")
    return sign.row, sign.present


def _whose(sign: Published, own: Own | None) -> str:
    if own is not None and not own.why_not:
        return f"Figures of this site: {own.where}; {own.with_it} patients with {own.condition}, {own.without_it} without"
    why = f"; {own.why_not}" if own is not None else ""
    return f"Not figures of this site: {sign.population}; {sign.machine}. {sign.source}{why}"
