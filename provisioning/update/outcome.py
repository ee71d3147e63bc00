"""The result that every stick leaves: on the stick itself, as a page that a person can read and as JSON for programs."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from edge.disk.durable import make_folder, replace_file
from edge.disk.plain_file import inside
from edge.notice import NOTICE
from provisioning.codes import CAUSES
from provisioning.trust.source import ON_STICK

OUTBOX = "outbox"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>SonoEdge {code}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}}
dt{{font-weight:700;margin-top:1rem}}dd{{margin:0}}</style>
<h1>{code}</h1>
<dl><dt>What happened</dt><dd>{what}.</dd><dt>What the device does now</dt><dd>{now}.</dd><dt>Next step</dt><dd>{next_step}.</dd>
<dt>Device</dt><dd>{device}</dd><dt>Time</dt><dd>{at}, by the clock of the device</dd></dl>
<p>{notice}</p></html>
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stick, an update or a rollback came to. `code` is a row of `CAUSES`; the texts are sentences without their full stop."""

    code: str
    what: str
    now: str
    next_step: str
    device: str
    at: str

    @classmethod
    def of(cls, code: str, what: str, device: str, at: datetime, next_step: str = "") -> "Outcome":
        """With what the table of codes states."""
        cause = CAUSES[code]
        return cls(code, what, cause.now, next_step or cause.next_step, device, at.isoformat(timespec="seconds"))

    def page(self) -> bytes:
        """For a browser."""
        return PAGE.format(**{name: escape(value) for name, value in asdict(self).items()}, notice=escape(NOTICE)).encode()


def leave(outcome: Outcome, mounted: Path) -> Path | None:
    """Writes `sonoedge/outbox/DEVICE/result.html` and `.json` on a stick; returns their folder, None where the stick takes no writes."""
    folder = inside(mounted, ON_STICK, OUTBOX, outcome.device or "unknown")
    if folder is None:
        return None
    try:
        make_folder(folder)
        replace_file(folder / "result.json", json.dumps(asdict(outcome), indent=2).encode() + b"\n")
        replace_file(folder / "result.html", outcome.page())
    except OSError:
        return None
    return folder
