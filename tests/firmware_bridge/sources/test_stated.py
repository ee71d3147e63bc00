import pytest

from firmware_bridge.errors import SourceUnknown
from firmware_bridge.machine import PART_LIMIT, Machine
from firmware_bridge.recording import machine_facts, machine_in
from firmware_bridge.sources.url import open_source, parse_url

CHEST = "virtual://chest?size=64&fps=0"
SITE = Machine.stated("Acme Scan / C5-1")


def seen(url: str, site: Machine | None = None) -> tuple[Machine, Machine]:
    """The machine of the source and of its first frame."""
    with open_source(url, site) as source:
        frame = next(iter(source.frames()))
        return source.info.machine, frame.machine


@pytest.mark.parametrize(
    ("url", "site", "name", "by_person"),
    [
        (CHEST, None, "SonoEdge virtual probe", False),
        (CHEST, SITE, "Acme Scan / C5-1", True),
        (f"{CHEST}&machine=Philips%20Lumify", None, "Philips Lumify", True),
        (f"{CHEST}&machine=Philips+Lumify", SITE, "Philips Lumify", True),
    ],
)
def test_the_url_wins_over_the_site_and_the_site_over_the_source(url: str, site: Machine | None, name: str, by_person: bool) -> None:
    for machine in seen(url, site):
        assert (machine.name, machine.by_person) == (name, by_person)


@pytest.mark.parametrize(
    ("stated", "why"),
    [("x" * 10_000, "10000 characters"), ("a%00b", r"U\+0000"), ("a%E2%80%AEb", r"U\+202E"), ("", "empty"), ("a%0Ab", r"U\+000A")],
)
def test_a_hostile_name_in_the_url_is_refused_briefly_before_anything_is_opened(stated: str, why: str) -> None:
    with pytest.raises(SourceUnknown, match=why) as refused:
        parse_url(f"serial:///dev/none?machine={stated}")
    assert len(str(refused.value)) < 300
    assert "machine= in the URL" in refused.value.what


def test_a_replay_through_the_virtual_probe_names_what_was_recorded_and_not_the_probe(tmp_path) -> None:
    from PIL import Image

    Image.new("L", (64, 64), 90).save(tmp_path / "a.png")
    machine, of_frame = seen(f"virtual://{tmp_path / 'a.png'}")
    assert not machine.known
    assert not of_frame.known


@pytest.mark.parametrize("machine", [SITE, Machine("Philips", "Lumify"), Machine(), Machine(model="x" * PART_LIMIT)])
def test_a_recording_states_the_machine_and_who_stated_it(machine: Machine) -> None:
    back = machine_in(machine_facts(machine))
    assert back is not None
    assert (back.name, back.by_person) == (machine.name, machine.by_person)
    assert machine_in({}) is None
