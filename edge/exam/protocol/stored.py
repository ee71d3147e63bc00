"""The protocol of a recorded exam, from the text that is stored with the records: no protocol file has to be there any more."""

from typing import Protocol as Shape

from pydantic import ValidationError

from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.protocol import Protocol
from edge.records.exams.file import ExamFile
from edge.records.exams.protocol_texts import ProtocolText, ProtocolTexts, digest_of_text
from edge.records.store import Store
from firmware_bridge.errors import Conflict

TEXT_FIX = "Put the protocol's file back as it was and restart: the text is then stored for good"


class ProtocolTextMissing(Conflict):
    """The text of the protocol under which an exam was begun is neither stored nor among the protocol files."""

    code = "protocol-text-missing"


class BegunUnder(Shape):
    """Which protocol an exam was begun under."""

    @property
    def protocol(self) -> str: ...

    @property
    def protocol_version(self) -> str: ...

    @property
    def protocol_digest(self) -> str: ...


class StoredProtocols:
    """Any thread may use it; a protocol is parsed once."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._texts = ProtocolTexts(store)
        self._catalogue = catalogue
        self._parsed: dict[str, Protocol] = {}

    def of(self, exam: BegunUnder) -> Protocol:
        """The protocol under which an exam was begun.

        Raises:
            ProtocolTextMissing: its text is not stored, and no protocol file has this digest.
        """
        digest = exam.protocol_digest
        if digest not in self._parsed:
            self._parsed[digest] = self._find(exam)
        return self._parsed[digest]

    def store_missing(self) -> None:
        """Stores the texts to which exams refer that were begun before texts were stored, as far as their protocol files are there.

        Raises:
            RecordsFull, RecordsUnusable: the disk refuses it.
        """
        self._texts.store_missing([text_of(protocol) for protocol in self._catalogue.protocols])

    def _find(self, exam: BegunUnder) -> Protocol:
        text = self._texts.get(exam.protocol_digest)
        if text is not None and (protocol := _parsed(text)) is not None:
            return protocol
        for protocol in self._catalogue.protocols:
            if protocol.digest == exam.protocol_digest:
                return protocol
        raise ProtocolTextMissing(
            f"The text of protocol {exam.protocol} {exam.protocol_version}, under which the exam was begun, is not stored "
            f"(digest {exam.protocol_digest[:12]})",
            TEXT_FIX,
        )


def text_of(protocol: Protocol) -> ProtocolText:
    """The protocol as it is stored."""
    return ProtocolText(protocol.id, protocol.version, protocol.text)


def protocol_in(exam: ExamFile) -> Protocol | None:
    """The protocol whose text is in an `exam.json`; None where it is not, or does not have the digest that the exam names."""
    return _parsed(exam.protocol_text) if digest_of_text(exam.protocol_text) == exam.protocol_digest else None


def _parsed(text: str) -> Protocol | None:
    """Fields that only a newer program knows are left out; None where this program cannot use the text at all."""
    try:
        return Protocol.model_validate_json(text, extra="ignore")
    except ValidationError:
        return None
