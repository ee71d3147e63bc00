"""The whole API, tested from its OpenAPI document with valid and invalid data, by every kind of actor, over a real connection."""

import re
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from edge.pipeline.source_state import SourceState

pytestmark = [pytest.mark.slow]

EXAMPLES = 2
"""For each operation, actor and kind of data."""
CONFIG = {
    "generation": {"with-security-parameters": False},  # the session of the actor is sent with every request
    "checks": {
        # 503: no model yet; 504: no probe sends frames; 507: the disk is full. States of the appliance, answered as problems
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503", "504", "507"]},
        # a document cannot say which names, protocols and times there are; 412, 423, 428 and 429 are of ETags and wrong PINs;
        # 406: nobody asks for the events of the live stream, which never end
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "401", "403", "404", "406", "409", "412", "422", "423", "429", "503", "504"]
        },
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "412", "422", "423", "428", "429", "503", "504"]
        },
        "missing_required_header": {"expected-statuses": ["401", "403", "422", "428"]},
    },
}
ACTORS = "NBKSIOVA"
"""See permissions.txt."""
ROLES = {"S": "scan", "I": "interpret", "O": "over-read", "V": "service", "A": "admin"}
PLACES = count(1)
"""Each place has one emergency session, and the next one ends it."""
SIGNED_OUT = {("POST", "/api/v1/sessions"), ("DELETE", "/api/v1/sessions/current"), ("POST", "/api/v1/sessions/break-glass")}
"""Operations that change who is signed in: tested with a separate session."""


@pytest.fixture
def server(view, crew):
    view.status = replace(view.status, state=SourceState.LOST)
    for role in ROLES.values():
        crew.enrol(role, role)
    crew.enrol("known")
    listener = socket.create_server(("127.0.0.1", 0))
    made = uvicorn.Server(uvicorn.Config(crew.app, log_config=None, access_log=False))
    thread = threading.Thread(target=made.run, kwargs={"sockets": [listener]})
    thread.start()
    while not made.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    made.should_exit = True
    thread.join()
    listener.close()


def carried(crew, letter):
    """The headers that a browser of this actor sends with each request."""
    if letter == "N":
        return {}
    browser = {
        "B": lambda: crew.break_glass(f"192.0.2.{next(PLACES)}"),
        "K": lambda: crew.sign_in("known", "127.0.0.1"),
        "A": lambda: crew.sign_in("boss", "127.0.0.1"),
    }.get(letter, lambda: crew.sign_in(ROLES[letter], "127.0.0.1"))()
    return {"Cookie": f"sonoedge_session={browser.cookies['sonoedge_session']}", "X-CSRF-Token": browser.headers["X-CSRF-Token"]}


def asking(operation, mode, ask):
    """A test of one operation with one kind of data."""
    chosen = settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return chosen(given(case=operation.as_strategy(generation_mode=mode))(ask))


def test_no_request_fails_and_no_forbidden_request_succeeds(crew, server, permitted):
    schema = schemathesis.openapi.from_url(f"{server}/openapi.json", config=schemathesis.Config.from_dict(CONFIG))
    sessions = {letter: carried(crew, letter) for letter in ACTORS}
    statuses, failures = {letter: Counter() for letter in ACTORS}, set()

    def ask(case):
        cell = (case.operation.method.upper(), re.sub(r"{[^}]*}", "{}", case.operation.path))
        for letter in ACTORS:
            own = carried(crew, letter) if cell in SIGNED_OUT else sessions[letter]
            answer = case.call(base_url=server, headers=own)
            statuses[letter][answer.status_code] += 1
            if 200 <= answer.status_code < 300 and letter not in permitted[cell]:
                failures.add(f"{letter} may not {cell}")
            try:
                case.validate_response(answer, headers=own)
            except FailureGroup as group:  # every operation is tested, and all failures are reported together
                failures.update(f"{case.operation.label} {letter} {case.meta.generation.mode.value}: {each}" for each in group.exceptions)

    for operation in (found.ok() for found in schema.get_all_operations()):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(Unsatisfiable):  # there is no wrong data for what takes none
                asking(operation, mode, ask)()
    for letter, answers in statuses.items():
        print(f"schemathesis as {letter}: {sum(answers.values())} requests, {dict(sorted(answers.items()))}")
    print("\n".join(sorted(failures)))
    assert failures == set()
    assert all(sum(answers.values()) > 200 and answers[500] == 0 for answers in statuses.values())


def test_all_checks_run():
    assert {check.__name__ for check in CHECKS.get_all()} >= {"not_a_server_error", "response_schema_conformance", "ignored_auth"}
