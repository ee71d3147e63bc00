"""The report on paper: one A4 page, and the pictures of its zones after it.

It is made from the report and its recordings alone, so that the same report gives the same bytes on the same machine.
"""

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter

from edge.exam.report.fonts import called, families_for, missing_scripts, packages_for
from edge.exam.report.picture import Picture
from edge.exam.report.report import Report
from edge.inference.shown import percent, whole

if TYPE_CHECKING:
    from typst import Fonts

TEMPLATE = Path(__file__).with_name("report.typ")
LONGEST_TEXT = 400
"""A longer comment is cut on the page, with a mark; the JSON report has the full text. A conclusion is never cut."""
CUT = " … (cut here; whole in the JSON report)"

MINUTE = "%Y-%m-%d %H:%M"
_TIME = TypeAdapter(datetime)

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Printed:
    """`missing` are scripts without a font on this machine; if there are any, `remark` on the page states them and what to install."""

    content: bytes
    missing: tuple[str, ...]
    remark: str


def printed(report: Report, form: Literal["pdf", "png"] = "pdf", fonts: "Fonts | None" = None, pictures: Sequence[Picture] = ()) -> Printed:
    """Typesets the report; `fonts` are this machine's unless given. As a PNG it is the first page alone."""
    import typst  # noqa: PLC0415 - large, and wanted for a report only

    fonts = fonts or _machine_fonts()
    families = frozenset(fonts.families())
    content = report.model_dump_json()
    missing = missing_scripts(content, families)
    inputs = {
        "rounded": json.dumps(_rounded(report)),
        "moments": json.dumps(_moments(report)),
        "pictures": json.dumps([_about(number, picture) for number, picture in enumerate(pictures)]),
        "report": json.dumps(_printable(json.loads(content), families)),
        "fonts": json.dumps(families_for(content, families)),
        "conclusion": _readable(report.conclusion, families),
        "remark": remark_on(missing),
    }
    with TemporaryDirectory() as folder:
        made = typst.compile(
            _spread(Path(folder), report.exam, pictures),
            font_paths=fonts,
            format=form,
            timestamp=report.made_at.astimezone(timezone.utc).replace(microsecond=0),  # a PDF's dates have whole seconds
            sys_inputs=inputs,
        )
    return Printed(made, missing, remark_on(missing))


def _spread(folder: Path, exam: str, pictures: Sequence[Picture]) -> Path:
    """The template in `folder`, with the pictures that it shows and the id of the exam as a QR code, so that nobody copies 36 letters."""
    import segno  # noqa: PLC0415 - wanted for a report only

    segno.make_qr(exam, error="m").save(str(folder / "code.svg"), border=4)
    for number, picture in enumerate(pictures):
        if picture.content:
            (folder / f"{number}.jpg").write_bytes(picture.content)
    return Path(shutil.copy(TEMPLATE, folder))


def _about(number: int, picture: Picture) -> Json:
    return {"zone": picture.zone, "file": f"{number}.jpg" if picture.content else "", "caption": picture.caption}


def _moments(report: Report) -> Json:
    """Each time of the report as people read it, by the form that it has in the report."""
    of_people = (item.at for item in report.context)
    found = (report.made_at, report.begun_at, report.ended_at, report.signed_at, *of_people, *(each.saved_at for each in report.reviews))
    return {json.loads(_TIME.dump_json(moment)): moment_in_words(moment) for moment in found if moment is not None}


def moment_in_words(moment: datetime) -> str:
    """A time in the time zone of this board, and in UTC where the two differ, such as `2026-11-25 15:00 EAT (12:00 UTC)`."""
    local, utc = moment.astimezone(), moment.astimezone(timezone.utc)
    if not local.utcoffset():
        return f"{utc:{MINUTE}} UTC"
    other = f"{utc:%H:%M}" if utc.date() == local.date() else f"{utc:{MINUTE}}"
    return f"{local:{MINUTE}} {local.tzname()} ({other} UTC)"


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
    readable = _readable(content, families)
    return readable if len(readable) <= LONGEST_TEXT else readable[:LONGEST_TEXT] + CUT


def _readable(content: str, families: Collection[str]) -> str:
    missing = missing_scripts(content, families)
    return f"[written in {called(missing)}, for which there is no font]" if missing else content


@cache
def _machine_fonts() -> "Fonts":
    import typst  # noqa: PLC0415 - see above

    return typst.Fonts()
