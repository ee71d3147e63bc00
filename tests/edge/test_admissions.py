"""A board that takes the hospital's admissions, from the message on the wire to the result that goes back."""

import http.client
import json
import socket
import time

import pytest

from edge.appliance import Appliance
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exchange.hand_over import HandOver
from edge.exchange.handed import Algorithm, Station
from edge.exchange.hl7.oru import oru_of
from edge.exchange.hl7.reading import parsed
from edge.exchange.peers.hospital import Hl7Peer
from edge.exchange.peers.mllp import send_message
from edge.exchange.peers.outcome import Outcome
from edge.settings import Settings
from tests.edge.exchange.encounters.messages import NAME, adt
from tests.ports import free_port

END_S = 30


@pytest.fixture
def settings(tmp_path):
    return Settings(source="", port=0, data_dir=tmp_path, threads=1)


def write(folder, port):
    (folder / "hospital.yaml").write_text(f"admissions: {{listen_host: 127.0.0.1, listen_port: {port}, senders: [127.0.0.1]}}\n")


def asked(appliance, method, path, body=None):
    host, port = appliance.url.removeprefix("http://").rstrip("/").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=END_S)
    try:
        connection.request(method, f"/api/v1/{path}", json.dumps(body) if body else None, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def until(holds):
    end = time.monotonic() + END_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_patient_who_is_admitted_is_found_examined_and_the_result_names_the_visit(settings) -> None:
    port = free_port()
    write(settings.data_dir, port)
    with Appliance(settings) as appliance:
        hospital = Hl7Peer(name="board", host="127.0.0.1", port=port)
        until(lambda: send_message(hospital, adt("A01").encode()).outcome is Outcome.ACCEPTED)
        (found,) = asked(appliance, "GET", "encounters?text=V-17")["entries"]
        begun = asked(appliance, "POST", "exams", {"protocol": "blue-6", "order": {"encounter": found["admission_id"], "scanned": True}})
        asked(appliance, "POST", f"exams/{begun['id']}/end")
        assert (begun["patient"]["name"], begun["order"]["identified_by"]) == (NAME.replace("^", " "), "scanned")
        stored = StoredExams(appliance.store, settings.data.exams)
        handed = HandOver(stored, load_catalogue(), Station("ward", "", ()), lambda ident: Algorithm(ident, "")).of(begun["id"])
        message = parsed(oru_of(handed))
        assert (message.first("PV1")[19].text.text, message.first("PID")[3].text.text) == ("V-17", "P-1")
        assert [message.first("PID")[5].component(number).text for number in (1, 2)] == NAME.split("^")
        assert appliance.outages == ()
    with Appliance(settings) as again:
        assert [each["admission_id"] for each in asked(again, "GET", "encounters")["entries"]] == ["V-17"]


def test_a_port_that_is_taken_is_an_outage_and_the_exam_goes_on(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        write(settings.data_dir, other.getsockname()[1])
        with Appliance(settings) as appliance:
            until(lambda: appliance.outages)
            (outage,) = appliance.outages
            assert outage.name == "admissions"
            assert "Admissions cannot be taken at 127.0.0.1" in outage.cause
            assert appliance.ready


def test_without_admissions_in_the_file_nobody_listens(settings) -> None:
    with Appliance(settings) as appliance:
        assert appliance.admissions_job is None
        assert asked(appliance, "GET", "encounters")["sent"] is False
