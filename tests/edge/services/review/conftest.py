"""A site with its people and exams, over a real store; what a probe would show is given."""

from dataclasses import dataclass, field

import pytest

from edge.exam.clip import ClipFinding, ClipScore
from edge.exam.exam import Exam
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.protocol.stored import text_of
from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.exam.review.sampling import Sampling
from edge.exam.taking.stored_zone import assessment_of
from edge.exam.verdict import verdicts_of
from edge.people.actor import Actor, Grant
from edge.people.permission import Role
from edge.records.exams.clips import NewClip
from edge.records.exams.context import Measurement, PatientContext
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import Step
from edge.records.exams.patients import Patients, Person
from edge.records.exams.states import SkipReason
from edge.records.ids import new_id
from edge.records.people.operators import called
from edge.records.schema import ANY, OperatorRow
from edge.records.store import Store
from edge.services.report import ReportService
from edge.services.review import ReviewRule, ReviewService

KEYS = ("b_lines", "a_lines", "severity_2_plus")
RULE = ReviewRule(Sampling(share=0, seed="", novice_exams=0), blind_first=True, least_quality=3, shown_first=True)


def clip_finding(*, present=False, unsure=False):
    """A zone with B-lines, or without, or of which the model can tell nothing."""
    reported = ("present", "absent") if unsure else ("present",) if present else ("absent",)
    sets = {"b_lines": reported, "a_lines": ("absent",) if present else ("present",), "severity_2_plus": reported}
    scores = tuple(ClipScore(key, 0.9 if "present" in sets[key] else 0.1, 1.5, sets[key]) for key in KEYS)
    reason = ("uncertain", "Record again", "ALL_OPEN") if unsure else (None, "", "")
    return ClipFinding("1.0.0", 60, 60, 80.0, False, scores, *reason[:2], {}, {}, reason[2])


@dataclass
class Site:
    """`files` are the protocol files that are there by now."""

    store: Store
    rule: ReviewRule = RULE
    files: Catalogue = field(default_factory=load_catalogue)

    def __post_init__(self):
        self.catalogue = load_catalogue()
        self.exams, self.findings = Exams(self.store), Findings(self.store)
        self.review = ReviewService(self.store, self.files, self.rule)
        self.report = ReportService(self.store, self.files, self.review)

    def person(self, name, *roles, protocol=ANY):
        row = OperatorRow(id=new_id(), badge=new_id(), name=name, pin_hash="", created_at=self.store.now())
        with self.store.write() as change:
            change.session.add(row)
            change.log("test", "operator.enrolled", f"operator/{row.id}")
        return Actor("operator", called(name, row.badge), row.id, tuple(Grant(role, protocol) for role in roles))

    def exam(self, operator=None, *, qualified=False, protocol="blue-6", zones=None, end=True, emergency=False, named=True):
        """An exam; `zones` are findings by zone, a skip where one is None; by default every zone is normal."""
        asked = self.catalogue.named(protocol)
        exam = Exam.begin(asked)
        patient = Patients(self.store).add("test", Person("Gondar", "P-1", "ሰላማዊት አበበ", "1981-03")) if named else None
        context = PatientContext(complaint="short of breath", spo2=Measurement(value=91, unit="%", at=self.store.now(), by="Trainee"))
        new = NewExam(
            folder=new_id(),
            protocol=asked.id,
            protocol_version=asked.version,
            protocol_digest=asked.digest,
            context=context,
            emergency=emergency,
            simulated=False,
            qualified=qualified,
            operator_id=operator.operator_id if operator else None,
            operator=operator.name if operator else "break-glass",
            patient_id=patient.id if patient else None,
        )
        kept = self.exams.begin("test", new, exam.as_record(), text_of(asked))
        for zone, finding in ({each.id: clip_finding() for each in asked.zones} if zones is None else zones).items():
            exam = exam.select(zone)
            if finding is None:
                exam = exam.skip(zone, SkipReason.PAIN)
                self.exams.step("test", kept.id, Step("zone.skipped", {"zone": zone}, exam.as_record()))
            else:
                exam = exam.keep()
                step = Step("zone.done", {"zone": zone}, exam.as_record())
                self.exams.keep("test", kept.id, step, clip_of(zone, finding), findings_of(finding), simulated=False)
        return self.exams.end("test", kept.id) if end else self.exams.get(kept.id)

    def decide_all(self, exam, by="Dr. Reader", decision="accepted", verdict=None):
        for finding in self.exams.undecided(exam.id):
            self.findings.decide(by, finding.id, decision, verdict, finding.version, while_in=("preliminary",))

    def read(self, reader, exam, answer):
        """Begins and saves a review."""
        review = self.review.begin(reader, exam.id)
        return self.review.save(reader, review.id, answer, review.version)

    def sign(self, reader, exam):
        return self.report.sign(reader, exam.id, self.exams.get(exam.id).version)


def clip_of(zone, finding):
    return NewClip(zone, f"{zone}.mcap", "0" * 64, 1000, 1, 60, "itself", (), 80.0, assessment_of(finding))


def findings_of(finding):
    verdicts = verdicts_of(finding)
    return tuple(
        NewFinding(
            each.finding, "lung-m-1.0.0", each.probability, each.logit, each.set, verdicts[each.finding].value,
            finding.reason or "", finding.code, 0.5,
        )
        for each in finding.scores
    )  # fmt: skip


def answer_of(zones=("L1", "L2", "L3", "R1", "R2", "R3"), quality=4, **reported):
    """A review in which every zone is normal, but for findings stated by `zone_key`, as in `L1_b_lines="present"`."""
    normal = {"b_lines": "absent", "a_lines": "present", "severity_2_plus": "absent"}
    return ReviewAnswer(
        zones={
            zone: ZoneReading(findings={key: reported.get(f"{zone}_{key}", verdict) for key, verdict in normal.items()}, score=0)
            for zone in zones
        },
        quality=ImageQuality(scale="lung-5", version="1.0.0", value=quality),
        comment="as seen",
    )


@pytest.fixture
def site(tmp_path):
    store = Store.open(tmp_path)
    yield Site(store)
    store.close()


@pytest.fixture
def trainee(site):
    return site.person("Trainee", Role.SERVICE)


@pytest.fixture
def reader(site):
    return site.person("Dr. Reader", Role.INTERPRET)


@pytest.fixture
def over_reader(site):
    return site.person("Dr. Second", Role.OVER_READ)


@pytest.fixture(scope="session")
def answer():
    return answer_of


@pytest.fixture(scope="session")
def shows():
    """What the model says of a zone."""
    return clip_finding


@pytest.fixture
def ready(site, trainee, reader, answer):
    """A trainee's exam, reviewed and decided."""
    exam = site.exam(trainee)
    site.read(reader, exam, answer())
    site.decide_all(exam)
    return site.exams.get(exam.id)
