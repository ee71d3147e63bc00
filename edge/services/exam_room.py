"""The services of exams, of the open one and of the recorded ones, with what they share."""

from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.exchange.hand_over import HandOver, algorithm_on
from edge.inference.shelf import Shelf
from edge.people.policy import SitePolicy
from edge.records.store import Store
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from edge.services.live import LiveService
from edge.services.outbox import OutboxService
from edge.services.report import ReportService
from edge.services.review import ReviewService, rule_of
from edge.services.station import station_of
from edge.services.worklist import WorklistService
from edge.settings import Settings


class ExamRoom:
    """Of a running appliance."""

    def __init__(self, store: Store, settings: Settings, policy: SitePolicy, shelf: Shelf, around: Surroundings) -> None:
        """`settings` are those that were stated at the start; `around` is what a live zone needs of the appliance."""
        data, catalogue = settings.data, load_catalogue(settings.data.protocols)
        stored = StoredExams(store, data.exams)
        hand_over = HandOver(stored, catalogue, station_of(data), lambda ident: algorithm_on(shelf, ident))
        self.reviews = ReviewService(store, catalogue, rule_of(policy))
        self.exam = ExamService(ExamBook(stored, self.reviews.shows), stored, catalogue, settings.protocol, around)
        self.live = LiveService(self.exam)
        self.outbox = OutboxService(stored, hand_over, data)
        self.worklist = WorklistService(stored, data)
        self.reports = ReportService(store, catalogue, self.reviews, stored.sidecar, self.outbox.automatic)
