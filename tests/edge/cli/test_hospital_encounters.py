"""`sonoedge hospital encounters`: who is in the hospital, asked or sent, and what is stated where there is no list."""

import json
from datetime import datetime, timezone

import pytest
import typer

from edge.cli.hospital import show
from edge.cli.hospital_encounters import NoList, encounters_
from edge.disk.layout import DataFolder
from edge.exchange.encounters.cache import EncountersDamaged, load_book
from edge.exchange.encounters.receiver import Receiver
from edge.services.encounter_errors import EncountersNotStored
from tests.edge.exchange.encounters.messages import NAME, adt
from tests.edge.exchange.encounters.resources import encounter, page, patient
from tests.edge.exchange.peers.ends import listener
from tests.edge.exchange.peers.test_fhir import answering
from tests.ports import free_port

SENDS = "admissions: {listen_host: 127.0.0.1, listen_port: 2576, senders: [10.0.0.12, 10.1.0.0/16]}\n"


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
    return tmp_path


def hospital(site, port):
    peer = f"{{kind: fhir, name: ehr, url: 'http://127.0.0.1:{port}/fhir', answer_s: 20}}"
    DataFolder(site).hospital.write_text(f"encounters: ehr\npeers: [{peer}]\n")


def status_of(*words, **options):
    with pytest.raises(typer.Exit) as ended:
        encounters_(*words, **options)
    return ended.value.exit_code


def test_the_server_is_asked_and_its_answer_is_printed_with_what_is_quarantined(site, capsys) -> None:
    with listener(answering(200, page(encounter(), encounter("e2", subject="Patient/p9"), patient()))) as port:
        hospital(site, port)
        assert status_of() == 0
    out = capsys.readouterr().out
    assert "ehr answered on" in out
    assert "2 encounters" in out
    assert NAME in out
    assert "Quarantined: (no name), admission V-e2: the answer does not have its patient" in out
    assert load_book(site).source == "ehr"


def test_where_nobody_answers_the_last_list_is_shown_as_such(site, capsys) -> None:
    with listener(answering(200, page(encounter(), patient()))) as port:
        hospital(site, port)
        status_of()
    hospital(site, free_port())
    capsys.readouterr()
    assert status_of("ሰላማ") == 1
    out, err = capsys.readouterr()
    assert NAME in out
    assert "This is the last list, not a new one" in err
    assert status_of("nobody", offline=True, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == []


def test_what_the_hospital_sent_is_shown_and_nobody_is_asked(site, capsys) -> None:
    DataFolder(site).hospital.write_text(SENDS)
    Receiver(site, lambda: datetime.now(timezone.utc)).answer(adt("A01").encode())
    assert status_of() == 0
    out = capsys.readouterr().out
    assert "The hospital sent this, the last of it on" in out
    assert [word in out for word in (NAME, "V-17", "W3 / 12 / A", "20261129")] == [True] * 4
    assert status_of(as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["peer"], printed["entries"][0]["patient_id"]) == ("", "P-1")


def test_without_a_list_it_states_what_to_do(site) -> None:
    with pytest.raises(NoList, match=r"names neither admissions nor encounters"):
        encounters_()
    DataFolder(site).hospital.write_text(SENDS)
    with pytest.raises(NoList, match="has not sent any admission yet"):
        encounters_()
    hospital(site, free_port())
    with pytest.raises(NoList, match="refuses the connection"):
        encounters_()
    with pytest.raises(NoList, match="No list was stored yet"):
        encounters_(offline=True)


def test_a_damaged_list_and_a_full_disk_are_stated_with_the_next_step(site) -> None:
    DataFolder(site).hospital.write_text(SENDS)
    DataFolder(site).encounters.write_text("{")
    with pytest.raises(EncountersDamaged):
        encounters_()
    DataFolder(site).encounters.unlink()
    DataFolder(site).encounters.mkdir()
    with listener(answering(200, page())) as port:
        hospital(site, port)
        with pytest.raises(EncountersNotStored, match=r"cannot be stored in .*--offline") as refused:
            encounters_()
    assert refused.value.exit_status == 2


def test_show_states_where_admissions_are_taken(site, capsys) -> None:
    DataFolder(site).hospital.write_text(SENDS)
    show()
    assert "Admissions: taken at 127.0.0.1, port 2576, from 10.0.0.12, 10.1.0.0/16" in capsys.readouterr().out
    hospital(site, 80)
    show()
    assert "encounters" in capsys.readouterr().out
