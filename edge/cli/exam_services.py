"""The services of the recorded exams for the board's shell, whether or not an appliance runs."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from edge.cli.audit import records
from edge.cli.own import own_settings
from edge.cli.protocol import catalogue
from edge.exam.protocol.file import Catalogue
from edge.exam.stored import StoredExams
from edge.exchange.deidentified.key import site_key
from edge.exchange.forms import Sources
from edge.exchange.hand_over import HandOver, algorithm_on
from edge.exchange.own_reader import reader_of
from edge.inference.shelf import Shelf
from edge.people.actor import SHELL_ACTOR, Actor
from edge.people.policy import load_policy
from edge.services.book import ExamBook
from edge.services.export import ExportService
from edge.services.report import ReportService
from edge.services.review import ReviewService, rule_of
from edge.services.station import station_of
from edge.settings import Settings


@dataclass(frozen=True, slots=True)
class ExamServices:
    """The services, and the actor who uses them."""

    actor: Actor
    book: ExamBook
    reports: ReportService
    exports: ExportService


@contextmanager
def exam_services() -> Iterator[ExamServices]:
    """The exams of the data folder that the settings name.

    Raises:
        RecordUnknown: nothing was ever recorded.
        PolicyInvalid: the policy file of the site cannot be used.
    """
    settings, protocols = own_settings(), catalogue()
    with records() as store:
        reviews = ReviewService(store, protocols, rule_of(load_policy(settings.data_dir)))
        stored = StoredExams(store, settings.data.exams)
        book, reports = ExamBook(stored, reviews.shows), ReportService(store, protocols, reviews, stored.sidecar)
        yield ExamServices(shell_actor(), book, reports, ExportService(stored, _sources(settings, stored, protocols)))


def _sources(settings: Settings, stored: StoredExams, protocols: Catalogue) -> Callable[[str], Sources]:
    shelf = Shelf.of(settings.data_dir)
    hand_over = HandOver(stored, protocols, station_of(settings.data), lambda ident: algorithm_on(shelf, ident))

    def sources(exam_id: str) -> Sources:
        exam = hand_over.of(exam_id)
        return Sources(exam, reader_of(exam, shelf), lambda: site_key(settings.data_dir), settings.data.export_work)

    return sources


def shell_actor() -> Actor:
    """The board's shell, with the name of the person who uses it."""
    return replace(SHELL_ACTOR, name=f"shell ({getpass.getuser()})")
