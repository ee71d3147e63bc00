"""The report on paper: one A4 page, made from the report alone, so that the same report gives the same bytes on the same machine."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edge.exam.report.fonts import called, families_for, missing_scripts, packages_for
from edge.exam.report.report import Report
from edge.inference.shown import percent, whole

if TYPE_CHECKING:
    from typst import Fonts

TEMPLATE = Path(__file__).with_name("report.typ")
LONGEST_TEXT = 400
"""A longer comment is cut on the page, with a mark; the JSON report has the full text."""
CUT = " … (cut here; whole in the JSON report)"

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Printed:
    """`missing` are scripts without a font on this machine; if there are any, `remark` on the page states them and what to install."""

    content: bytes
    missing: tuple[str, ...]
    remark: str


def printed(report: Report, form: Literal["pdf", "png"] = "pdf", fonts: "Fonts | None" = None) -> Printed:
    """Typesets the report; `fonts` are this machine's unless given."""
    import typst  # noqa: PLC0415 - large, and wanted for a report only

    fonts = fonts or _machine_fonts()
    families = frozenset(fonts.families())
    content = report.model_dump_json()
    missing = missing_scripts(content, families)
    made = typst.compile(
        TEMPLATE,
        font_paths=fonts,
        format=form,
        timestamp=report.made_at.astimezone(timezone.utc).replace(microsecond=0),  # a PDF's dates have whole seconds
        sys_inputs={
            "rounded": json.dumps(_rounded(report)),
            "report": json.dumps(_printable(json.loads(content), families)),
            "fonts": json.dumps(families_for(content, families)),
            "remark": remark_on(missing),
        },
    )
    return Printed(made, missing, remark_on(missing))


def _rounded(report: Report) -> Json:
    """The numbers as people see them, by the ids of findings and zones; the report itself stores them as they were measured."""
    return {
        "percents": {finding.id: percent(finding.probability) for zone in report.zones for finding in zone.findings},
        "qualities": {zone.id: whole(zone.quality) for zone in report.zones if zone.quality is not None},
    }


def remark_on(missing: Collection[str]) -> str:
    """The remark if scripts cannot be printed; otherwise empty."""
    if not missing:
        return ""
    packages = packages_for(missing)
    fix = f"Install {' '.join(packages)} and print it again" if packages else "Read the name in the JSON report"
    return f"This machine has no font for {called(missing)}: text in it is left out here. {fix}."


def _printable(content: Json, families: Collection[str]) -> Json:
    """The report without text that cannot be printed; the name of its script is in its place."""
    match content:
        case dict():
            return {key: _printable(value, families) for key, value in content.items()}
        case list():
            return [_printable(value, families) for value in content]
        case str():
            return _text(content, families)
        case _:
            return content


def _text(content: str, families: Collection[str]) -> str:
    if missing := missing_scripts(content, families):
        return f"[written in {called(missing)}, for which there is no font]"
    return content if len(content) <= LONGEST_TEXT else content[:LONGEST_TEXT] + CUT


@cache
def _machine_fonts() -> "Fonts":
    import typst  # noqa: PLC0415 - see above

    return typst.Fonts()
