from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread

from edge.exchange.dicom.objects import write_objects
from edge.exchange.dicom.overlay import COLOUR, STRONGEST, captioned, overlay
from edge.notice import NOTICE
from edge.vision.field import Field

SOURCE = "1.2.840.10008.5.1.4.1.1.7"
GREY = np.full((40, 60), 100, np.uint8)
EVERYWHERE = np.ones((40, 60), np.bool_)


@pytest.fixture(scope="module")
def written(weighed, reader, tmp_path_factory):
    return write_objects(weighed, tmp_path_factory.mktemp("maps") / "objects", reader=reader)


def maps_of(written):
    return [each for each in written if each.kind == "map"]


def missing_maps(written):
    """The printed report may lack a font."""
    return [each for each in written.missing if each.kind == "map"]


def test_each_finding_of_each_zone_has_its_map(weighed, written):
    wanted = [(zone.zone.id, 105 + number) for zone in weighed.zones if zone.clip for number in range(len(zone.summary.findings))]
    assert [(each.zone, each.first) for each in maps_of(written)] == wanted
    assert not missing_maps(written)


def test_a_map_is_the_frame_in_colour_and_points_at_it(written):
    one = maps_of(written)[0]
    made = dcmread(one.path)
    image = next(each for each in written if each.clip == one.clip and each.is_image)
    [source] = made.SourceImageSequence
    assert (made.SOPClassUID, made.PhotometricInterpretation) == (SOURCE, "RGB")
    assert (source.ReferencedSOPInstanceUID, source.ReferencedFrameNumber) == (image.sop_instance, image.frame_of(one.first))
    assert made.ImageType[0] == "DERIVED"
    assert NOTICE in made.ImageComments


def test_words_are_below_the_frame_and_the_frame_shows_through(written):
    one = maps_of(written)[0]
    picture = dcmread(one.path).pixel_array
    image = next(each for each in written if each.clip == one.clip and each.is_image)
    grey = dcmread(image.path).pixel_array[image.frame_of(one.first) - 1]
    assert picture.shape[0] > grey.shape[0]
    uncoloured = (picture[: grey.shape[0]] == grey[:, :, np.newaxis]).all(axis=2)
    assert 0.2 < uncoloured.mean() < 1
    assert picture[grey.shape[0] :].max() > 200


def test_no_map_is_made_by_another_release_and_this_is_stated(weighed, reader, tmp_path):
    zones = tuple(replace(zone, findings=tuple(replace(each, release="lung-m-0.0.1") for each in zone.findings)) for zone in weighed.zones)
    written = write_objects(replace(weighed, zones=zones), tmp_path / "objects", reader=reader)
    assert not maps_of(written)
    assert missing_maps(written)
    assert all("lung-m-0.0.1 made the finding" in each.why for each in missing_maps(written))


def test_a_record_that_names_no_frame_is_stated(handed, reader, tmp_path):
    written = write_objects(handed, tmp_path / "objects", reader=reader)
    assert not maps_of(written)
    assert {each.zone for each in missing_maps(written)} == {"L1", "L2", "L3", "R1"}


def test_a_certain_map_colours_its_field_and_nothing_outside():
    made = overlay(GREY, np.ones((2, 2), np.float32), Field(20, 10, 20, 20), EVERYWHERE)
    certain = [round(100 * (1 - STRONGEST) + each * STRONGEST) for each in COLOUR]
    assert made[20, 30].tolist() == certain
    assert made[5, 30].tolist() == made[20, 50].tolist() == [100] * 3


def test_a_map_colours_ultrasound_only():
    mask = EVERYWHERE.copy()
    mask[:, 30:] = False
    made = overlay(GREY, np.ones((2, 2), np.float32), Field(0, 0, 60, 40), mask)
    assert made[20, 15].tolist() != [100] * 3
    assert (made[:, 30:] == 100).all()


def test_a_half_and_less_leaves_no_colour():
    assert (overlay(GREY, np.full((3, 3), 0.5, np.float32), Field(0, 0, 60, 40), EVERYWHERE) == 100).all()


def test_a_caption_covers_no_pixel_and_keeps_every_word():
    picture = np.full((40, 60, 3), 7, np.uint8)
    short, long = captioned(picture, ["A"]), captioned(picture, ["A longer line that does not fit"])
    assert (short[:40] == 7).all()
    assert short.shape[0] < long.shape[0]
    assert short.shape[1] == long.shape[1] == 60
