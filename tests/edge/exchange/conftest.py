"""One signed exam of the simulated chest, as it is handed on: zones that are clear, pathological, unsure, taken again and skipped."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.disk.digest import digest_of
from edge.disk.layout import DataFolder
from edge.exam.clip import ClipFinding, ClipScore
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.stored import text_of
from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.exam.review.sampling import Sampling
from edge.exam.stored import StoredExams
from edge.exam.taking.stored_zone import assessment_of
from edge.exam.verdict import verdicts_of
from edge.exchange.hand_over import HandOver, algorithm_on
from edge.exchange.handed import HandedExam, Station
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import Actor, Grant
from edge.people.permission import Role
from edge.records.exams.clips import NewClip
from edge.records.exams.context import Measurement, PatientContext
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import Step
from edge.records.exams.order import Order
from edge.records.exams.patients import Patients, Person
from edge.records.exams.states import SkipReason
from edge.records.ids import new_id
from edge.records.people.operators import called
from edge.records.schema import ANY, OperatorRow
from edge.records.store import Store
from edge.services.report import ReportService
from edge.services.review import ReviewRule, ReviewService
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

NAME = "ሰላማዊት አበበ"
FRAMES, FIRST, STEP_US = 12, 100, 40_000
"""Of each recording; the clip begins two frames later."""
KEYS = ("b_lines", "a_lines", "severity_2_plus")
STATION = Station("ward-3", "se-4k7q", ("SonoEdge 0.1.0",))
BUTTERFLY = Machine("Butterfly", "iQ3")
SHOWN = {"L1": "absent", "L2": "present", "L3": "unsure", "R1": "absent", "R2": None}
"""By zone of blue-6 what the model states; None: the zone is skipped. R3 is not examined, and R1 is taken again."""


def shown(verdict):
    sets = {"present": ("present",), "absent": ("absent",), "unsure": ("present", "absent")}
    findings = {"b_lines": verdict, "a_lines": {"present": "absent", "absent": "present"}.get(verdict, verdict), "severity_2_plus": verdict}
    chances = {"present": 0.9, "absent": 0.1, "unsure": 0.5}
    scores = tuple(ClipScore(key, chances[findings[key]], 1.5, sets[findings[key]]) for key in KEYS)
    reason = ("uncertain", "Record again", "ALL_OPEN") if verdict == "unsure" else (None, "", "")
    return ClipFinding("1.0.0", FRAMES, FRAMES, 80.0, False, scores, *reason[:2], {}, {}, reason[2], machine=BUTTERFLY.name)


class Ward:
    """A data folder with one signed exam. `exam_id` is its id, `reader` its reader."""

    def __init__(self, folder: Path, *, name=NAME, identifier="P-0001", size=128):
        self.folder = folder
        self.store, self.size = Store.open(folder), size
        self.catalogue = load_catalogue()
        self.stored = StoredExams(self.store, DataFolder(folder).exams)
        rule = ReviewRule(Sampling(share=0, seed="", novice_exams=0), blind_first=True, least_quality=3, shown_first=True)
        self.reviews = ReviewService(self.store, self.catalogue, rule)
        self.reports = ReportService(self.store, self.catalogue, self.reviews, self.stored.sidecar)
        self.sara, self.reader = self.person("Sara", Role.SCAN), self.person("Dr. Reader", Role.INTERPRET)
        self.exam_id = self.take(name, identifier)
        self.sign(self.exam_id)

    def person(self, name, *roles):
        row = OperatorRow(id=new_id(), badge=new_id(), name=name, pin_hash="", created_at=self.store.now())
        with self.store.write() as change:
            change.session.add(row)
            change.log("test", "operator.enrolled", f"operator/{row.id}")
        return Actor("operator", called(name, row.badge), row.id, tuple(Grant(role, ANY) for role in roles))

    def take(self, name=NAME, identifier="P-0001", zones=None, scheduled=None):
        """An ended exam, of a study that was `scheduled` or of a patient; returns its id."""
        blue = self.catalogue.named("blue-6")
        person = scheduled.patient if scheduled else Person("Gondar", identifier, name, "1981-03-02", "female")
        patient = Patients(self.store).add("test", person)
        at = self.store.now()
        context = PatientContext(complaint="short of breath", spo2=Measurement(value=91, unit="%", at=at, by="Sara"))
        exam = Exam.begin(blue)
        new = NewExam(
            folder=self.stored.new_folder(blue.id),
            protocol=blue.id,
            protocol_version=blue.version,
            protocol_digest=blue.digest,
            context=context,
            simulated=False,
            qualified=True,
            operator_id=self.sara.operator_id,
            operator=self.sara.name,
            patient_id=patient.id,
            site="Gondar",
            order=scheduled.order if scheduled else Order(),
        )
        study_uid = scheduled.study_uid if scheduled else ""
        begun = self.stored.records.begin("test", new, exam.as_record(), text_of(blue), study_uid)
        for zone, verdict in (SHOWN if zones is None else zones).items():
            exam = exam.select(zone)
            if verdict is None:
                exam = exam.skip(zone, SkipReason.PAIN)
                self.stored.records.step("test", begun.id, Step("zone.skipped", {"zone": zone}, exam.as_record()))
                continue
            if zone == "R1":
                exam = self._keep(begun, exam, zone, "unsure", "R1-1")
                exam = exam.reopen(zone)
                self.stored.records.step("test", begun.id, Step("zone.reopened", {"zone": zone}, exam.as_record(), again=zone))
                exam = exam.select(zone)
            exam = self._keep(begun, exam, zone, verdict, zone)
        self.stored.records.end("test", begun.id)
        return begun.id

    def _keep(self, begun, exam, zone, verdict, file):
        finding = shown(verdict)
        exam = exam.keep()
        clip = replace(self._clip(begun.folder, zone, file), assessment=assessment_of(finding))
        verdicts = verdicts_of(finding)
        release = ModelRelease.load().ident
        stated = tuple(
            NewFinding(
                each.finding, release, each.probability, each.logit, each.set, verdicts[each.finding].value,
                finding.reason or "", finding.code, 0.5,
            )
            for each in finding.scores
        )  # fmt: skip
        step = Step("zone.done", {"zone": zone}, exam.as_record())
        self.stored.records.keep("test", begun.id, step, clip, stated, simulated=False)
        return exam

    def _clip(self, folder, zone, file):
        path = DataFolder(self.folder).exams / folder / f"{file}.mcap"
        path.parent.mkdir(parents=True, exist_ok=True)
        chest = Chest(6 if SHOWN.get(zone) == "present" else 0, size=self.size, seed=len(file))
        recorder = Recorder(path, SourceInfo("serial://x", "probe", Origin.LIVE, machine=BUTTERFLY), "research use, not a diagnosis")
        for count in range(FRAMES):
            image = chest.image(count / 25)
            recorder.frame_waiting(Frame(image, FIRST + count, count * STEP_US, 0, chest.geometry, chest.settings, machine=BUTTERFLY))
        assert recorder.close().problem is None
        return NewClip(
            zone, path.name, digest_of(path), path.stat().st_size, FIRST + 2, FIRST + FRAMES - 1, "itself", (), 80.0
        )  # fmt: skip

    def sign(self, exam_id, conclusion="Interstitial syndrome on the left."):
        """A blind review, a decision on each finding, and the signature."""
        review = self.reviews.begin(self.reader, exam_id)
        done = {clip.zone for clip in self.stored.records.clips(exam_id) if clip.superseded_at is None}
        zones = {zone: ZoneReading(findings=dict.fromkeys(KEYS, "absent"), score=0) for zone in done}
        quality = ImageQuality(scale="lung-5", version="1.0.0", value=4)
        self.reviews.save(self.reader, review.id, ReviewAnswer(zones=zones, quality=quality, comment="as seen"), review.version)
        for number, finding in enumerate(self.stored.records.undecided(exam_id)):
            decision, verdict = ("edited", "absent") if number == 3 else ("accepted", None)
            Findings(self.store).decide(self.reader.name, finding.id, decision, verdict, finding.version, while_in=("preliminary",))
        self.reports.sign(self.reader, exam_id, self.stored.records.get(exam_id).version, conclusion)

    @property
    def hand_over(self) -> HandOver:
        return HandOver(self.stored, self.catalogue, STATION, lambda ident: algorithm_on(Shelf.of(self.folder), ident))

    def handed(self, exam_id=None) -> HandedExam:
        return self.hand_over.of(exam_id or self.exam_id)


@pytest.fixture
def ward(tmp_path):
    """A ward that a test may change."""
    made = Ward(tmp_path / "data")
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def handed(tmp_path_factory) -> HandedExam:
    """The exam of a ward, which tests only read."""
    made = Ward(tmp_path_factory.mktemp("handed") / "data")
    yield made.handed()
    made.store.close()
