"""The peers of a hospital, as a person wrote them down."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge.exchange.peers.tls import Tls

ANSWER_S = 30.0
"""How long a peer may take to answer, unless its entry states another time."""
LONGEST_TITLE = 16
"""Characters of an AE title, PS3.5 6.2."""
ON_THIS_BOARD = ("localhost", "127.0.0.1", "::1")


def _title(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_TITLE:
        raise ValueError(f"an AE title has 1 to {LONGEST_TITLE} characters, this has {len(text)}")
    if text != text.strip() or not re.fullmatch(r"[ -\[\]-~]+", text):
        raise ValueError("an AE title has no space at its ends, no backslash, and ASCII characters only")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", text):
        raise ValueError("this is not a host name or IP address")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError("write an IP address, as 10.0.0.12, or a network, as 10.0.0.0/24") from error
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("write it as https://HOST/PATH, without a user, a question mark or a number sign")
    return text.rstrip("/")


AeTitle = Annotated[str, AfterValidator(_title)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Seconds = Annotated[float, Field(gt=0, le=600, strict=False)]

WHEN_SIGNED: Final = "signed"
NEVER: Final = "never"
Send = Literal["signed", "asked", "never"]
"""When a peer receives a report: when it is signed or amended, when a person asks for it, or never: it has the worklist only."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DicomPeer(_Data):
    """A DICOM node. `commitment`: it takes responsibility for what it stores, when asked, and recordings make room only after that.

    Without it they make room once it took everything.
    """

    kind: Literal["dicom"] = "dicom"
    name: Name
    host: Host
    port: Port
    ae_title: AeTitle
    commitment: bool = True
    tls: Tls | None = None
    answer_s: Seconds = ANSWER_S
    send: Send = WHEN_SIGNED


class FhirPeer(_Data):
    """A FHIR R4 server. `authorization` is a file with the value of that header; `imaging_study`: it knows this resource."""

    kind: Literal["fhir"] = "fhir"
    name: Name
    url: Annotated[str, AfterValidator(_url)]
    authorization: Path | None = Field(None, strict=False)
    imaging_study: bool = True
    tls: Tls | None = None
    answer_s: Seconds = ANSWER_S
    send: Send = WHEN_SIGNED

    @model_validator(mode="after")
    def _secret(self) -> "FhirPeer":
        parts = urlsplit(self.url)
        if parts.scheme == "http" and self.tls is not None:
            raise ValueError("tls is stated, but url begins with http: write https")
        if parts.scheme == "http" and self.authorization is not None and parts.hostname not in ON_THIS_BOARD:
            raise ValueError("authorization would cross the network in the clear: write https in url")
        return self


class Hl7Peer(_Data):
    """A receiver of HL7 v2 messages over MLLP."""

    kind: Literal["hl7"] = "hl7"
    name: Name
    host: Host
    port: Port
    tls: Tls | None = None
    answer_s: Seconds = ANSWER_S
    send: Send = WHEN_SIGNED


Peer = DicomPeer | FhirPeer | Hl7Peer


class Admissions(_Data):
    """Where this board takes the hospital's HL7 ADT messages: over MLLP, from `senders` only, which are IP addresses or networks."""

    listen_host: Host
    listen_port: Port
    senders: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], Field(strict=False, min_length=1, max_length=20)]
    tls: Tls | None = None

    @model_validator(mode="after")
    def _certified(self) -> "Admissions":
        if self.tls is not None and self.tls.certificate is None:
            raise ValueError("tls of admissions needs certificate and key")
        return self


class Hospital(_Data):
    """`ae_title` is that of this board. A peer reports what it committed to `listen_host` and `listen_port`, empty and 0 where it cannot.

    `listen_tls` is for peers that report over TLS. `worklist` names the peer that is asked for it, empty for none. Who is in the hospital
    is what `admissions` receives, or the answer of the peer `encounters`; neither where both are empty.
    """

    ae_title: AeTitle = "SONOEDGE"
    listen_host: Host | Literal[""] = ""
    listen_port: Port | Literal[0] = 0
    listen_tls: Tls | None = None
    worklist: str = ""
    encounters: str = ""
    admissions: Admissions | None = None
    peers: Annotated[tuple[Annotated[Peer, Field(discriminator="kind")], ...], Field(strict=False, max_length=20)] = ()

    @model_validator(mode="after")
    def _fits(self) -> "Hospital":
        names = [peer.name for peer in self.peers]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two peers have the name {twice}")
        if bool(self.listen_host) != bool(self.listen_port):
            raise ValueError("listen_host and listen_port belong together: write both, or neither")
        if self.listen_tls is not None and not (self.listen_port and self.listen_tls.certificate):
            raise ValueError("listen_tls needs listen_host, listen_port, certificate and key")
        if self.worklist and not isinstance(self.named(self.worklist), DicomPeer):
            raise ValueError(f"worklist names {self.worklist}, which is not a peer of the kind dicom")
        if self.encounters and not isinstance(self.named(self.encounters), FhirPeer):
            raise ValueError(f"encounters names {self.encounters}, which is not a peer of the kind fhir")
        if self.encounters and self.admissions is not None:
            raise ValueError("admissions and encounters exclude each other: write the one that the hospital has")
        return self

    def named(self, name: str) -> Peer | None:
        return next((peer for peer in self.peers if peer.name == name), None)

    @property
    def worklist_peer(self) -> DicomPeer | None:
        """Who is asked for the worklist."""
        found = self.named(self.worklist)
        return found if isinstance(found, DicomPeer) else None

    @property
    def encounters_peer(self) -> FhirPeer | None:
        """Who is asked for the encounters."""
        found = self.named(self.encounters)
        return found if isinstance(found, FhirPeer) else None
