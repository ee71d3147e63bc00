"""Asks a FHIR R4 server who is in the hospital, page by page, and stores its answer for times without a network."""

import http.client
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from edge.exchange.encounters.book import Book
from edge.exchange.encounters.cache import save_book
from edge.exchange.encounters.fhir import STATUSES, Resource, encounters_of
from edge.exchange.encounters.visit import Visit
from edge.exchange.peers.fhir import ask, failed, no_reply
from edge.exchange.peers.hospital import FhirPeer
from edge.exchange.peers.outcome import shown
from firmware_bridge.errors import PeerFault

ON_A_PAGE, MOST_PAGES, MOST_ENCOUNTERS, MOST_BYTES = 100, 100, 2000, 32 << 20
"""More than a hospital of 1,000 beds has; a server may make its pages smaller."""
OK = 200
PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443})
QUERY = f"/Encounter?{urlencode({'status': ','.join(STATUSES), '_include': 'Encounter:subject', '_count': ON_A_PAGE}, safe=',:')}"


class EncountersRefused(PeerFault):
    """The server does not answer with its encounters."""

    code = "encounters-refused"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Link(_Data):
    relation: str = ""
    url: str = ""


class _Entry(_Data):
    fullUrl: str = ""  # noqa: N815 - the name in FHIR
    resource: dict[str, JsonValue] = {}

    @property
    def is_fault(self) -> bool:
        """States that what was asked for is not all there."""
        issues = self.resource.get("issue")
        stated = issues if self.resource.get("resourceType") == "OperationOutcome" and isinstance(issues, list) else []
        return any(isinstance(each, dict) and each.get("severity") in ("error", "fatal") for each in stated)


class _Page(_Data):
    resourceType: str  # noqa: N815 - the name in FHIR
    type: str = ""
    link: tuple[_Link, ...] = ()
    entry: tuple[_Entry, ...] = ()


def ask_encounters(data_dir: Path, peer: FhirPeer, now: datetime, progress: Callable[[int], None] = lambda _: None) -> Book:
    """The book of the answer at `now` (UTC); `progress` receives how many encounters have come.

    Raises:
        EncountersRefused: the server does not answer, or not as it should.
        OSError: the disk refuses the answer. The last book is still there in either case.
    """
    book = Book(peer.name, now, tuple(Visit(each, now) for each in encounters_of(_resources(peer, progress))))
    save_book(data_dir, book)
    return book


def _resources(peer: FhirPeer, progress: Callable[[int], None]) -> Sequence[tuple[str, Resource]]:
    """What is on all pages, with the full URLs."""
    found: list[tuple[str, Resource]] = []
    path, asked, size = QUERY, set[str](), 0
    while path not in asked and len(asked) < MOST_PAGES and size <= MOST_BYTES:
        asked.add(path)
        page, content = _page(peer, path)
        size += len(content)
        found += [(each.fullUrl, each.resource) for each in page.entry]
        count = sum(each.get("resourceType") == "Encounter" for _, each in found)
        progress(count)
        following = next((each.url for each in page.link if each.relation == "next"), "")
        if not following and count <= MOST_ENCOUNTERS:
            return found
        if count > MOST_ENCOUNTERS:
            break
        path = _path_of(peer, following)
    limits = f"{MOST_ENCOUNTERS} encounters, {MOST_PAGES} pages or {MOST_BYTES >> 20} MB"
    what = f"{peer.name} gives more than {limits}, or one page again and again"
    raise EncountersRefused(what, "Ask a server, or a part of it, that has the encounters of this hospital only")


def _page(peer: FhirPeer, path: str) -> tuple[_Page, bytes]:
    try:
        reply = ask(peer, "GET", path, b"")
    except (OSError, http.client.HTTPException) as error:
        raise EncountersRefused(no_reply(peer, error).text, f"See what works: sonoedge hospital check {peer.name}") from error
    refusal = EncountersRefused(failed(peer.name, reply).text, "Check url and authorization, and that the server has Encounter")
    if reply.status != OK:
        raise refusal
    try:
        page = _Page.model_validate_json(reply.body)
    except ValidationError as error:
        raise refusal from error
    if (page.resourceType, page.type) != ("Bundle", "searchset") or any(each.is_fault for each in page.entry):
        raise refusal
    return page, reply.body


def _path_of(peer: FhirPeer, link: str) -> str:
    """The path of the next page below the address of the server."""
    with suppress(ValueError):  # of what is no URL
        base, found = urlsplit(peer.url), urlsplit(urljoin(f"{peer.url}/", link))
        rest = found.path.removeprefix(base.path)
        inside = found.path.startswith(base.path) and (not rest or rest.startswith("/"))
        if inside and _server(base) == _server(found) and link.isascii() and link.isprintable():
            return f"{rest}?{found.query}"
    what = f"The next page of {peer.name} is at another address: {shown(link, 100)}"
    raise EncountersRefused(what, "Write the address into url that the server uses for itself")


def _server(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
