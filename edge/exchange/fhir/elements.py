"""The small parts of FHIR R4 resources, as JSON, and the entries of a transaction."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import urlencode
from uuid import UUID

from edge.exchange import codes
from edge.exchange.codes import Code
from edge.exchange.handed import HandedExam
from edge.exchange.stated import accession_of, is_simulated
from edge.exchange.uids import derived_uid
from edge.notice import NOTICE

Value = str | int | float | bool | Sequence["Value"] | Mapping[str, "Value"]
Json = dict[str, Value]
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TOKEN = re.compile(r"([\\,|$])")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource in a transaction. The same exam gives the same `id`, so that sending it again adds nothing.

    A resource of this exam is put at its id. One that the server may have already, such as the patient, is created only where nothing has
    the identifier `known_by` (system, value), and is never changed.
    """

    kind: str
    id: str
    content: Json
    known_by: tuple[str, str] = ("", "")

    @property
    def reference(self) -> Json:
        """Points at it within the transaction."""
        return {"reference": f"urn:uuid:{self.id}", "type": self.kind}

    @property
    def entry(self) -> Json:
        """The entry of the bundle."""
        system, value = self.known_by
        if system:
            token = _TOKEN.sub(r"\\\1", value)
            query = urlencode({"identifier": f"{system}|{token}"})
            request: Json = {"method": "POST", "url": self.kind, "ifNoneExist": query}
            identity: Json = {"identifier": [{"system": system, "value": value}]}
        else:
            request = {"method": "PUT", "url": f"{self.kind}/{self.id}"}
            identity = {"id": self.id}
        return {"fullUrl": f"urn:uuid:{self.id}", "resource": {"resourceType": self.kind, **identity, **self.content}, "request": request}


def id_of(*parts: object) -> str:
    """The id of what `parts` name: a UUID, so that it is also a fullUrl, and 36 of at most 64 characters."""
    return str(UUID(int=int(derived_uid(*parts).removeprefix("2.25."))))


def system_of(name: str) -> str:
    """The system of identifiers that `name` gives: itself where it is a URI, which a site should enter, else an OID made from it."""
    return name if _URI.fullmatch(name) else f"urn:oid:{derived_uid('identifiers', name)}"


def filled(content: Json) -> Json:
    """Without what is empty, which FHIR does not allow."""
    return {name: value for name, value in content.items() if value not in ("", [], {})}


def coding(code: Code) -> Json:
    return {"system": code.system, "code": code.value, "display": code.meaning}


def concept(*concepts: Code, text: str = "") -> Json:
    """A CodeableConcept; with a text where no code says it all."""
    made: Json = {"coding": [coding(code) for code in concepts]} if concepts else {}
    return {**made, "text": text} if text else made


def accession(exam: HandedExam) -> list[Json]:
    """The identifier by which an order is known; none for an exam without an order."""
    value = accession_of(exam)
    return [{"type": concept(codes.ACCESSION), "value": value}] if value else []


def quantity(value: float, unit: str) -> Json:
    """A value with its unit in UCUM."""
    return {"value": value, "unit": unit, "system": codes.NO_UNITS.system, "code": unit}


def at(moment: datetime) -> str:
    return moment.isoformat()


def simulated_label(exam: HandedExam) -> tuple[Code, ...]:
    """The label of what is made of frames of no patient; none for a patient."""
    return (codes.TEST_DATA,) if is_simulated(exam) else ()


def labelled(*labels: Code) -> Json:
    """The security labels of a resource; nothing where there are none."""
    return {"meta": {"security": [coding(label) for label in labels]}} if labels else {}


def noticed(*texts: str) -> Json:
    """Notes, and the notice that stands next to every finding."""
    return {"note": [{"text": text} for text in (*filter(None, texts), NOTICE)]}


def narrative(lines: Iterable[str]) -> Json:
    """The text of a resource for people, one paragraph a line."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'}}
