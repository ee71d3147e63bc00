"""The worklist query: what a peer may answer wrongly, and what becomes of each entry."""

from datetime import date

import pytest
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pynetdicom import evt

from edge.exchange.peers import worklist as module
from edge.exchange.peers.hospital import Hospital
from edge.exchange.peers.worklist import FIND, WorklistQuery, WorklistRefused, worklist

BOARD = Hospital(ae_title="EDGEUS")
QUERY = WorklistQuery(date(2026, 11, 30), date(2026, 12, 1))


def entry(identifier="P-1", name=b"Diallo^A", study="2.25.1", character_set=None, **more):
    made, step = Dataset(), Dataset()
    if character_set is not None:
        made.SpecificCharacterSet = character_set
    made.add_new("PatientName", "PN", name)
    made.add(DataElement("PatientID", "LO", identifier, validation_mode=IGNORE))
    made.StudyInstanceUID, step.ScheduledProcedureStepID = study, "S-1"
    for keyword, value in more.items():
        setattr(made, keyword, value)
    made.ScheduledProcedureStepSequence = [step]
    return made


def answering(*answers, last=0x0000, seen=None):
    def find(event):
        if seen is not None:
            seen.append(event.identifier)
        for each in answers:
            yield 0xFF00, each
        yield last, None

    return [(evt.EVT_C_FIND, find)]


def ask(peer, port, **more):
    return worklist(peer(port, **more), BOARD, QUERY)


def test_the_query_is_for_ultrasound_of_this_station_and_these_days(scp, peer) -> None:
    seen = []
    with scp([FIND], answering(seen=seen)) as port:
        assert ask(peer, port) == ()
    (keys,) = seen
    (step,) = keys.ScheduledProcedureStepSequence
    assert (step.Modality, step.ScheduledStationAETitle) == ("US", "EDGEUS")
    assert step.ScheduledProcedureStepStartDate == "20261130-20261201"
    assert {"PatientID", "AccessionNumber", "StudyInstanceUID", "AdmissionID"} <= set(keys.dir())


def test_bytes_without_a_character_set_are_flagged_and_shown_as_bytes(scp, peer) -> None:
    with scp([FIND], answering(entry(name=b"Diallo^A\xc3\xaf"), entry("P-2", study="2.25.2"))) as port:
        flagged, plain = ask(peer, port)
    assert (flagged.name, flagged.problems) == (r"Diallo^A\xC3\xAF", ("characters",))
    assert (plain.name, plain.problems) == ("Diallo^A", ())


@pytest.mark.parametrize(
    ("character_set", "name", "read"),
    [
        ("ISO_IR 192", "አበበ^ሰላማዊት".encode(), "አበበ^ሰላማዊት"),
        ("ISO_IR 100", "Diallo^Aïssatou".encode("latin-1"), "Diallo^Aïssatou"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), "Люкceмбypг"),
        (["", "ISO 2022 IR 87"], b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada^Tarou=山田^太郎"),
    ],
)
def test_a_name_in_a_stated_character_set_is_read_exactly(character_set, name, read, scp, peer) -> None:
    with scp([FIND], answering(entry(name=name, character_set=character_set))) as port:
        (found,) = ask(peer, port)
    assert (found.name, found.problems) == (read, ())


def test_entries_that_cannot_be_used_are_given_with_their_reason(scp, peer) -> None:
    entries = [entry(), entry("P" * 65, study="2.25.2"), entry("", study="2.25.3"), entry("P-1", b"Other^Person", study="2.25.4")]
    with scp([FIND], answering(*entries)) as port:
        found = ask(peer, port)
    assert [each.problems for each in found] == [("same-id",), ("long-id",), ("no-id",), ("same-id",)]
    assert found[1].patient_id == "P" * 65


def test_a_failure_of_the_query_is_shown(scp, peer) -> None:
    with scp([FIND], answering(entry(), last=0xA700)) as port, pytest.raises(WorklistRefused, match=r"pacs answers .* with A700"):
        ask(peer, port)


def test_a_peer_that_ends_in_the_middle_gives_no_worklist(scp, peer) -> None:
    def find(event):
        yield 0xFF00, entry()
        event.assoc.abort()
        yield 0xFF00, entry()

    with scp([FIND], [(evt.EVT_C_FIND, find)]) as port, pytest.raises(WorklistRefused, match=r"abort|closed"):
        ask(peer, port)


def test_a_flood_of_entries_is_refused(scp, peer, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    entries = [entry(f"P-{number}", study=f"2.25.{number}") for number in range(9)]
    with scp([FIND], answering(*entries)) as port, pytest.raises(WorklistRefused, match="more than 3 entries"):
        ask(peer, port)
