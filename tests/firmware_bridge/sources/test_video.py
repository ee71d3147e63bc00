from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Grey
from firmware_bridge.sources.file import open_file

LIMITED, FULL = 1, 2


def pixels_of(path: Path) -> list[Grey]:
    with open_file(path) as source:
        return [frame.pixels for frame in source.frames()]


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("a.mp4", "libx264", "yuv420p"), ("a.mov", "libx264", "yuv420p"), ("a.mkv", "ffv1", "gray"), ("a.avi", "rawvideo", "bgr24")],
)
def test_every_pixel_of_every_frame_comes_back(name: str, codec: str, pix_fmt: str, make_video, noise) -> None:
    pictures = noise(12)
    read = pixels_of(make_video(name, pictures, codec, pix_fmt))
    assert len(read) == 12
    for picture, pixels in zip(pictures, read, strict=True):
        np.testing.assert_array_equal(pixels, picture)


def test_a_lossy_webm_keeps_its_frames_in_order(make_video, noise) -> None:
    read = pixels_of(make_video("a.webm", noise(12), "libvpx-vp9"))
    assert [round(float(pixels[30:].mean()) / 8) for pixels in read] == list(range(12))


def test_limited_range_is_stretched_and_full_range_is_not(make_video) -> None:
    ramp = np.tile(np.arange(16, 236, dtype=np.uint8), (16, 1))
    limited = pixels_of(make_video("limited.mp4", [ramp], colour_range=LIMITED))[0][0]
    full = pixels_of(make_video("full.mp4", [ramp], colour_range=FULL))[0][0]
    np.testing.assert_array_equal(full, ramp[0])
    assert (limited[0], limited[-1]) == (0, 255)
    assert np.abs(limited - (ramp[0].astype(float) - 16) * 255 / 219).max() <= 1


def test_the_files_own_times_are_used(make_video, noise) -> None:
    with open_file(make_video("a.mp4", noise(5), rate=10)) as source:
        assert source.info.frames == 5
        assert [frame.captured_us for frame in source.frames()] == [0, 100_000, 200_000, 300_000, 400_000]


ONE = 1 << 16
SHAPED = [("a.mp4", "libx264", "yuv420p"), ("a.mov", "mjpeg", "yuvj420p"), ("a.mkv", "libx264", "yuv420p"), ("a.avi", "mpeg4", "yuv420p")]
TURNED = SHAPED[:2]


def marked() -> Grey:
    """72 rows by 96 columns with one bright block, above and left, wider than high."""
    picture = np.full((72, 96), 30, np.uint8)
    picture[8:24, 8:40] = 220
    return picture


@pytest.mark.parametrize("stored", TURNED)
@pytest.mark.parametrize(
    ("parts", "turn"),
    [
        ((0, ONE, -ONE, 0), lambda picture: np.rot90(picture, -1)),
        ((-ONE, 0, 0, -ONE), lambda picture: np.rot90(picture, 2)),
        ((0, -ONE, ONE, 0), np.rot90),
        ((-ONE, 0, 0, ONE), np.fliplr),
        ((ONE, 0, 0, -ONE), np.flipud),
        ((0, ONE, ONE, 0), np.transpose),
        ((0, -ONE, -ONE, 0), lambda picture: np.rot90(picture.T, 2)),
    ],
)
def test_a_frame_is_turned_and_mirrored_as_its_display_matrix_states(stored, parts, turn, make_video) -> None:
    a, b, c, d = parts
    name, *coded = stored
    (pixels,) = pixels_of(make_video(name, [marked()], *coded, matrix=[a, b, 0, c, d, 0, 0, 0, 1 << 30]))
    right = turn(marked())
    assert pixels.shape == right.shape
    assert np.abs(pixels - right.astype(float)).mean() < 3


@pytest.mark.parametrize("stored", SHAPED)
@pytest.mark.parametrize(("aspect", "shape"), [(Fraction(4, 3), (72, 128)), (Fraction(1, 2), (144, 96)), (Fraction(1), (72, 96))])
def test_a_frame_has_square_pixels_whatever_their_shape_in_the_file(stored, aspect, shape, make_video) -> None:
    name, *coded = stored
    (pixels,) = pixels_of(make_video(name, [marked()], *coded, aspect=aspect))
    assert pixels.shape == shape
    assert np.count_nonzero(pixels > 125) == pytest.approx(pixels.size * 16 * 32 / (72 * 96), rel=0.06)


@pytest.mark.parametrize("name", ["dvd.mpg", "dvd.vob", "avchd.mts", "avchd.m2ts"])
def test_what_recorders_of_television_write_is_as_wide_as_it_was(name: str, make_video) -> None:
    picture = np.full((576, 720), 60, np.uint8)
    (pixels,) = pixels_of(make_video(name, [picture], "mpeg2video", aspect=Fraction(64, 45)))
    assert pixels.shape == (576, 1024)


def test_pixels_are_made_square_before_the_frame_is_turned(make_video) -> None:
    path = make_video("a.mp4", [marked()], aspect=Fraction(4, 3), matrix=[0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30])
    assert pixels_of(path)[0].shape == (128, 72)


def test_an_impossible_shape_of_a_pixel_counts_as_square(make_video) -> None:
    assert pixels_of(make_video("a.mp4", [marked()], aspect=Fraction(200, 1)))[0].shape == (72, 96)


