from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, FileMetaDataset

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.find import find_recordings

APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(200)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Two images with a Mac's companions, one of them empty, and the index that an ultrasound machine writes."""
    for number in range(2):
        Image.fromarray(np.full((8, 8), 10 + number, np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "._0.png").write_bytes(APPLE_DOUBLE)
    (tmp_path / "._1.png").write_bytes(b"")
    (tmp_path / "._gone.mp4").write_bytes(APPLE_DOUBLE)
    (tmp_path / "copied.dcm").write_bytes(APPLE_DOUBLE)
    index = Dataset()
    index.file_meta = FileMetaDataset()
    index.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    index.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    index.file_meta.MediaStorageSOPInstanceUID = "2.25.2"
    for name in ("DICOMDIR", "index.dcm"):
        index.save_as(tmp_path / name, enforce_file_format=True)
    return tmp_path


def test_a_search_skips_and_counts_them(stick: Path) -> None:
    found = find_recordings([stick])
    assert [path.name for path in found.recordings] == ["0.png", "1.png"]
    assert found.skipped == {".png": 2, ".mp4": 1, ".dcm": 2, "": 1}


def test_a_folder_of_images_is_read_without_them(stick: Path) -> None:
    with open_file(stick) as source:
        assert [int(frame.pixels[0, 0]) for frame in source.frames()] == [10, 11]
        assert source.losses == ()


@pytest.mark.parametrize(
    ("name", "message", "fix"),
    [
        ("._0.png", "a Mac's companion", "Name the file without '._'"),
        ("DICOMDIR", "the index of a disc", "Name the folder"),
        ("index.dcm", "the index of a disc", "Name the folder"),
    ],
)
def test_one_that_is_named_is_refused_with_the_next_step(name: str, message: str, fix: str, stick: Path) -> None:
    with pytest.raises(SourceUnreadable, match=message) as caught:
        open_file(stick / name)
    assert fix in caught.value.fix


def test_a_picture_whose_name_only_looks_so_is_read(stick: Path) -> None:
    path = stick / "._mine.png"
    path.write_bytes((stick / "0.png").read_bytes())
    assert path in find_recordings([stick]).recordings
