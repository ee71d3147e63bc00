"""What a message of admission, discharge and transfer changes, and which ones are refused."""

import time
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.encounters.adt import EVENTS, LONGEST, changes_of, moment_of
from edge.exchange.encounters.answer import AdtRefused
from edge.exchange.hl7.reading import Hl7Unreadable, parsed
from tests.edge.exchange.encounters.messages import MORNING, NAME, adt


def read(message):
    return changes_of(parsed(message if isinstance(message, bytes) else message.encode()))


def refusal(message):
    with pytest.raises(AdtRefused) as refused:
        read(message)
    assert refused.value.fix
    return refused.value


def test_an_admission_states_the_patient_and_the_visit() -> None:
    (change,) = read(adt("A01"))
    assert (change.event, change.effect, change.at, change.control_id) == ("A01", "open", MORNING, "A01-0-V-17")
    assert change.stated.values == {
        "admission_id": "V-17", "patient_id": "P-1", "issuer": "HOSP", "name": NAME, "birth_date": "19810302", "sex": "F",
        "place": "W3 / 12 / A", "since": "20261129", "kind": "inpatient",
    }  # fmt: skip
    assert not change.stated.doubts


@pytest.mark.parametrize("event", sorted(set(EVENTS) - {"A40"}))
def test_each_event_of_a_visit_has_its_effect(event) -> None:
    assert read(adt(event))[0].effect == EVENTS[event]


def test_what_a_message_leaves_empty_is_not_stated_and_two_quotes_remove_it() -> None:
    (change,) = read(adt("A08", name="", born='""', place="", since="", sex=""))
    assert change.stated.values == {"admission_id": "V-17", "patient_id": "P-1", "issuer": "HOSP", "birth_date": "", "kind": "inpatient"}


def test_the_account_of_the_patient_counts_where_there_is_no_visit_number() -> None:
    message = adt(visit="", born="19810302|F||||||||||ACC-9".partition("|")[0]).replace("|19810302|F", "|19810302|F" + "|" * 10 + "ACC-9")
    assert read(message)[0].stated.values["admission_id"] == "ACC-9"
    assert refusal(adt(visit="")).condition == "missing"


def test_a_merge_names_each_patient_whose_record_ends() -> None:
    message = adt("A40", merged="P-7^^^HOSP^MR") + f"PID|2||P-2^^^HOSP^MR||{NAME}\rMRG|P-8^^^HOSP^MR\r"
    first, second = read(message)
    assert (first.stated.values["patient_id"], first.merged, first.effect) == ("P-1", ("P-7", "HOSP"), "merge")
    assert (second.stated.values["patient_id"], second.merged) == ("P-2", ("P-8", "HOSP"))


@pytest.mark.parametrize(
    ("identifier", "merged"),
    [("", "P-7"), ("P-1~P-2", "P-7"), ("P-1", "P-7~P-8"), ("P-1", "^^^HOSP"), ("P-1", "P-\\H\\7"), ("P-\\C41\\", "P-7")],
)
def test_a_merge_that_does_not_name_two_patients_for_certain_changes_nothing(identifier, merged) -> None:
    assert refusal(adt("A40", identifier=identifier, merged=merged)).condition == "missing"


def test_a_merge_without_the_earlier_patient_is_refused() -> None:
    assert "MRG" in refusal(adt("A40")).what


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        (adt().replace("ADT^A01^ADT_A01", "ORU^R01"), "type"),
        (adt().replace("ADT^A01^ADT_A01", ""), "type"),
        (adt("A28"), "event"),
        (adt("").replace("EVN|", "EVN|A99"), "event"),
        (adt(processing="T"), "processing"),
        (adt(processing="D"), "processing"),
        (adt(number=""), "missing"),
        (adt(number="x" * (LONGEST + 1)), "missing"),
        (adt(name="x" * (LONGEST + 1)), "value"),
        (adt().replace("20261130080000+0000", "today"), "missing"),
    ],
)
def test_a_message_that_is_not_used_is_refused_with_its_condition(message, condition) -> None:
    assert refusal(message).condition == condition


def test_the_event_may_stand_in_evn_alone_and_the_time_in_msh_alone() -> None:
    assert read(adt().replace("ADT^A01^ADT_A01", "ADT"))[0].event == "A01"
    assert read(adt().replace("EVN|A01|20261130080000+0000", "EVN|A01"))[0].at == MORNING


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("20261130110000+0300", MORNING),
        ("20261130080000.25+0000", MORNING.replace(microsecond=250_000)),
        ("2026", datetime(2026, 1, 1).astimezone(timezone.utc)),
        ("202611300800", datetime(2026, 11, 30, 8).astimezone(timezone.utc)),
        ("20261330", None), ("", None), ("0000", None), ("2026-11-30", None), ("20261130080000+9999", None), ("00010101+1400", None),
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_of_the_zone_of_this_board(stated, moment) -> None:
    assert moment_of(stated) == moment


TEXTS = st.text(st.sampled_from('|^~\\&"\rPIDMRGVEN0123456789ABTአ\xe9 +-'), max_size=40)


@given(st.lists(st.tuples(st.sampled_from(["PID", "PV1", "MRG", "EVN", "XXX"]), TEXTS), max_size=5), st.sampled_from(sorted(EVENTS)))
def test_any_segments_give_changes_or_a_refusal(segments, event) -> None:
    message = f"MSH|^~\\&|||||20261130||ADT^{event}|1|P|2.5.1||||||UNICODE UTF-8\r" + "".join(f"{name}|{text}\r" for name, text in segments)
    try:
        changes = read(message)
    except AdtRefused:
        return
    for change in changes:
        assert all(len(value) <= LONGEST for value in change.stated.values.values())
        assert change.stated.doubts.keys() <= change.stated.values.keys()
        assert change.merged is None or (change.merged[0].strip() and "\\" not in change.merged[0])
        assert change.merged is not None or change.stated.values["admission_id"]


@given(st.data())
def test_a_message_that_was_damaged_on_its_way_is_read_or_refused(data) -> None:
    content = bytearray(adt("A01").encode())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        changes = read(bytes(content))
    except (AdtRefused, Hl7Unreadable):
        return
    assert all(isinstance(value, str) for change in changes for value in change.stated.values.values())


def test_a_long_message_costs_little_time() -> None:
    begun = time.perf_counter()
    read(adt("A01", extra="\r".join(["NK1|1|" + "x" * 900] * 900)))
    print(f"an ADT message of 800 kB is read in {(time.perf_counter() - begun) * 1e3:.0f} ms")
