"""What is allowed to leave the device for support, by name: everything else stays.

No free text leaves: a text is a word of one of these tables, a time or a version, and all else is a number. A new event of the log stays
on the device until somebody adds it here.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timezone
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.settings import Settings
from provisioning.codes import CAUSES

Plain = str | int | float | bool
Fields = dict[str, Plain]

LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})
EVENTS = frozenset(
    {
        "a backup is not usable",
        "a built-in model release is unusable",
        "a check of the audit trail failed",
        "a clip cannot be read",
        "a clip was not copied",
        "a model release is refused; the old one stays in use",
        "another model release reads",
        "another probe",
        "backup made",
        "backups were not checked",
        "cannot start",
        "clips and records did not agree",
        "clips and records were not compared",
        "clips removed",
        "did not close in time; the stop continues without it",
        "exam resumed",
        "frame dropped, more of this kind are only counted",
        "frame not shown, more of this kind are only counted",
        "frames missed, more are not logged",
        "live stream closed",
        "no backup was made",
        "no model release is fast enough for this board: frames will be dropped",
        "no room was made",
        "not recorded",
        "not recorded: the disk takes no writes",
        "probe not set",
        "ready",
        "recorded",
        "recording",
        "request failed",
        "source ended",
        "the active model is unusable, a built-in one reads",
        "the appliance cannot start",
        "the records are damaged",
        "the records can only be read",
        "the records still cannot be written",
        "too many connections: the longest waiting ones were closed",
        "worker failed and is restarted",
        "worker failed and stays down",
    }
)
NUMBERS = ("budget_ms", "bytes", "closed", "counter", "dropped", "entries", "frames", "number", "open", "seconds", "took_ms", "wait_s")
COUNTS = frozenset(
    {
        *("audit_entries", "backups", "clips", "exams", "findings", "operators", "outbox", "outcomes", "readings", "recordings", "reviews"),
        *("frames_dropped", "frames_read", "restarts", "sessions"),
    }
)
SETTINGS = ("threads", "port", "igtl_port", "record", "keep_days", "free_floor_mb", "jpeg_quality", "log_level")
MOST = 2**53
VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){1,3}")


def known_places(data: DataFolder) -> tuple[Path, ...]:
    """The parts of a data folder of which the sizes are counted; their names are those of the layout."""
    parts = (data.records, data.records_log, data.exams, data.recordings, data.backups, data.quarantine)
    return (*parts, data.models, data.shadow, data.probe_checks, data.reread)


def number(value: object) -> Plain | None:
    """A yes or no, or a number that JSON holds exactly."""
    return value if isinstance(value, bool | int | float) and abs(value) < MOST else None


def moment(value: object) -> Plain | None:
    """A time with its zone, in UTC."""
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).astimezone(timezone.utc).isoformat()
    except (ValueError, OverflowError):
        return None


def version(value: object) -> Plain | None:
    """Such as 1.4.2."""
    return value if isinstance(value, str) and VERSION.fullmatch(value) else None


def word_of(words: Collection[str]) -> Callable[[object], Plain | None]:
    """One of these words."""
    return lambda value: value if isinstance(value, str) and value in words else None


FIELDS: Mapping[str, Callable[[object], Plain | None]] = {
    "at": moment,
    "timestamp": moment,
    "level": word_of(LEVELS),
    "event": word_of(EVENTS),
    "code": word_of(CAUSES),
    "release_before": version,
    "release_after": version,
    **dict.fromkeys(NUMBERS, number),
}
"""The fields of a line of the log and of the history, and what each is allowed to hold."""


def allowed(line: Mapping[str, object]) -> Fields:
    """Of a line, what is allowed to leave."""
    read = ((name, of(line[name])) for name, of in FIELDS.items() if name in line)
    return {name: value for name, value in read if value is not None}


def allowed_counts(counts: Mapping[str, int]) -> Fields:
    """Of a table of counts, the known ones."""
    return {name: value for name, value in counts.items() if name in COUNTS and number(value) is not None}


def allowed_settings(settings: Settings) -> Fields:
    """Of the settings, those that name no person, place or network."""
    return settings.model_dump(include=set(SETTINGS))
