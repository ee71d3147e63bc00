"""The protocols that come with the appliance: what they say, and that it holds together."""

import csv
import json
from pathlib import Path

import pytest

from edge.exam.protocol.file import SHIPPED, load_protocol, shipped
from edge.exam.protocol.protocol import Protocol, Zone, ZoneUnknown
from edge.inference.release import ModelRelease
from edge.vision.quality import Limits

BY_ID = {protocol.id: protocol for protocol in shipped()}
every = pytest.mark.parametrize("protocol", BY_ID.values(), ids=BY_ID)


def test_four_protocols_are_shipped_the_shortest_first() -> None:
    assert {each.id: len(each.zones) for each in shipped()} == {"blue-6": 6, "lus-8": 8, "lus-12": 12, "lus-14": 14}


@every
def test_a_file_is_named_as_its_protocol(protocol: Protocol) -> None:
    assert load_protocol(SHIPPED / f"{protocol.id}.yaml") == protocol


@every
def test_both_sides_have_the_same_zones_and_are_named_so(protocol: Protocol) -> None:
    places = {side: {zone.id[1:]: zone for zone in protocol.zones if zone.side == side} for side in ("left", "right")}
    assert places["left"].keys() == places["right"].keys()
    for place, left in places["left"].items():
        right = places["right"][place]
        assert (left.id[0], right.id[0]) == ("L", "R")
        assert left.name.removeprefix("Left") == right.name.removeprefix("Right")
        assert left.draw.x == pytest.approx(1 - right.draw.x)


@every
def test_no_two_zones_are_drawn_on_one_another(protocol: Protocol) -> None:
    drawn = [(zone.draw.view, zone.draw.x, zone.draw.y) for zone in protocol.zones]
    for number, (view, x, y) in enumerate(drawn):
        assert all(view != v or abs(x - a) + abs(y - b) > 0.1 for v, a, b in drawn[:number])


@every
def test_what_may_be_found_is_what_the_model_tells(protocol: Protocol) -> None:
    known = {label.key for label in ModelRelease.load().findings}
    for acquisition in protocol.acquisitions.values():
        assert set(acquisition.findings) == known


@every
def test_depths_are_those_that_a_frame_is_judged_by_without_a_site(protocol: Protocol) -> None:
    for zone in protocol.zones:
        acquisition = protocol.acquisition(zone.id)
        assert Limits(acquisition.depth_mm, acquisition.presets) == Limits()


@every
def test_the_sum_goes_as_high_as_three_a_zone(protocol: Protocol) -> None:
    assert [pattern.score for pattern in protocol.score.patterns] == [0, 1, 2, 3]
    assert [pattern.score for pattern in protocol.score.patterns if pattern.unreadable] == [3]


def test_the_zones_of_two_protocols_have_the_same_name_only_where_they_are_the_same_place() -> None:
    blue = {zone.id for zone in BY_ID["blue-6"].zones}
    assert all(blue.isdisjoint(zone.id for zone in protocol.zones) for key, protocol in BY_ID.items() if key != "blue-6")


def test_blue_6_has_the_zones_of_covid_blues(data_folder: Path) -> None:
    with (data_folder / "covid_blues" / "manifest.csv").open() as file:
        points = {row["blue_point"] for row in csv.DictReader(file)}
    assert points == {zone.id for zone in BY_ID["blue-6"].zones}


def test_an_unknown_zone_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ZoneUnknown, match=r"'L9'.*L1, L2"):
        BY_ID["blue-6"].zone("L9")
    with pytest.raises(ZoneUnknown):
        BY_ID["blue-6"].acquisition("L9")


def test_the_digest_changes_with_what_a_protocol_says_and_with_nothing_else(tmp_path: Path) -> None:
    text = (SHIPPED / "blue-6.yaml").read_text()
    copy, other = tmp_path / "copy.yaml", tmp_path / "other.yaml"
    copy.write_text("# a remark\n" + text.replace("name: Left upper BLUE-point", 'name: "Left upper BLUE-point"'))
    other.write_text(text.replace("seconds: 3", "seconds: 5"))
    assert load_protocol(copy).digest == BY_ID["blue-6"].digest != load_protocol(other).digest


def test_the_digests_of_the_shipped_protocols_stay_what_they_were_in_release_0_1_0() -> None:
    """Recorded exams refer to them."""
    assert {protocol.id: protocol.digest for protocol in BY_ID.values()} == {
        "blue-6": "07694455b879f972ab1ee3de59a89d9be9e5d0a2bf7a67358d5ef304570573c1",
        "lus-8": "75bd54de68fb62ab9a383d8739df42e9b6e3a450ec28d36f9fbe6efbf03d141b",
        "lus-12": "bb49d3399b8a57184111aff9a33e1a7ca7d4dbbf48aca9990e1f8253e4384513",
        "lus-14": "7d819c3245242e790a5f535e161a9a65d3967c07c605b3f0591c145db07532b8",
    }


def test_an_optional_field_of_a_newer_program_changes_no_digest_until_a_file_states_it() -> None:
    class NewerZone(Zone):
        pace: str = "slow"

    class Newer(Protocol):
        colour: str = "blue"
        zones: tuple[NewerZone, ...]  # type: ignore[assignment]

    stated = json.loads(BY_ID["blue-6"].text)
    assert Newer.model_validate(stated).digest == BY_ID["blue-6"].digest
    assert Newer.model_validate(stated | {"colour": "red"}).digest != BY_ID["blue-6"].digest


def test_the_text_is_the_whole_protocol() -> None:
    for protocol in BY_ID.values():
        again = Protocol.model_validate_json(protocol.text)
        assert (again, again.text) == (protocol, protocol.text)


def test_the_schema_file_is_what_the_model_says() -> None:
    assert json.loads((SHIPPED / "schema.json").read_text()) == Protocol.model_json_schema(), (
        "run: sonoedge protocol schema > edge/exam/protocol/protocols/schema.json"
    )