FORMATS = [("a.mp4", "libx264", "yuv420p"), ("a.mp4", "mpeg4", "yuv420p"), ("a.avi", "mjpeg", "yuvj420p")]


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), FORMATS)
def test_a_video_cut_off_gives_its_first_frames_and_counts_the_rest(name: str, codec: str, pix_fmt: str, make_video, noise) -> None:
    path = make_video(name, noise(30), codec, pix_fmt)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with open_file(path) as source:
        frames = list(source.frames())
        assert 5 < len(frames) < 25
        assert len(frames) + sum(loss.frames for loss in source.losses) == 30
    assert [frame.sequence for frame in frames] == list(range(len(frames)))


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), FORMATS)
def test_a_hole_in_the_middle_costs_some_frames_and_reading_goes_on(name: str, codec: str, pix_fmt: str, make_video, noise) -> None:
    path = make_video(name, noise(30), codec, pix_fmt)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 3000] = bytes(3000)
    path.write_bytes(whole)
    with open_file(path) as source:
        frames = list(source.frames())
        assert 15 < len(frames) < 30
        assert len(frames) + sum(loss.frames for loss in source.losses) == 30
    assert frames[-1].captured_us > 900_000, "nothing was read after the hole"


def slow_change(count: int) -> list[Grey]:
    """Planes of 72 x 96 whose upper half stays and whose lower half shows the frame's number, so that one frame builds on another."""
    picture = np.random.default_rng(7).integers(0, 255, (72, 96), np.uint8)
    return [np.vstack((picture[:36], np.full((36, 96), 60 + 4 * number, np.uint8))) for number in range(count)]


MADE_OF_CHANGES = {
    "a.avi": ("mpeg4", "msmpeg4"),
    "a.mp4": ("mpeg4", "libx264"),
    "a.mkv": ("libx264",),
    "a.mpg": ("mpeg2video",),
    "a.webm": ("libvpx", "libvpx-vp9"),
}


@pytest.mark.parametrize(("name", "codec"), [(name, codec) for name, codecs in MADE_OF_CHANGES.items() for codec in codecs])
@pytest.mark.parametrize(("dropped", "first"), [(0, 0), (1, 8)])
def test_frames_that_build_on_what_was_cut_away_are_counted_and_not_shown(name, codec, dropped, first, make_video) -> None:
    path = make_video(f"whole-{name}", slow_change(24), codec, every=8)
    cut = path.with_name(name)
    with av.open(str(path)) as source, av.open(str(cut), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in [packet for packet in source.demux(video=0) if packet.size][dropped:]:
            packet.stream = stream
            copy.mux(packet)
    with open_file(cut) as source:
        frames = list(source.frames())
        lost = sum(loss.frames for loss in source.losses)
    assert (len(frames), lost) == (24 - first, first - dropped)
    assert [float(frame.pixels[40:].mean()) for frame in frames] == pytest.approx([60 + 4 * number for number in range(first, 24)], abs=12)


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"", "is empty (0 bytes)"),
        (b"not a video at all" * 100, "not a readable video"),
        (bytes(50_000), "not a readable video"),
    ],
)
def test_other_content_than_video_is_refused(content: bytes, reported: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable) as caught:
        open_file(path)
    assert reported in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_mp4_without_its_index_is_refused_as_cut_off(make_video, noise) -> None:
    path = make_video("a.mp4", noise(5))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SourceUnreadable, match="cut off"):
        open_file(path)


def test_a_playlist_in_a_videos_clothes_reaches_no_network(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceUnreadable):
        open_file(path)


def test_a_real_lung_clip_is_read_whole(data_folder: Path) -> None:
    with open_file(data_folder / "covid_blues" / "lus_videos" / "patient_1_R2.mp4") as source:
        frames = list(source.frames())
        assert (len(frames), source.info.frames, source.losses) == (60, 60, ())
    assert {frame.pixels.shape for frame in frames} == {(350, 350)}
    assert frames[-1].captured_us == 59 * 40_000
    assert frames[0].pixels.min() == 0
    assert 150 < frames[0].pixels.max() <= 255


@pytest.mark.parametrize(
    ("name", "frames", "shape"),
    [
        ("butterfly-ocular-phantom.mp4", 369, (1080, 776)),
        ("clarius-ocular-short.mp4", 50, (960, 1280)),
        ("sonosite-anon-eye1-video.mp4", 100, (720, 960)),
    ],
)
def test_clips_of_other_makers_are_read_whole(name: str, frames: int, shape: tuple[int, int], data_folder: Path) -> None:
    with open_file(data_folder / "itkpocus_clips" / name) as source:
        read = 0
        for frame in source.frames():
            assert frame.pixels.shape == shape
            read += 1
        assert (read, source.losses) == (frames, ())


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"), [("a.mov", "qtrle", "argb"), ("a.avi", "ffv1", "bgra"), ("a.mkv", "ffv1", "yuva420p")]
)
def test_what_is_transparent_in_a_video_is_black(name: str, codec: str, pix_fmt: str, tmp_path: Path) -> None:
    rgba = np.full((48, 64, 4), 255, np.uint8)
    rgba[:, 32:, :3], rgba[:, :32, 3] = 90, 0
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = 48, 64, pix_fmt
        container.mux(stream.encode(av.VideoFrame.from_ndarray(rgba, format="rgba").reformat(format=pix_fmt)))
        container.mux(stream.encode())
    (shown,) = pixels_of(tmp_path / name)
    assert np.abs(shown.astype(int) - np.where(np.arange(64) < 32, 0, 90)).max() <= 1
