"""The protocol of a recorded exam, from the text stored with the records: its file is no longer needed."""

from typing import Protocol as Shape

from pydantic import ValidationError

from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.protocol import Protocol
from edge.records.exams.file import ExamFile
from edge.records.exams.protocol_texts import ProtocolText, ProtocolTexts, digest_of_text
from edge.records.store import Store
from firmware_bridge.errors import Conflict

TEXT_FIX = "Restore the original protocol file and restart: its text is then stored permanently"


class ProtocolTextMissing(Conflict):
    """The text of the protocol of an exam is neither stored nor in a protocol file."""

    code = "protocol-text-missing"
    says_code = "protocol_text_missing"


class BegunUnder(Shape):
    """The protocol under which an exam was begun."""

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
        """Stores the missing texts of protocols of older exams, if their protocol files are still there.

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
    """The protocol whose text is in an `exam.json`; None if it is missing, or if its digest differs from that of the exam."""
    return _parsed(exam.protocol_text) if digest_of_text(exam.protocol_text) == exam.protocol_digest else None


def _parsed(text: str) -> Protocol | None:
    """Fields that only a newer program knows are left out; None if this program cannot use the text."""
    try:
        return Protocol.model_validate_json(text, extra="ignore")
    except ValidationError:
        return None
