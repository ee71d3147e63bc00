"""`sonoedge exam post-test`: how likely a condition is after one sign, for a person who states how likely it was before."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.exam.likelihood.post_test import PostTest, Sign, post_test
from edge.exam.likelihood.published import Published, Ratio, published, published_as
from edge.inference.shown import percent
from edge.notice import NOTICE

SignId = Annotated[str, typer.Argument(metavar="[SIGN]", help="A published sign; without one they are listed.")]
Before = Annotated[
    float | None, typer.Option("--before", metavar="PERCENT", help="How likely the condition is without the ultrasound, in per cent.")
]
Present = Annotated[bool | None, typer.Option("--present/--absent", help="Whether the sign is there.")]


def post_test_(sign: SignId = "", before: Before = None, present: Present = None, as_json: AsJson = False) -> None:
    """Print the probability of a condition after one sign, with whose figures these are. Research use, not a diagnosis."""
    if not sign:
        typer.echo(json.dumps([row.model_dump() for row in published()]) if as_json else "\n".join(_listed()))
        return
    result = post_test(None if before is None else before / 100, [Sign(published_as(sign), present)])
    typer.echo(json.dumps({**asdict(result), "ratio": result.ratio.model_dump()}) if as_json else "\n".join(_lines(result)))


def _listed() -> list[str]:
    rows = [(row.id, row.condition, row.sign, _ratio(row.positive), _ratio(row.negative)) for row in published()]
    return [*columns([("sign", "condition", "what is seen", "LR+", "LR-"), *rows]), "", *map(_source, published()), "", NOTICE]


def _source(row: Published) -> str:
    return f"{row.id}: {row.population}; {row.machine}. {row.source}"


def _ratio(ratio: Ratio) -> str:
    return f"{ratio.value:g}" if ratio.low is None or ratio.high is None else f"{ratio.value:g} ({ratio.low:g} to {ratio.high:g})"


def _lines(result: PostTest) -> list[str]:
    between = "no interval is known" if result.low is None or result.high is None else f"{_shown(result.low)} to {_shown(result.high)}"
    there = "is there" if result.present else "is not there"
    return [
        f"{result.condition}: {_shown(result.before)} before, {_shown(result.after)} after ({between})",
        f"The sign {there}: {result.sign}; likelihood ratio {_ratio(result.ratio)}",
        result.whose,
        "Signs of one lung are correlated: do not go on from this result with another sign",
        result.notice,
    ]


def _shown(probability: float) -> str:
    """Never a certainty: a rounded probability is not 0 or 100 %."""
    if probability < 0.01:
        return "less than 1 %"
    return "more than 99 %" if probability > 0.99 else f"{percent(probability)} %"
