"""The report of a self-test: what a board measured, signed with its key, and as lines for a terminal."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Literal

from pydantic import AwareDatetime

from edge.notice import NOTICE
from provisioning.identity.statement import Statement
from provisioning.selftest.check import Level, Measure, Result, State, verdict
from provisioning.selftest.limits import plain

TITLE = "SonoEdge self-test"


class Report(Statement):
    """`version` is the one of the program; sign it with `signed(device, report)`, and read it with `verified(content, Report)`."""

    kind: Literal["selftest"] = "selftest"
    level: Level
    made_at: AwareDatetime
    version: str
    verdict: State
    results: tuple[Result, ...]
    notice: str = NOTICE


def report_of(results: Iterable[Result], level: Level, device: str, version: str, made_at: datetime) -> Report:
    """The report of the device with this id."""
    found = tuple(results)
    moment = made_at.astimezone(timezone.utc).replace(microsecond=0)
    return Report(device=device, level=level, made_at=moment, version=version, verdict=verdict(found), results=found)


def number_text(measure: Measure) -> str:
    """Such as `write p99: 12.5 ms (at most 150, never above 1000)`."""
    return f"{measure.name}: {plain(measure.value)} {measure.unit} ({measure.limit})"


def as_text(report: Report) -> str:
    """The report for a terminal, without a final line break."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{TITLE} ({report.level.value}) of {report.device}: {report.verdict.value.upper()}"
    yield f"{report.made_at:%Y-%m-%d %H:%M} UTC, SonoEdge {report.version}; {report.notice}"
    width = max((len(result.name) for result in report.results), default=0)
    for result in report.results:
        yield f"{result.state.value:<10}  {result.name:<{width}}  {result.detail}{' (essential)' * _missed(result)}"
        for more in (*map(number_text, result.measures), result.next_step and f"next step: {result.next_step}"):
            if more:
                yield f"{'':<10}  {'':<{width}}  {more}"


def _missed(result: Result) -> bool:
    return result.essential and result.state is State.NOT_TESTED
