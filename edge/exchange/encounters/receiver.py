"""Answers the messages of the hospital: one is taken once what it changes is on the disk."""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from edge.exchange.encounters.adt import Change, changes_of
from edge.exchange.encounters.answer import AdtRefused, refused, taken
from edge.exchange.encounters.book import Book, after
from edge.exchange.encounters.cache import load_book, save_book
from edge.exchange.hl7.reading import Hl7Unreadable, parsed

ID_LENGTH = 20
"""Characters of MSH-10 in HL7 v2.5.1."""

log = structlog.get_logger()


class Receiver:
    """Any thread may use it; each answer waits for the disk."""

    def __init__(self, data_dir: Path, now: Callable[[], datetime]) -> None:
        """Reads the book again; one of a server that was asked is not continued.

        Raises:
            EncountersDamaged: its file cannot be read.
        """
        self._data_dir, self._now, self._lock = data_dir, now, threading.Lock()
        known = load_book(data_dir)
        self._book = known if known and not known.source else Book()

    def answer(self, content: bytes) -> bytes:
        """The acknowledgement of a message."""
        now, own_id = self._now(), uuid.uuid4().hex[:ID_LENGTH]
        try:
            message = parsed(content)
        except Hl7Unreadable as error:
            log.warning("a message of the hospital cannot be read", problem=error.what)
            return refused(None, own_id, now, str(error), "unreadable")
        try:
            changes = changes_of(message)
            return taken(message, own_id, now, self._remark(self._apply(changes, now), changes, now))
        except AdtRefused as error:
            log.warning("a message of the hospital was not taken", problem=error.what)
            return refused(message, own_id, now, str(error), error.condition)
        except OSError as error:
            reason = f"The disk of this board does not take it ({error.strerror or error}). Send it again later."
            log.warning("a message of the hospital was not stored", problem=reason)
            return refused(message, own_id, now, reason, "internal")

    def _apply(self, changes: tuple[Change, ...], now: datetime) -> Book:
        """Durable before acknowledged.

        Raises:
            OSError: the disk refuses it; nothing has changed.
        """
        with self._lock:
            book = self._book
            for change in changes:
                book = after(book, change, now)
            if book is not self._book:
                save_book(self._data_dir, book)
                self._book = book
            return book

    @staticmethod
    def _remark(book: Book, changes: tuple[Change, ...], now: datetime) -> str:
        """Why what was taken cannot be used, where that is so."""
        admissions = {change.stated.values.get("admission_id", "") for change in changes}
        reasons = [reason for each in sorted(admissions - {""}) for reason in book.problems_of(each, now)]
        return f"Quarantined: {'; '.join(reasons)}" if reasons else ""
