"""A FHIR R4 server over HTTP: takes a transaction Bundle, and reads what became of each entry.

No proxy and no redirect is followed: what leaves the board goes to the server that a person wrote down.
"""

import http.client
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.exchange.peers.dial import CONNECT_S, why
from edge.exchange.peers.hospital import FhirPeer
from edge.exchange.peers.limit import TimeLimit
from edge.exchange.peers.outcome import Answer, Outcome, shown

JSON = "application/fhir+json"
LARGEST = 4 << 20
"""Bytes of an answer; that to a transaction names its entries only."""
SLOWEST_BYTES_S = 50_000
DONE = (200, 201)
AGAIN = (408, 425, 429)
"""Statuses other than 5xx after which the same request may succeed (RFC 9110, RFC 8470, RFC 6585)."""
FIRST_WORDS = 80


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over HTTP."""

    status: int
    kind: str
    body: bytes
    location: str = ""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Coded(_Data):
    text: str = ""


class _Issue(_Data):
    severity: str = ""
    code: str = ""
    diagnostics: str = ""
    details: _Coded = _Coded()


class _Outcome(_Data):
    """Part of an OperationOutcome."""

    resourceType: str = ""  # noqa: N815 - the name in FHIR
    issue: tuple[_Issue, ...] = ()


class _Response(_Data):
    status: str = ""
    outcome: _Outcome | None = None


class _Entry(_Data):
    response: _Response | None = None


class _Bundle(_Data):
    """Part of a Bundle."""

    resourceType: str = ""  # noqa: N815 - the name in FHIR
    type: str = ""
    entry: tuple[_Entry, ...] = ()


def post_bundle(peer: FhirPeer, content: bytes) -> Answer:
    """Posts a transaction Bundle in JSON. The server takes all of its entries or none."""
    try:
        reply = ask(peer, "POST", "", content)
    except (OSError, http.client.HTTPException) as error:
        return no_reply(peer, error)
    return _answered(peer.name, reply)


def capabilities(peer: FhirPeer) -> Answer:
    """Asks for the CapabilityStatement, which needs no rights at most servers and changes nothing."""
    try:
        reply = ask(peer, "GET", "/metadata", b"")
    except (OSError, http.client.HTTPException) as error:
        return no_reply(peer, error)
    if reply.status in DONE and _resource_type(reply.body) == "CapabilityStatement":
        return Answer(Outcome.ACCEPTED, f"{peer.name} answers at {peer.url} with its CapabilityStatement", str(reply.status))
    return failed(peer.name, reply)


def ask(peer: FhirPeer, method: str, path: str, content: bytes) -> Reply:
    """One request, within the time of the peer.

    Raises:
        OSError, HTTPException: no whole answer came.
    """
    parts = urlsplit(peer.url)
    limit, seconds = TimeLimit(), peer.answer_s + len(content) / SLOWEST_BYTES_S
    connection = _connection(peer, parts.hostname or "", parts.port)
    try:
        connection.connect()
        assert isinstance(connection.sock, socket.socket), "it is connected"
        connection.sock.settimeout(seconds)
        limit.start(connection.sock, seconds)
        connection.request(method, (parts.path + path) or "/", content or None, _headers(peer))
        response = connection.getresponse()
        body = response.read(LARGEST + 1)
    except (OSError, http.client.HTTPException) as error:
        if limit.over:
            raise TimeoutError(f"no whole answer within {seconds:g} s") from error
        raise
    finally:
        limit.stop()
        connection.close()
    if limit.over:  # the end of a connection that was cut looks like the end of an answer without a length
        raise TimeoutError(f"no whole answer within {seconds:g} s")
    if len(body) <= LARGEST and response.length:  # read(amount) does not mind an answer that ends too early
        raise http.client.IncompleteRead(body, response.length)
    if len(body) > LARGEST:
        raise http.client.HTTPException(f"the answer has more than {LARGEST} bytes")
    return Reply(response.status, response.headers.get_content_type(), body, response.headers.get("Location", ""))


def _connection(peer: FhirPeer, host: str, port: int | None) -> http.client.HTTPConnection:
    if urlsplit(peer.url).scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=CONNECT_S)
    import ssl  # noqa: PLC0415 - heavy, and wanted here only

    context = peer.tls.context() if peer.tls is not None else ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=CONNECT_S, context=context)


def _headers(peer: FhirPeer) -> dict[str, str]:
    headers = {"Content-Type": JSON, "Accept": JSON}
    if peer.authorization is not None:
        headers["Authorization"] = peer.authorization.read_text(encoding="ascii").strip()
    return headers


def no_reply(peer: FhirPeer, error: OSError | http.client.HTTPException) -> Answer:
    """The answer where no whole reply came; the server may have taken the content all the same."""
    if isinstance(error, OSError):
        return Answer(Outcome.RETRY, f"No answer from {peer.name} ({peer.url}): {why(error)}", "no-connection")
    return Answer(Outcome.RETRY, f"{peer.name} ({peer.url}) ended its answer too early, or it is not HTTP ({shown(str(error))})", "broken")


def _answered(name: str, reply: Reply) -> Answer:
    if reply.status not in DONE:
        return failed(name, reply)
    try:
        bundle = _Bundle.model_validate_json(reply.body)
    except ValidationError:
        bundle = _Bundle()
    if bundle.resourceType != "Bundle" or bundle.type != "transaction-response":
        if not reply.body.strip():
            return Answer(Outcome.WARNED, f"{name} answers {reply.status}, without a list of what it took", str(reply.status))
        text = f"{name} answers {reply.status}, but not as a FHIR server does. Check url. It {_words(reply)}"
        return Answer(Outcome.REFUSED, text, str(reply.status))
    for number, entry in enumerate(bundle.entry, 1):
        status = entry.response.status if entry.response else ""
        if not status.startswith("2"):
            stated = _issues(entry.response.outcome) if entry.response and entry.response.outcome else "it states no reason"
            return Answer(
                Outcome.REFUSED, f"{name} answers {shown(status) or 'nothing'} for entry {number}: {stated}", status[:3] or "none"
            )
    return Answer(Outcome.ACCEPTED, f"{name} answers {reply.status}: it took {len(bundle.entry)} entries", str(reply.status))


def failed(name: str, reply: Reply) -> Answer:
    """The answer where a reply is not what was asked for, with what the server states of it."""
    again = reply.status >= 500 or reply.status in AGAIN
    moved = f"the address has moved to {shown(reply.location)}; correct url" if 300 <= reply.status < 400 else ""
    text = f"{name} answers {reply.status}: {moved or _words(reply)}"
    return Answer(Outcome.RETRY if again else Outcome.REFUSED, text, str(reply.status))


def _words(reply: Reply) -> str:
    """What the server states, from an OperationOutcome, or the first words of whatever it sent."""
    try:
        outcome = _Outcome.model_validate_json(reply.body)
    except ValidationError:
        outcome = _Outcome()
    if outcome.resourceType == "OperationOutcome":
        return _issues(outcome)
    if not reply.body.strip():
        return "states nothing"
    return f"sent {reply.kind} that begins: {shown(reply.body[: 4 * FIRST_WORDS].decode(errors='replace'), FIRST_WORDS)}"


def _issues(outcome: _Outcome) -> str:
    """The first issues in words."""
    stated = [each.diagnostics or each.details.text or each.code for each in outcome.issue if each.severity != "information"]
    return shown("; ".join(filter(None, stated[:3]))) or "it states no reason"


def _resource_type(body: bytes) -> str:
    try:
        return _Bundle.model_validate_json(body).resourceType
    except ValidationError:
        return ""
