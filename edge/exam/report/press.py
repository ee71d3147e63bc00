"""Prints a report in a process of its own: typesetting would take all cores for a second, and they belong to the readings.

The child reads a `_Job` as JSON on its standard input. It writes one line of JSON, with what is missing on the page, and then the page.
"""

import subprocess
import sys
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from edge.exam.report.pdf import Printed, printed
from edge.exam.report.picture import Shot, picture_of
from edge.exam.report.report import Report
from firmware_bridge.child import give_way, python, use_one_core
from firmware_bridge.errors import Unavailable

MODULE = "edge.exam.report.press"
LIMIT_S = 300.0
"""A slow board needs some seconds for a page, and many times as long while other work has all its cores: this process gives way."""


class ReportNotPrinted(Unavailable):
    """The process that prints failed, or took too long."""

    code = "report-not-printed"
    says_code = "report_not_printed"


class _Job(BaseModel):
    """The report, and where the pictures of its zones come from."""

    report: Report
    shots: tuple[Shot, ...]


class _About(BaseModel):
    """The line before the page; see `Printed`."""

    missing: tuple[str, ...]
    remark: str


def pressed(report: Report, shots: Sequence[Shot] = ()) -> Printed:
    """Typesets the report as a PDF, as `printed` does, with the pictures of its zones.

    Raises:
        ReportNotPrinted: the process that prints failed, or took too long.
    """
    job = _Job(report=report, shots=tuple(shots))
    try:
        head, _, page = _answer_of(python("-m", MODULE), job.model_dump_json().encode()).partition(b"\n")
        about = _About.model_validate_json(head)
    except (OSError, subprocess.SubprocessError, ValidationError) as error:
        fix = "Try again; the report itself is stored, and can be read as JSON"
        raise ReportNotPrinted(f"The page could not be printed ({error})", fix) from error
    return Printed(page, about.missing, about.remark)


def _answer_of(command: list[str], content: bytes) -> bytes:
    """The output of a child of low priority on one core."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        give_way(child.pid)
        use_one_core(child.pid)
        try:
            answer, _ = child.communicate(content, LIMIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            raise subprocess.SubprocessError(f"it took more than {LIMIT_S:g} s") from None
    if child.returncode:
        raise subprocess.SubprocessError(f"its process ended with status {child.returncode}")
    return answer


def _print() -> None:
    job = _Job.model_validate_json(sys.stdin.buffer.read())
    made = printed(job.report, pictures=tuple(map(picture_of, job.shots)))
    sys.stdout.buffer.write(_About(missing=made.missing, remark=made.remark).model_dump_json().encode() + b"\n" + made.content)


if __name__ == "__main__":
    _print()
