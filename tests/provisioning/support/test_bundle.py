"""A support bundle helps, and holds nothing of a patient, wherever it was planted."""

import hashlib
import json
import re
from dataclasses import asdict
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

import edge
from edge.disk.layout import DataFolder
from edge.settings import Settings
from provisioning.boot.record import Event
from provisioning.selftest.board import Board
from provisioning.selftest.check import Answer, Check, Level, State, judged, measure, run_checks
from provisioning.selftest.report import report_of
from provisioning.support.allowed import EVENTS, NUMBERS
from provisioning.support.bundle import MANIFEST, MOST_LINES, Material, support_bundle

CANARY = "Canary Müller 1234567"
ID = "EH7D-DX5B-KSRG-X"
MADE = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
PARTS = [name for name, value in vars(DataFolder).items() if isinstance(value, property)]


def _break():
    raise OSError(5, CANARY)


@pytest.fixture
def report():
    checks = (
        Check("storage", lambda: judged(CANARY, [measure("write p50", 99.0)], CANARY)),
        Check("records", _break),
        Check("probe", lambda: Answer(State.NOT_TESTED, CANARY)),
    )
    return report_of(run_checks(checks, Level.FIELD), Level.FIELD, ID, "1.4.2", MADE)


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data_dir=tmp_path / "data", site=CANARY, protocol=CANARY, source=f"serial:///{CANARY}", host="10.9.8.7", names=("canary.lan",)
    )


@pytest.fixture
def planted(settings, report, tmp_path):
    """The canary is in each part of the data folder, as a name and as content, and in each thing that a caller passes."""
    for part in PARTS:
        path = getattr(settings.data, part)
        if path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(CANARY)
        else:
            (path / CANARY).mkdir(parents=True)
            (path / CANARY / f"{CANARY}.json").write_text(CANARY)
    values = {"problem": CANARY, "path": CANARY, CANARY: CANARY, **dict.fromkeys(NUMBERS, CANARY)}
    log = [json.dumps({"event": event, "level": CANARY, "timestamp": CANARY, **values}) for event in (*sorted(EVENTS), CANARY)]
    history = [{"code": "E-TAMPER", "release_before": CANARY, "at": CANARY, "what": CANARY, **values}, {"code": CANARY}]
    return Material(ID, MADE, Board(settings.data_dir, MADE, tmp_path), settings, report, history, (*log, CANARY), {CANARY: 5, "exams": 3})


def unpacked(bundle):
    with ZipFile(BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read(bundle, name):
    return json.loads(unpacked(bundle)[name])


def test_a_canary_planted_everywhere_is_nowhere_in_the_bundle(planted):
    assert len(PARTS) > 20
    found = unpacked(support_bundle(planted))
    whole = b"\n".join((*found.values(), *map(str.encode, found))).decode().lower()
    assert [part for part in ("canary", "müller", "1234567", "10.9.8.7", "m\\u00fcller") if part in whole] == []


def test_the_bundle_states_what_was_left_out(planted):
    assert read(support_bundle(planted), MANIFEST)["left_out"] == {"lines of the log": 2, "lines of the history": 1, "counts": 1}


def test_the_manifest_lists_each_file_and_what_is_never_in_it(planted):
    found = unpacked(support_bundle(planted))
    manifest = json.loads(found.pop(MANIFEST))
    assert {each["name"]: (each["bytes"], each["sha256"]) for each in manifest["files"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in found.items()
    }
    assert manifest["device"] == ID
    assert any("patients" in each for each in manifest["never"])


def test_the_same_material_gives_the_same_bytes(planted):
    assert support_bundle(planted) == support_bundle(planted)


def test_numbers_and_states_help(planted):
    bundle = support_bundle(planted)
    assert read(bundle, "counts.json") == {"exams": 3}
    assert read(bundle, "sizes.json")["exams"] == {"files": 1, "bytes": len(CANARY.encode())}
    assert read(bundle, "settings.json")["port"] == 8042
    assert read(bundle, "platform.json")["python"].startswith("3.")
    selftest = read(bundle, "selftest.json")
    assert [(each["name"], each["state"]) for each in selftest["results"]] == [
        ("storage", "watch"),
        ("records", "fail"),
        ("probe", "not tested"),
    ]
    assert selftest["results"][0]["measures"][0]["value"] == 99


def test_a_known_event_keeps_its_time_level_and_numbers(settings, tmp_path):
    line = {"event": "recorded", "level": "info", "timestamp": "2026-11-30T15:00:00.500000+03:00", "frames": 12, "dropped": 0, "path": "/x"}
    step = asdict(Event(7, "2026-11-30T12:00:00Z", "OK-CONFIRMED", "1.4.2 was confirmed", "1.4.1", "1.4.2"))
    material = Material(ID, MADE, Board(settings.data_dir, MADE, tmp_path), settings, log=[json.dumps(line)], history=[step])
    bundle = support_bundle(material)
    (kept,) = read(bundle, "log.json")
    assert kept == {"event": "recorded", "level": "info", "timestamp": "2026-11-30T12:00:00.500000+00:00", "frames": 12, "dropped": 0}
    assert read(bundle, "history.json") == [
        {"number": 7, "at": "2026-11-30T12:00:00+00:00", "code": "OK-CONFIRMED", "release_before": "1.4.1", "release_after": "1.4.2"}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "[" * 100_000,
        '{"event": ["recorded"]}',
        '{"event": "recorded", "frames": NaN}',
        '{"event": "ready", "bytes": 1e999}',
    ],
)
def test_a_strange_line_of_the_log_stops_nothing(settings, tmp_path, text):
    bundle = support_bundle(Material(ID, MADE, Board(settings.data_dir, MADE, tmp_path), settings, log=[text]))
    assert all(set(each) == {"event"} for each in read(bundle, "log.json"))


def test_only_the_newest_lines_are_taken(settings, tmp_path):
    log = [json.dumps({"event": "recorded", "frames": number}) for number in range(MOST_LINES + 3)]
    bundle = support_bundle(Material(ID, MADE, Board(settings.data_dir, MADE, tmp_path), settings, log=log))
    assert [each["frames"] for each in read(bundle, "log.json")][:2] == [3, 4]
    assert read(bundle, MANIFEST)["left_out"]["lines of the log"] == 3


def test_each_allowed_event_is_one_that_the_program_logs():
    """A renamed event would leave the bundle without notice."""
    source = "\n".join(path.read_text() for path in Path(edge.__file__).parent.rglob("*.py"))
    logged = set(re.findall(r'log\.(?:info|warning|error|exception)\(\s*"([^"]+)"', source))
    assert EVENTS - logged == set()
