"""The question to a FHIR server: its pages, what is stored, and each way in which there is no answer."""

import json

import pytest

from edge.disk.layout import DataFolder
from edge.exchange.encounters import asking
from edge.exchange.encounters.asking import EncountersRefused, ask_encounters
from edge.exchange.encounters.cache import load_book
from edge.exchange.peers.hospital import FhirPeer
from tests.edge.exchange.encounters.messages import NAME, NOW
from tests.edge.exchange.encounters.resources import SEARCHSET, encounter, page, patient
from tests.edge.exchange.peers.ends import listener, silent
from tests.edge.exchange.peers.test_fhir import answering, half_close, not_http, outcome, request, short, slow
from tests.ports import free_port


def server(port, **more):
    return FhirPeer(name="ehr", url=f"http://127.0.0.1:{port}/fhir", **{"answer_s": 20.0, **more})


def pages(*made, seen=None):
    """A server that gives these pages one after another; each is made with the base of the server."""
    waiting = list(made)

    def serve(connection):
        head, _ = request(connection)
        if seen is not None:
            seen.append(head.split(b"\r\n")[0].decode())
        base = next(line for line in head.decode().split("\r\n") if line.lower().startswith("host:")).partition(" ")[2]
        body = waiting.pop(0)(f"http://{base}/fhir") if waiting else b""
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.close()

    return serve


def refusal(serve, tmp_path, **peer):
    with listener(serve) as port, pytest.raises(EncountersRefused) as refused:
        ask_encounters(tmp_path, server(port, **peer), NOW)
    assert refused.value.fix
    assert load_book(tmp_path) is None
    return refused.value.what


def test_the_open_encounters_of_all_pages_are_stored(tmp_path) -> None:
    seen, counts = [], []
    first = lambda base: page(encounter(), patient(), following=f"{base}/Encounter?page=2")  # noqa: E731
    second = lambda base: page(encounter("e2"), patient(), following=f"{base}?_getpages=abc&n=3")  # noqa: E731
    third = lambda _: page(encounter("e3"))  # noqa: E731
    with listener(pages(first, second, third, seen=seen)) as port:
        book = ask_encounters(tmp_path, server(port), NOW, counts.append)
    assert load_book(tmp_path) == book
    assert (book.source, book.received) == ("ehr", NOW)
    assert [(each.admission_id, each.name, each.problems) for each in book.open(NOW)] == [
        (f"V-e{number}", NAME, ()) for number in (1, 2, 3)
    ]
    assert seen == [
        "GET /fhir/Encounter?status=arrived,triaged,in-progress,onleave&_include=Encounter:subject&_count=100 HTTP/1.1",
        "GET /fhir/Encounter?page=2 HTTP/1.1",
        "GET /fhir?_getpages=abc&n=3 HTTP/1.1",
    ]
    assert counts == [1, 2, 3]


def test_a_new_answer_replaces_the_last_one(tmp_path) -> None:
    for body in (page(encounter(), patient()), page()):
        with listener(answering(200, body)) as port:
            ask_encounters(tmp_path, server(port), NOW)
    assert load_book(tmp_path).open(NOW) == ()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"", "ehr answers 401: states nothing"),
        (403, outcome("no right to Encounter"), "403: no right to Encounter"),
        (404, b"<html>not here", "404: sent application/fhir+json that begins: <html>not here"),
        (422, outcome("unknown parameter _include"), "422: unknown parameter _include"),
        (500, outcome("database"), "500: database"),
        (200, b"<html><body>Sign in", "200: sent application/fhir+json that begins: <html><body>Sign in"),
        (200, b"", "200: states nothing"),
        (200, page(encounter())[:-30], "200: sent"),
        (200, outcome("too costly"), "200: too costly"),
        (200, json.dumps({"resourceType": "Bundle", "type": "collection"}).encode(), "200: sent"),
        (200, json.dumps({**SEARCHSET, "entry": [{"resource": json.loads(outcome("shard 2 is down"))}]}).encode(), "200: sent"),
        (200, b"[" * 100_000, "200: sent"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_answer_that_is_none_is_refused_with_what_the_server_states(status, body, words, tmp_path) -> None:
    assert words in refusal(answering(status, body), tmp_path)


@pytest.mark.parametrize("serve", [slow, half_close, short, not_http, silent], ids=lambda each: each.__name__)
def test_without_a_whole_answer_the_last_book_stays(serve, tmp_path) -> None:
    assert "ehr" in refusal(serve, tmp_path, answer_s=0.5)


def test_where_nobody_listens_it_is_stated(tmp_path) -> None:
    with pytest.raises(EncountersRefused, match="refuses the connection"):
        ask_encounters(tmp_path, server(free_port()), NOW)


@pytest.mark.parametrize(
    "link", ["http://elsewhere.example/fhir?page=2", "/other?page=2", "https://127.0.0.1/fhir?page=2", "ftp://x", "http://[", "\u2028"]
)
def test_a_next_page_at_another_address_is_not_asked(link, tmp_path) -> None:
    assert "The next page of ehr is at another address" in refusal(pages(lambda _: page(encounter(), following=link)), tmp_path)


def test_a_relative_next_page_is_asked_of_the_server(tmp_path) -> None:
    with listener(pages(lambda _: page(encounter(), following="Encounter?page=2"), lambda _: page(patient()))) as port:
        assert ask_encounters(tmp_path, server(port), NOW).open(NOW)[0].patient_id == "P-1"


def test_pages_without_end_are_given_up(tmp_path, monkeypatch) -> None:
    again = lambda base: page(following=f"{base}/Encounter?page=2")  # noqa: E731
    assert "one page again and again" in refusal(pages(again, again), tmp_path)
    monkeypatch.setattr(asking, "MOST_PAGES", 3)
    endless = [lambda base, number=number: page(following=f"{base}/Encounter?page={number}") for number in range(9)]
    assert "3 pages" in refusal(pages(*endless), tmp_path)
    monkeypatch.setattr(asking, "MOST_ENCOUNTERS", 1)
    assert "more than 1 encounters" in refusal(pages(lambda _: page(encounter(), encounter("e2"))), tmp_path)


def test_a_disk_that_refuses_leaves_the_last_book(tmp_path) -> None:
    DataFolder(tmp_path).encounters.mkdir()
    with listener(answering(200, page())) as port, pytest.raises(OSError, match="directory"):
        ask_encounters(tmp_path, server(port), NOW)
