"""A whole ward: reads the clips of each patient with a release, plays the exams, and computes the dashboard."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.bench.ward.column_map import WardMap
from edge.bench.ward.copies import Copies, ThinnedSource
from edge.bench.ward.patients import WardPatient
from edge.bench.ward.readers import SimulatedReader
from edge.bench.ward.recovered import Recovered, recovered
from edge.bench.ward.staff import Staff, enrol
from edge.bench.ward.stage import EACH, Cast, Stage, StageClock, begins, site_of
from edge.exam.clip import ClipFinding
from edge.exam.manifest import ManifestClip
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.protocol import Acquisition
from edge.exam.recording import read_recording
from edge.exam.replay import replay
from edge.exam.stored import StoredExams
from edge.feedback.people.compute import cards_of
from edge.feedback.people.day import last_midnight
from edge.feedback.people.figures import Card, Cards
from edge.feedback.people.stored import StoredCards
from edge.feedback.performance.compute import performance_of
from edge.feedback.performance.figures import Performance
from edge.feedback.performance.stored import StoredPerformance
from edge.inference.reader import Reader
from edge.people.policy import load_policy
from edge.records.clock import wall
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.services.people import PeopleService
from edge.services.settings import SettingsService
from edge.settings import Changeable, Settings
from edge.vision.quality import Limits
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.stated import stated

NOTICE_CODE = "ward-replayed"


@dataclass(frozen=True, slots=True)
class Ward:
    """What is played: the patients, and how. Every `every`-th frame of the clips is read, and stored with the exam if `with_clips`."""

    about: WardMap
    patients: tuple[WardPatient, ...]
    operator: SimulatedReader
    reader: SimulatedReader
    every: int
    with_clips: bool


@dataclass(frozen=True, slots=True)
class Played:
    """`spare` clips are those of zones with a better clip; `unread` states why others could not be read."""

    staff: Staff
    exams: int
    zones: int
    spare: int
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What the feedback states in the end; `cards` by the name of the person."""

    performance: Performance
    cards: dict[str, Card]
    recovered: tuple[Recovered, ...]


def play(ward: Ward, settings: Settings, catalogue: Catalogue, model: Reader, each_clip: Callable[[str], None]) -> Played:
    """Plays every patient in the data folder of the settings, which has no records yet; `each_clip` receives the name of each clip read.

    Raises:
        SonoEdgeError: the records refuse it.
    """
    about, protocol, midnight = ward.about, catalogue.named(ward.about.protocol), last_midnight(wall())
    clock = StageClock(begins(0, len(ward.patients), midnight) - EACH)
    policy, exams, zones, spare, unread = load_policy(settings.data_dir), 0, 0, 0, list[str]()
    with closing(open_records(settings.data_dir, now=clock)) as store, TemporaryDirectory(dir=settings.data_dir) as folder:
        copies = Copies(Path(folder) if ward.with_clips else None)
        staff = enrol(PeopleService.of(store))
        _mark(ward, settings, Notices(store), SettingsService(settings, store), staff)
        cast = Cast(about, staff, ward.operator, ward.reader, model.release.ident, ward.every, copies)
        stage = Stage(StoredExams(store, settings.data.exams), catalogue, policy, cast, clock)
        for number, patient in enumerate(ward.patients):
            clock.at = begins(number, len(ward.patients), midnight)
            done = replay(protocol, (each.clip for each in patient.clips), _reading(model, ward, copies, each_clip))
            if done.speaking:
                stage.play(patient, done, number)
            exams, zones, spare = exams + bool(done.speaking), zones + len(done.speaking), spare + len(done.others)
            unread += [f"{clip.path}: {error}" for clip, error in done.unread]
    return Played(staff, exams, zones, spare, tuple(unread))


def dashboard(ward: Ward, settings: Settings, catalogue: Catalogue, staff: Staff) -> Dashboard:
    """Computes the figures of the played ward, and stores them for the page.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read.
        ResultNotStored: the disk refuses the figures.
    """
    with closing(open_records(settings.data_dir)) as store:
        *_, performance = performance_of(store, catalogue)
        *_, cards = cards_of(store, catalogue)
    assert isinstance(performance, Performance), "the computation ends with the figures"
    assert isinstance(cards, Cards), "the computation ends with the cards"
    StoredPerformance(settings.data.performance).put(performance)
    StoredCards(settings.data.cards).put(cards)
    found = {actor.name: card for actor in (staff.operator, staff.reader) if (card := cards.cards.get(actor.operator_id or ""))}
    operator, reader = found.get(staff.operator.name), found.get(staff.reader.name)
    sides = {ward.operator: operator.operator if operator else None, ward.reader: reader.reader if reader else None}
    return Dashboard(performance, found, recovered({each: side.findings if side else () for each, side in sides.items()}))


def _mark(ward: Ward, settings: Settings, notices: Notices, stated_: SettingsService, staff: Staff) -> None:
    """States on the pages that this is a replay: as the name of the site, unless the settings fix another, and as a notice."""
    if "site" not in settings.model_fields_set:
        stated_.change(staff.admin, Changeable.model_validate({"site": site_of(ward.about)}))
    what = f"The exams here are a replay of {ward.about.name}: recorded clips, answered by simulated readers with known errors"
    notices.add(NOTICE_CODE, what, "Use this data folder for no patient")


def _reading(
    model: Reader, ward: Ward, copies: Copies, each_clip: Callable[[str], None]
) -> Callable[[ManifestClip, Acquisition], ClipFinding]:
    machine = Machine.stated(ward.about.machine)

    def read(clip: ManifestClip, asked: Acquisition) -> ClipFinding:
        each_clip(clip.path.name)
        limits = Limits(asked.depth_mm, asked.presets)
        with ThinnedSource(stated(open_file(clip.path), machine), ward.every, copies.into(clip)) as source:
            return read_recording(source, model, lambda: None, limits).finding

    return read
