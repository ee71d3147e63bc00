import time
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from PIL import Image

from firmware_bridge.errors import BridgeError, SourceAbsent, SourceDenied, SourceUnknown, SourceUnreadable
from firmware_bridge.sources.base import Origin
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.url import open_source


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Three pictures, 20 ms apart, under a name that a URL must escape."""
    path = tmp_path / "right lung #2.gif"
    first, *rest = [Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (10, 90, 200)]
    first.save(path, save_all=True, append_images=rest, duration=20)
    return path


def test_a_file_is_opened_by_its_url_and_tells_who_it_is(clip: Path) -> None:
    with open_source(clip.as_uri()) as source:
        assert (source.info.origin, source.info.name, source.info.frames) == (Origin.REPLAY, "right lung #2.gif", 3)
        assert source.info.url == clip.as_uri()
        frames = list(source.frames())
    assert [frame.sequence for frame in frames] == [0, 1, 2]
    assert not any(frame.simulated for frame in frames)


def test_unpaced_frames_do_not_wait_and_paced_frames_never_come_early(clip: Path) -> None:
    with open_source(f"{clip.as_uri()}?pace=1") as source:
        begun_ns = time.monotonic_ns()
        for frame in source.frames():
            assert frame.received_ns - begun_ns >= frame.captured_us * 1000


def test_a_loop_goes_on_with_sequence_and_clock(clip: Path) -> None:
    with open_source(f"{clip.as_uri()}?loop=1") as source:
        frames = [frame for frame, _ in zip(source.frames(), range(7), strict=False)]
    assert [frame.sequence for frame in frames] == list(range(7))
    assert [frame.captured_us for frame in frames] == [20_000 * n for n in range(7)]
    assert [int(frame.pixels[0, 0]) for frame in frames] == [10, 90, 200, 10, 90, 200, 10]


def test_closing_from_another_thread_ends_a_paced_wait(tmp_path: Path) -> None:
    path = tmp_path / "slow.gif"
    first, second = (Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (10, 90))
    first.save(path, save_all=True, append_images=[second], duration=60_000)
    source = open_file(path, paced=True)
    frames = source.frames()
    next(frames)
    closing = Timer(0.05, source.close)
    closing.start()
    assert list(frames) == []
    closing.join()


def test_frames_begins_again_each_time(clip: Path) -> None:
    with open_file(clip) as source:
        assert len(list(source.frames())) == len(list(source.frames())) == 3


def test_dicom_is_known_by_its_magic_whatever_its_name(data_folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "IMG0001"
    link.symlink_to(data_folder / "dicom_us" / "examples_rgb_color.dcm")
    with open_file(link) as source:
        assert len(list(source.frames())) == 1


@pytest.mark.parametrize(
    ("url", "error", "reported"),
    [
        ("file:///absent/clip.mp4", SourceAbsent, "/absent/clip.mp4 is not there"),
        ("file://clip.mp4", SourceUnknown, "Write three slashes: file:///clip.mp4"),
        ("file:///clip.mp4?speed=2", SourceUnknown, "has no option 'speed'. Known options: loop, pace"),
        ("file:///clip.mp4?pace=fast", SourceUnknown, "pace=fast is neither yes nor no"),
    ],
)
def test_a_url_that_cannot_be_opened_says_what_to_write(url: str, error: type[Exception], reported: str) -> None:
    with pytest.raises(error) as caught:
        open_source(url)
    assert reported in str(caught.value)


def test_a_file_of_another_kind_is_refused_and_the_known_kinds_named(tmp_path: Path) -> None:
    path = tmp_path / "volume.xyz"
    path.write_bytes(b"NRRD0004\n")
    with pytest.raises(SourceUnreadable, match=r"this kind of file is unknown. Known formats: DICOM \.mp4"):
        open_file(path)


def test_a_file_that_may_not_be_read_is_denied(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if clip.stat().st_uid == 0:  # root may read everything, so that the refusal itself has to be made
        monkeypatch.setattr(Path, "stat", _refuse)
    else:
        clip.chmod(0)
    with pytest.raises(SourceDenied, match="not allowed to read"):
        open_file(clip)


def _refuse(self: Path, **_: object) -> None:
    raise PermissionError(13, "Permission denied", str(self))


@pytest.mark.parametrize(
    "name", ["dicom_us/examples_rgb_color.dcm", "dicom_us/examples_ybr_color.dcm", "itkpocus_clips/interson-phantom.png"]
)
def test_damage_anywhere_costs_frames_or_is_refused_but_never_surprises(name: str, data_folder: Path, tmp_path: Path) -> None:
    whole = (data_folder / name).read_bytes()
    path = tmp_path / Path(name).name
    random = np.random.default_rng(11)
    outcomes = set()
    for _ in range(40):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[random.integers(0, min(len(whole), 2000), 3)] = random.integers(0, 256, 3)
        path.write_bytes(damaged.tobytes())
        try:
            with open_file(path) as source:
                outcomes.add("read" if next(source.frames(), None) else "none")
        except BridgeError:
            outcomes.add("refused")
    assert "refused" in outcomes
    assert outcomes <= {"read", "refused"}
