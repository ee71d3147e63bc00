from pathlib import Path

import pytest

from firmware_bridge.errors import SourceAbsent, SourceUnreadable
from firmware_bridge.sources.find import find_recordings


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A stick as it comes from a ward: clips in folders among other files."""
    for name in ("b/2.mp4", "b/10.MP4", "a/still.png", "a/notes.csv", "a/more.CSV", "top.avi", "report.pdf", "README"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"-")
    (tmp_path / "b" / "IMG0001").write_bytes(bytes(128) + b"DICM")
    return tmp_path


def test_folders_are_searched_and_other_files_are_counted(stick: Path) -> None:
    found = find_recordings([stick])
    names = [str(path.relative_to(stick)) for path in found.recordings]
    assert names == ["top.avi", "a/still.png", "b/2.mp4", "b/10.MP4", "b/IMG0001"]
    assert found.skipped == {".csv": 2, ".pdf": 1, "": 1}
    assert found.skipped_text == "other files skipped: 4 (no suffix 1, .csv 2, .pdf 1)"


def test_a_file_that_is_named_is_taken_whatever_its_kind_and_only_once(stick: Path) -> None:
    found = find_recordings([stick / "report.pdf", stick / "top.avi", stick / "top.avi", stick / "b"])
    assert [path.name for path in found.recordings] == ["report.pdf", "top.avi", "2.mp4", "10.MP4", "IMG0001"]


def test_a_path_that_is_absent_keeps_its_place_among_the_recordings(stick: Path) -> None:
    found = find_recordings([stick / "nowhere", stick])
    assert found.absent == (stick / "nowhere",)
    assert found.recordings[0] == stick / "nowhere"
    assert len(found.recordings) > 1
    with pytest.raises(SourceAbsent, match="nowhere is not there"):
        find_recordings([stick / "nowhere"])


def test_a_folder_without_recordings_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"-")
    with pytest.raises(SourceUnreadable, match=r"no recording found, other files skipped: 1 \(\.csv 1\)"):
        find_recordings([tmp_path])


@pytest.mark.parametrize("folder", [".Trashes/501", "$RECYCLE.BIN/S-1-5", "b/.Trash-1000/files", "a/@eaDir/top.avi", ".thumbnails"])
def test_what_a_person_deleted_and_thumbnails_are_no_recordings(folder: str, stick: Path) -> None:
    named = find_recordings([stick]).recordings
    (stick / folder).mkdir(parents=True)
    (stick / folder / "old.mp4").write_bytes(b"-")
    found = find_recordings([stick])
    assert (found.recordings, found.skipped[".mp4"]) == (named, 1)
    assert find_recordings([stick / folder]).recordings == (stick / folder / "old.mp4",)
