"""The OpenAPI document: how to sign in, how each operation can fail, and complete examples."""

import pytest
from pydantic import TypeAdapter

from edge.api.problems import MEDIA_TYPE, Problem
from edge.api.records.notices import NoticeOut

API = "/api/v1"


@pytest.fixture
def document(client):
    client.get("/openapi.json")
    return client.get("/openapi.json").json()  # the second answer is as the first


def operations(document):
    for path, methods in document["paths"].items():
        yield from ((f"{method.upper()} {path}", operation) for method, operation in methods.items())


def test_every_operation_states_its_security_and_its_errors(document):
    for name, operation in operations(document):
        assert "security" in operation, name
        failures = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
        assert {"4XX", "5XX"} <= set(failures), name
        assert all(list(answer["content"]) == [MEDIA_TYPE] for answer in failures.values()), name


@pytest.mark.parametrize(
    ("method", "path", "security", "statuses"),
    [
        ("get", "/source", [], set()),
        ("get", "/exams/{exam_id}", [{"session": []}], {"401", "403", "404"}),
        ("post", "/sessions", [{}, {"session": [], "csrf": []}], {"401", "413", "422", "423", "429"}),
        ("patch", "/operators/{operator}", [{"session": [], "csrf": []}], {"401", "403", "404", "409", "412", "422", "428", "507"}),
    ],
)
def test_security_and_statuses_follow_from_the_route(document, method, path, security, statuses):
    operation = document["paths"][API + path][method]
    assert operation["security"] == security
    assert statuses <= set(operation["responses"])
    assert statuses or not {status for status in operation["responses"] if status.isdigit() and status[0] == "4"}


def test_the_document_states_server_and_licence(document):
    assert [server["url"] for server in document["servers"]] == ["/"]
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
    assert set(document["components"]["securitySchemes"]) == {"session", "csrf"}


def test_examples_contain_their_nulls_and_are_valid(document):
    schemas = document["components"]["schemas"]
    assert schemas["NoticeOut"]["example"]["seen_at"] is None
    TypeAdapter(NoticeOut).validate_python(schemas["NoticeOut"]["example"])
    TypeAdapter(Problem).validate_python(schemas["Problem"]["examples"][0])
