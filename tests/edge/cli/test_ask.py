"""A problem that the appliance reports becomes one of our errors. Another program and an absent appliance give different errors."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import BaseModel

from edge.cli.ask import Absent, Refused, ask
from edge.settings import Settings


class Answer(BaseModel):
    word: str


@pytest.fixture
def server():
    """A real HTTP server that sends the answer it is given, and stores the request."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.server.asked = (self.command, self.path, body)
            self.send_response(self.server.status)
            self.end_headers()
            self.wfile.write(self.server.content)

        do_GET = do_PUT = do_POST = answer  # noqa: N815 - the library calls them so

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_request_and_answer_arrive(server, host):
    server.status, server.content = 200, b'{"word": "yes", "more": 1}'
    assert ask(Settings(host=host, port=server.server_port), Answer, "PUT", "/x", {"release": None}) == Answer(word="yes")
    assert server.asked == ("PUT", "/x", b'{"release": null}')


def test_a_problem_keeps_its_text(server):
    server.status, server.content = 422, json.dumps({"title": "T", "detail": "It is damaged", "fix": "Copy it again"}).encode()
    with pytest.raises(Refused, match=r"^It is damaged\. Copy it again\.$"):
        ask(Settings(port=server.server_port), Answer, "POST", "/x")
    assert server.asked == ("POST", "/x", b"")


@pytest.mark.parametrize(("status", "content"), [(200, b"<html>"), (200, b"{}"), (404, b"not found"), (599, b"[]")])
def test_another_program_is_not_taken_for_the_appliance(server, status, content):
    server.status, server.content = status, content
    with pytest.raises(Refused, match=f"answers \\({status}\\), but it is not an appliance"):
        ask(Settings(port=server.server_port), Answer, "GET", "/x")


def test_without_a_listener_the_appliance_is_absent(server):
    port = server.server_port
    server.shutdown()
    server.server_close()
    with pytest.raises(Absent, match=f"No appliance answers at 127.0.0.1:{port}"):
        ask(Settings(port=port), Answer, "GET", "/x")
