"""An exam as files of lines: they are read back, they hold the geometry, and nothing of a patient."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from edge.exam.taking.capture import Window
from edge.exchange.beams.inverse import InverseConverter, NoBeams
from edge.exchange.beams.parts import lines_of
from edge.exchange.beams.writing import Form, write_beams
from edge.notice import NOTICE
from firmware_bridge.frame import Frame, Geometry, Shape
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest
from tests.edge.exchange.conftest import FIRST, FRAMES, NAME, STATION

CHEST = Chest(2, size=96)
FAN = CHEST.geometry
LINEAR = Geometry(Shape.LINEAR, (0.3, 0.2))
SECRETS = (NAME, "P-0001", "1981", "Sara", "Reader", "Gondar", "Ward", STATION.name, STATION.serial)


def recording(path, geometries, size=96):
    recorder = Recorder(path, SourceInfo("serial://x", "probe", Origin.LIVE), NOTICE)
    for number, geometry in enumerate(geometries):
        image = np.random.default_rng(number).integers(0, 256, (size, size)).astype(np.uint8)
        recorder.frame_waiting(Frame(image, number, number * 40_000, 0, geometry))
    assert recorder.close().problem is None
    return path


def with_clips(exam, *paths):
    """The exam with these recordings as the clips of its first zones, and no others."""
    done = [zone for zone in exam.zones if zone.clip]
    clips = [
        replace(zone.clip, path=path, record=replace(zone.clip.record, first=0, last=999)) for zone, path in zip(done, paths, strict=False)
    ]
    return replace(exam, zones=tuple(replace(zone, clip=clip) for zone, clip in zip(done, clips, strict=False)))


def window(clip):
    return Window(clip.record.first, clip.record.last, clip.record.quality)


def converted(part):
    return np.stack(list(part.converted(part.converter())))


@pytest.mark.parametrize("form", [Form.METAIMAGE, Form.NRRD])
def test_each_zone_is_a_file_that_our_own_reader_opens_upright(handed, tmp_path, form):
    paths = write_beams(handed, tmp_path, form)
    assert sorted(path.name for path in paths) == sorted(f"{zone}{form.value}" for zone in ("L1", "L2", "L3", "R1"))
    assert paths.missing == ()
    zone = next(zone for zone in handed.zones if zone.zone.id == "L1")
    (part,), _ = lines_of(zone.clip.path, window(zone.clip))
    with open_file(tmp_path / f"L1{form.value}") as source:
        frames = list(source.frames())
    assert np.array_equal([frame.pixels.T for frame in frames], converted(part))
    assert len(frames) == FRAMES - 2
    assert [frame.captured_us for frame in frames[:3]] == [0, 40_000, 80_000]
    assert frames[0].geometry.mm_per_px is None


@pytest.mark.parametrize("form", [Form.METAIMAGE, Form.NRRD])
def test_a_linear_probe_has_its_scale_in_the_file(handed, tmp_path, form):
    (path,) = write_beams(with_clips(handed, recording(tmp_path / "a.mcap", [LINEAR] * 2)), tmp_path, form)
    with open_file(path) as source:
        assert next(source.frames()).geometry.mm_per_px == pytest.approx((0.3, 0.2))


def test_the_geometry_is_in_the_header_with_the_notice(handed, tmp_path):
    write_beams(handed, tmp_path, Form.METAIMAGE)
    head = (tmp_path / "L1.mha").read_bytes().split(b"ElementDataFile")[0].decode()
    fields = dict(line.split(" = ", 1) for line in head.splitlines())
    assert fields["Notice"] == NOTICE
    assert (fields["TransducerGeometry"], fields["RadiusStartMm"], fields["RadiusStopMm"]) == ("CURVILINEAR", "60", "200")
    assert (fields["ThetaStartDeg"], fields["ThetaStopDeg"]) == ("-31", "31")
    assert (fields["UltrasoundImageOrientation"], fields["FrequencyMhz"], fields["Scanner"]) == ("FM", "3.5", "Butterfly iQ3")


def test_hdf5_has_the_values_places_and_times_of_each_frame(handed, tmp_path):
    h5py = pytest.importorskip("h5py")
    write_beams(handed, tmp_path, Form.HDF5)
    zone = next(zone for zone in handed.zones if zone.zone.id == "L2")
    (part,), _ = lines_of(zone.clip.path, window(zone.clip))
    with h5py.File(tmp_path / "L2.hdf5") as made:
        image = made["data/image"]
        assert np.array_equal(image["values"][:].transpose(0, 2, 1), converted(part))
        radius = np.linalg.norm(image["coordinates"][:], axis=-1)
        assert radius[0] == pytest.approx(0.060)
        assert radius[-1] == pytest.approx(0.200)
        assert image["timestamps"][:3] == pytest.approx([0, 0.04, 0.08])
        assert image.attrs["ThetaStopDeg"] == pytest.approx(31)
        assert NOTICE in made.attrs["description"]


@pytest.mark.parametrize("form", list(Form))
def test_there_is_no_patient_person_or_place_in_a_file(handed, tmp_path, form):
    pytest.importorskip("h5py")
    for path in write_beams(handed, tmp_path, form):
        content = path.read_bytes()
        assert [word for word in SECRETS if word.encode() in content] == []


def test_text_around_a_linear_image_does_not_become_lines(handed, tmp_path):
    image = np.zeros((96, 96), np.uint8)
    image[20:90, 10:80] = np.random.default_rng(1).integers(60, 256, (70, 70))
    image[2:8, 84:94] = 255
    recorder = Recorder(tmp_path / "a.mcap", SourceInfo("serial://x", "probe", Origin.LIVE), NOTICE)
    for number in range(40):
        recorder.frame_waiting(Frame(image, number, number * 40_000, 0, LINEAR))
    assert recorder.close().problem is None
    (path,) = write_beams(with_clips(handed, tmp_path / "a.mcap"), tmp_path, Form.NRRD)
    with open_file(path) as source:
        frame = next(source.frames()).pixels
    assert not frame[2:8, 84:94].any()
    assert frame[30:80, 20:70].all()


def test_simulated_images_are_marked_as_such(handed, tmp_path):
    recorder = Recorder(tmp_path / "a.mcap", SourceInfo("virtual://", "probe", Origin.SIMULATED), NOTICE)
    recorder.frame_waiting(Frame(CHEST.image(0), 0, 0, 0, FAN, simulated=True))
    assert recorder.close().problem is None
    (path,) = write_beams(with_clips(handed, tmp_path / "a.mcap"), tmp_path, Form.METAIMAGE)
    assert b"\nSimulated = True\n" in path.read_bytes()


def test_a_change_of_geometry_begins_another_file(handed, tmp_path):
    exam = with_clips(handed, recording(tmp_path / "a.mcap", [FAN] * 3 + [LINEAR] * 2))
    paths = write_beams(exam, tmp_path, Form.NRRD)
    assert [path.name for path in paths] == ["L1.seq.nrrd", "L1-2.seq.nrrd"]
    counts = []
    for path in paths:
        with open_file(path) as source:
            counts.append(len(list(source.frames())))
    assert counts == [3, 2]


def test_a_clip_that_is_longer_than_a_dicom_object_is_one_file(handed, tmp_path, monkeypatch):
    monkeypatch.setattr("edge.exchange.dicom.frames.MOST_FRAMES", 3)
    (path,) = write_beams(with_clips(handed, recording(tmp_path / "a.mcap", [FAN] * 8)), tmp_path, Form.NRRD)
    with open_file(path) as source:
        assert [frame.captured_us for frame in source.frames()] == [number * 40_000 for number in range(8)]


def test_a_zone_without_a_geometry_is_left_out_with_the_reason(handed, tmp_path):
    exam = with_clips(handed, recording(tmp_path / "a.mcap", [Geometry()]), recording(tmp_path / "b.mcap", [FAN]))
    paths = write_beams(exam, tmp_path, Form.METAIMAGE)
    assert [path.name for path in paths] == ["L2.mha"]
    assert paths.missing == ("L1.mha: the source states no geometry of its lines (unknown)",)
    assert not (tmp_path / "L1.mha").exists()


def test_an_exam_without_any_geometry_is_refused_with_the_reasons(handed, tmp_path):
    with pytest.raises(NoBeams, match=r"L1\.mha: the source states no geometry"):
        write_beams(with_clips(handed, recording(tmp_path / "a.mcap", [Geometry()])), tmp_path / "out", Form.METAIMAGE)
    with pytest.raises(NoBeams, match="L1: its recording is not on this appliance any more"):
        write_beams(with_clips(handed, None), tmp_path / "out", Form.METAIMAGE)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_recording_is_left_out_with_the_reason(handed, tmp_path):
    (tmp_path / "a.mcap").write_bytes(b"no recording")
    paths = write_beams(with_clips(handed, tmp_path / "a.mcap", recording(tmp_path / "b.mcap", [FAN])), tmp_path, Form.NRRD)
    assert [path.name for path in paths] == ["L2.seq.nrrd"]
    assert paths.missing[0].startswith("L1: ")


def test_the_frames_are_those_of_the_clip_and_not_of_the_whole_recording(handed):
    zone = next(zone for zone in handed.zones if zone.clip)
    (part,), _ = lines_of(zone.clip.path, Window(FIRST + 5, FIRST + 6, 0))
    with open_file(zone.clip.path) as source:
        frames = list(source.frames())
    again = InverseConverter(part.geometry, *part.size)
    assert np.array_equal(converted(part), [again.convert(frames[number].pixels) for number in (5, 6)])


@pytest.mark.parametrize("form", list(Form))
def test_the_memory_does_not_grow_with_the_recording(handed, tmp_path, form):
    pytest.importorskip("h5py")
    peaks = []
    for count in (200, 600):
        exam = with_clips(handed, recording(tmp_path / f"{count}.mcap", [FAN] * count))
        tracemalloc.start()
        write_beams(exam, tmp_path / str(count), form)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100 * 96 * 96
