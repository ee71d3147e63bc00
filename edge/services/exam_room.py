"""The services of exams, of the open one and of the recorded ones, with what they share."""

from collections.abc import Callable
from functools import partial

from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.exchange.hand_over import HandOver, algorithm_on
from edge.exchange.own_objects import own_objects_apart
from edge.feedback.pleura.stored import StoredShares
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.policy import SitePolicy
from edge.records.notices import Notices
from edge.records.store import Store
from edge.services.background import Background
from edge.services.book import ExamBook
from edge.services.cards import CardService
from edge.services.course import CourseService
from edge.services.course_work import CourseWork
from edge.services.discordance import DiscordanceService
from edge.services.drift import DriftService
from edge.services.encounters import EncounterService
from edge.services.exam import ExamService
from edge.services.likelihood import LikelihoodService
from edge.services.live import LiveService
from edge.services.outbox import OutboxService
from edge.services.outcome import OutcomeService
from edge.services.performance import PerformanceService
from edge.services.report import ReportService
from edge.services.review import ReviewService, rule_of
from edge.services.station import station_of
from edge.services.stick import StickService
from edge.services.stick_work import StickWorkService
from edge.services.worklist import WorklistService
from edge.settings import Settings


class ExamRoom:
    """Of a running appliance."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        policy: SitePolicy,
        shelf: Shelf,
        around: Surroundings,
        *,
        release: Callable[[], ModelRelease],
        notices: Notices,
    ) -> None:
        """`settings` are those of the start; `around` is what a live zone needs of the appliance, and `release` the one that reads now."""
        data, catalogue = settings.data, load_catalogue(settings.data.protocols)
        stored = StoredExams(store, data.exams)
        hand_over = HandOver(stored, catalogue, station_of(data), lambda ident: algorithm_on(shelf, ident))
        self.background = Background()
        self.drift = DriftService(store, data, self.background, policy, notices, release=lambda: release().ident)
        shelf.stops = self.drift.stops
        self.reviews = ReviewService(store, catalogue, rule_of(policy), self.drift.over_read_share)
        self.exam = ExamService(ExamBook(stored, self.reviews.shows), stored, catalogue, settings.protocol, around)
        self.live, self.performance = LiveService(self.exam), PerformanceService(store, data, self.background)
        self.likelihood = LikelihoodService(self.exam, self.performance.own)
        self.cards = CardService(store, data, self.background)
        self.outbox = OutboxService(stored, hand_over, data)
        self.worklist, self.encounters = WorklistService(stored, data), EncounterService(stored, data)
        stick = StickService(stored, catalogue, data, hand_over.of, partial(own_objects_apart, data.root))
        self.outcomes = OutcomeService(stored, self.reviews.shows)
        self.discordance = DiscordanceService(store, catalogue, self.reviews)
        self.sticks = StickWorkService(stick, data, store)
        self.reports = ReportService(store, catalogue, self.reviews, stored.sidecar, self.outbox.automatic)
        shares = StoredShares(data.pleura_shares)
        self.course = CourseService(stored, catalogue, self.reviews.shows, shares, release)
        self.course_work = CourseWork(self.course, shares, settings.data_dir)

    def look(self) -> None:
        """Begins the work in the background that is due."""
        self.performance.look()
        self.cards.look()
        self.drift.look()
