import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.machine import PART_LIMIT, UNKNOWN_MACHINE, UNKNOWN_NAME, Machine, MachineNameInvalid

LUMIFY = Machine("Philips", "Lumify")


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        (UNKNOWN_MACHINE, UNKNOWN_NAME),
        (LUMIFY, "Philips Lumify"),
        (Machine("Philips", "Philips Lumify", "S4-1"), "Philips Lumify / S4-1"),
        (Machine("Philips", "Lumify", preset="Lung"), "Philips Lumify / - / Lung"),
        (Machine(probe="C5-1"), "- / C5-1"),
        (Machine("AV / TV", "grabber"), "AV/TV grabber"),
        (Machine("-", "Unknown Machine"), UNKNOWN_NAME),
    ],
)
def test_a_machine_has_one_name_that_reads_back(machine: Machine, name: str) -> None:
    assert machine.name == name
    assert Machine.named(name).name == name
    assert Machine.named(name).known == machine.known == (name != UNKNOWN_NAME)


@given(st.builds(Machine, st.text(), st.text(), st.text(), st.text()))
def test_whatever_a_device_states_its_name_is_clean_short_and_reads_back(machine: Machine) -> None:
    name = machine.name
    assert name.isprintable()
    assert len(name) <= 3 * PART_LIMIT + len(" / ") * 2
    assert Machine.named(name).name == name
    assert LUMIFY.covers(machine) == LUMIFY.covers(Machine.named(name))


@given(st.text())
def test_a_stated_name_is_taken_as_a_device_would_name_it_or_refused(text: str) -> None:
    try:
        machine = Machine.stated(text)
    except MachineNameInvalid:
        return
    assert machine == Machine.named(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * 10_000, "10000 characters"),
        ("Philips Lumify / " + "x" * 65, "65 characters"),
        ("a / b / c / d", "4 parts"),
        ("Lumify\x00", "U\\+0000"),
        ("Lumify\n", "U\\+000A"),
        ("\u202eyfimuL", "U\\+202E"),
        ("Lumi\u200bfy", "U\\+200B"),
        ("\ud800", "U\\+D800"),
        ("", "empty"),
        ("  ", "empty"),
    ],
)
def test_a_name_that_a_person_states_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(MachineNameInvalid, match=why):
        Machine.stated(text)


def test_a_device_may_send_anything_and_is_cut_and_cleaned() -> None:
    assert Machine.named("x" * 10_000).name == "x" * PART_LIMIT
    assert Machine.named("\u202eLumi\x00fy\u200f\r\n  5").name == "Lumi fy 5"
    assert Machine.named("\x00\x00\u200e").name == UNKNOWN_NAME


def test_a_person_may_state_that_the_machine_is_unknown() -> None:
    assert Machine.stated("Unknown Machine") == UNKNOWN_MACHINE


@pytest.mark.parametrize(
    ("of", "other", "covered"),
    [
        ("Philips Lumify", "philips LUMIFY", True),
        ("Philips Lumify", "Philips Lumify / S4-1 / Lung", True),
        ("Philips Lumify / S4-1", "Philips Lumify / S4-1", True),
        ("Philips Lumify / S4-1", "Philips Lumify", False),
        ("Philips Lumify / S4-1", "Philips Lumify / C5-2", False),
        ("Philips Lumify / - / Lung", "Philips Lumify / S4-1 / Heart", False),
        ("GE Vscan", "GE Vscan Air", False),
        (UNKNOWN_NAME, UNKNOWN_NAME, False),
        ("- / C5-1", "- / C5-1", False),
        (UNKNOWN_NAME, "Philips Lumify", False),
    ],
)
def test_what_holds_on_a_machine_holds_on_the_same_scanner_probe_and_preset(of: str, other: str, covered: bool) -> None:
    assert Machine.named(of).covers(Machine.named(other)) is covered


def test_machines_are_equal_by_what_they_are_and_not_by_who_states_it_or_how() -> None:
    assert Machine("Philips", "Lumify") == Machine.stated("PHILIPS lumify") == Machine.named("Philips Lumify")
    assert len({Machine("Philips", "Lumify"), Machine.stated("Philips Lumify")}) == 1
    assert Machine("Philips", "Lumify") != Machine("Philips", "Lumify", "S4-1")


@pytest.mark.parametrize("maker", ["Philips", "PHILIPS Medical Systems", "Philips Healthcare", "Philips Ultrasound, Inc."])
def test_one_maker_is_written_in_several_ways(maker: str) -> None:
    assert Machine(maker, "Lumify") == Machine.named(f"{maker} Lumify") == LUMIFY
    assert LUMIFY.covers(Machine(maker, "Lumify", "S4-1"))


@pytest.mark.parametrize("other", ["Philips", "Lumify", "Philips Affiniti", "Phillips Lumify", "Medical Systems"])
def test_another_maker_or_model_stays_another(other: str) -> None:
    assert Machine.named(other) != LUMIFY
    assert not LUMIFY.covers(Machine.named(other))
    assert Machine.named(other).covers(Machine.named(other))


def test_a_doubted_machine_is_the_same_machine_and_its_name_states_the_doubt() -> None:
    doubted = Machine("Philips", "Lumify", doubted=True)
    assert doubted == Machine("Philips", "Lumify")
    assert doubted.name == "Philips Lumify (images differ)"
    assert Machine.named(doubted.name).doubted
    assert Machine.named(doubted.name) == doubted
    assert not Machine.named("Philips Lumify").doubted
