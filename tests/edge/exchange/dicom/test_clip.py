import numpy as np
import pytest
from pydicom import dcmread

from edge.exchange.dicom.syntax import COMPACT, LOSSLESS, lossy
from edge.notice import NOTICE
from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.sources.base import Origin
from firmware_bridge.sources.file import open_file
from tests.edge.exchange.dicom.made import DEEP, frame, grey

MULTI_FRAME, SINGLE_FRAME = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.6.1"


@pytest.fixture
def clip(record):
    return record([frame(number) for number in range(100, 106)])


def only(write, clip, policy=LOSSLESS, **more):
    [written] = write(clip, policy, **more)
    return written, dcmread(written.path)


@pytest.mark.parametrize("policy", [LOSSLESS, COMPACT])
def test_lossless_pixels_are_those_of_the_recording(write, clip, policy):
    written, made = only(write, clip, policy)
    with open_file(clip.path) as source:
        recorded = [each.pixels for each in source.frames()]
    assert (made.pixel_array == recorded).all()
    assert made.SOPClassUID == MULTI_FRAME
    assert (written.frames, written.first, written.sequences) == (6, 100, (100, 101, 102, 103, 104, 105))


@pytest.mark.parametrize("policy", [LOSSLESS, COMPACT, lossy(90)])
def test_images_with_an_odd_number_of_bytes_have_even_elements(write, record, policy):
    clip = record([frame(number, pixels=grey(number, 45, 63)) for number in range(3)])
    written, made = only(write, clip, policy)
    assert len(made.PixelData) % 2 == written.path.stat().st_size % 2 == 0
    if not policy.lossy:
        assert (made.pixel_array == [grey(number, 45, 63) for number in range(3)]).all()


def test_a_change_of_the_geometry_gives_two_objects_with_their_own_regions(write, record):
    clip = record([frame(100), frame(101), frame(102, geometry=DEEP), frame(103, geometry=DEEP)])
    one, two = (dcmread(each.path) for each in write(clip))
    assert [made.SequenceOfUltrasoundRegions[0].PhysicalDeltaX for made in (one, two)] == [0.05, 0.08]
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.SeriesInstanceUID == two.SeriesInstanceUID


def test_a_part_of_one_frame_is_a_still(write, record):
    written, made = only(write, record([frame(7)]))
    assert (written.kind, made.SOPClassUID) == ("still", SINGLE_FRAME)
    assert (made.pixel_array == grey(7)).all()


def test_writing_again_gives_the_same_files(write, clip):
    (one, _), (two, _) = only(write, clip), only(write, clip)
    assert one.sop_instance == two.sop_instance
    assert one.path.read_bytes() == two.path.read_bytes()


def test_the_coding_changes_the_uid_only_where_it_loses_something(write, clip):
    uids = [only(write, clip, policy)[0].sop_instance for policy in (LOSSLESS, COMPACT, lossy(90), lossy(80))]
    assert uids[0] == uids[1]
    assert len(set(uids)) == 3


def test_a_lossy_image_states_that_it_is_and_by_how_much(write, clip):
    _, made = only(write, clip, lossy(90))
    assert (made.LossyImageCompression, made.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert made.LossyImageCompressionRatio == pytest.approx(6 * 48 * 64 / len(made.PixelData), rel=0.1)
    assert made.ImageType[0] == "DERIVED"
    assert "LossyImageCompression" not in only(write, clip)[1]


def test_even_times_are_one_frame_time_and_others_a_vector(write, record):
    even = only(write, record([frame(number) for number in range(4)]))[1]
    uneven = only(write, record([frame(number, at_us=us) for number, us in enumerate((0, 40_000, 73_333, 2_000_000))]))[1]
    assert (even.FrameTime, even.FrameIncrementPointer) == (40, 0x00181063)
    assert list(uneven.FrameTimeVector) == [0, 40, 33.333, 1926.667]
    assert uneven.FrameIncrementPointer == 0x00181065


def test_the_settings_are_stated_with_their_units(write, clip):
    made = only(write, clip)[1]
    assert (made.DepthOfScanField, made.FocusDepth, made.MechanicalIndex) == (90, 4.5, 0.7)
    assert (made.TransducerType, made.TransducerGeometryCodeSequence[0].CodeValue) == ("CURVED LINEAR", "125253")
    for stated in ("gain 50 dB", "frequency 3.5 MHz", "focus 45 mm", "thermal index 0.3", "preset lung"):
        assert stated in made.ImageComments


def test_nothing_is_stated_of_what_the_source_does_not_state(write, record):
    unknown = {"pixels": np.zeros((48, 64), np.uint8), "geometry": Geometry(), "settings": AcquisitionSettings()}
    made = only(write, record([frame(number, **unknown) for number in range(3)]))[1]
    for name in (
        "SequenceOfUltrasoundRegions",
        "DepthOfScanField",
        "FocusDepth",
        "MechanicalIndex",
        "TransducerType",
        "BurnedInAnnotation",
    ):
        assert name not in made


def test_the_zone_is_stated_as_view_and_side_of_the_image(write, clip):
    made = only(write, clip)[1]
    [view], [region] = made.ViewCodeSequence, made.AnatomicRegionSequence
    assert (view.CodeValue, view.CodingSchemeDesignator) == ("BLUE_6_L1", "99EDGEUS")
    assert (region.CodeValue, made.ImageLaterality) == ("39607008", "L")
    assert "Laterality" not in made


def test_quality_and_what_was_recorded_against_advice_are_in_the_comments(write, record):
    clip = record([frame(1), frame(2)], overridden=("TOO_SHALLOW",), quality=61.5)
    comments = only(write, clip)[1].ImageComments
    assert "Image quality 62 of 100" in comments
    assert "TOO_SHALLOW" in comments
    assert comments.endswith(NOTICE)


def test_simulated_frames_say_so_and_have_no_annotation(write, record):
    made = only(write, record([frame(number, simulated=True) for number in range(3)], origin=Origin.SIMULATED))[1]
    assert made.ImageComments.startswith("SIMULATED")
    assert (made.QualityControlImage, made.BurnedInAnnotation) == ("YES", "NO")


def test_images_of_a_zone_that_was_taken_again_say_so(write, handed):
    [clip] = handed.rejected
    written, made = only(write, clip)
    assert written.superseded
    assert "Rejected" in made.ImageComments


def test_the_scanner_of_the_clip_is_the_acquisition_equipment(write, clip):
    scanner = only(write, clip)[1].ContributingEquipmentSequence[0]
    assert (scanner.ManufacturerModelName, scanner.PurposeOfReferenceCodeSequence[0].CodeValue) == ("Butterfly iQ3", "109101")


def test_a_frame_is_found_by_its_number_in_the_recording(write, record):
    [written] = write(record([frame(number) for number in (100, 101, 105)]))
    assert [written.frame_of(number) for number in (100, 105, 103)] == [1, 3, 0]


def test_an_exported_clip_is_read_again_as_one_of_the_scanner_that_made_it(write, clip):
    written, _ = only(write, clip)
    with open_file(written.path) as exported, open_file(clip.path) as recorded:
        assert exported.info.machine.scanner == recorded.info.machine.scanner != ""
