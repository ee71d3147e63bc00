"""Facts about patients that are planted wherever a record or a recording can hold one are in no byte of an export."""

import re

import numpy as np
import pytest

from edge.vision.region import region_of
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.mcap import messages_of
from tests.edge.exchange.training_set.clinic import BURNED, MARK, fan
from tests.edge.exchange.training_set.conftest import PATIENTS


def content(path):
    """The bytes of a file, and of a recording all that its compressed chunks hold."""
    lost = []
    inside = [message.data for _, message, _ in messages_of(path, lambda *cause: lost.append(cause))] if path.suffix == ".mcap" else []
    assert not lost
    return b"\n".join([path.name.encode(), path.read_bytes(), *inside])


@pytest.fixture
def everything(ward):
    return {path.relative_to(ward): content(path) for path in sorted(ward.rglob("*")) if path.is_file()}


def test_no_planted_text_is_in_any_byte_of_the_export(planted, everything):
    exams = planted.stored.records.newest(100)
    clips = [clip for exam in exams for clip in planted.stored.records.clips(exam.id)]
    words = {MARK, "Sara", "Reader", str(planted.data.root.name) + "/exams"}
    words |= {word for exam in exams for word in (exam.id, exam.folder, exam.patient.id, exam.study_uid, exam.begun_at.date().isoformat())}
    words |= {word for clip in clips for word in (clip.id, clip.sha256)}
    words |= {each for exam in exams for each in (exam.begun_at.strftime("%Y%m%d"), exam.begun_at.strftime("%d.%m.%Y"))}
    words |= {planted.scanner, planted.reader}
    assert len(everything) == PATIENTS + 4
    found = [(name, word) for name, inside in everything.items() for word in words if word and word.encode() in inside]
    assert found == []
    tables = [inside for name, inside in everything.items() if name.suffix != ".mcap"]
    assert not any(re.search(rf"\bP-\d\b|No{number}".encode(), inside) for inside in tables for number in range(PATIENTS))


def test_the_planted_text_was_there_to_be_found(planted, ward):
    originals = [content(path) for path in planted.data.exams.glob("*/*.mcap")]
    assert len(originals) == PATIENTS
    assert all(MARK.encode() in each for each in originals)


def test_text_around_the_ultrasound_is_black_and_the_ultrasound_stays(planted, ward):
    mask = region_of(fan().geometry, 200, 200).mask
    assert not mask[BURNED].any()
    for path in (ward / "clips").iterdir():
        with open_file(path) as source:
            frames = list(source.frames())
        assert [frame.captured_us for frame in frames] == [0, 100_000]
        assert not any(frame.pixels[~mask].any() for frame in frames)
        assert all(frame.pixels[mask].any() for frame in frames)
    (number,) = {
        path.parent for path in planted.data.exams.glob("*/L1.mcap") if path.parent.name == planted.stored.records.newest(1)[0].folder
    }
    with open_file(number / "L1.mcap") as source:
        before = list(source.frames())[-2:]
    written = [frame.pixels for path in (ward / "clips").iterdir() for frame in _frames(path)]
    for frame in before:
        assert any(np.array_equal(np.where(mask, frame.pixels, 0), pixels) for pixels in written)


def test_without_a_stated_geometry_the_pixels_tell_where_the_ultrasound_is(planted, export, tmp_path):
    planted.tells = "pixels"
    planted.labelled(1, b_lines=True)
    export()
    mask = region_of(fan().geometry, 200, 200).mask
    (path,) = (tmp_path / "sets" / "ward" / "clips").iterdir()
    for frame in _frames(path):
        assert not frame.pixels[BURNED].any()
        assert np.count_nonzero(frame.pixels[mask]) > 0.7 * mask.sum()


def test_a_recording_of_an_export_states_no_time_of_day(ward):
    for path in (ward / "clips").iterdir():
        times = [message.log_time for _, message, _ in messages_of(path, lambda *_: None)]
        assert max(times) < 10**9


def test_a_clip_in_which_nothing_tells_where_the_ultrasound_is_is_left_out(planted, export, ward, tmp_path):
    planted.tells = "nothing"
    planted.labelled(100, b_lines=True)
    made = export("second")
    assert len(made.described.rows) == PATIENTS
    assert [(why.name, count) for why, count in made.described.left.items() if count] == [("UNCLEAN", 1)]
    assert "cannot be separated from what surrounds it" in (tmp_path / "sets" / "second" / "README.md").read_text()


def test_two_exports_have_no_pseudonym_in_common(export, ward):
    first, second = ({row.patient for row in export(name).described.rows} for name in ("a", "b"))
    assert len(first) == len(second) == PATIENTS
    assert not first & second


def _frames(path):
    with open_file(path) as source:
        return list(source.frames())
