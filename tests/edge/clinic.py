"""A clinic whose exams were recorded and read by people: records with recordings on the disk, to judge a release on."""

from dataclasses import replace

from edge.disk.digest import digest_of
from edge.disk.layout import DataFolder
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.stored import text_of
from edge.exam.stored import StoredExams
from edge.records.exams.assessment import Assessment
from edge.records.exams.clips import NewClip
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import Step
from edge.records.exams.patients import Patients, Person
from edge.records.exams.reviews import NewReview, Reviews, SavedReview
from edge.records.ids import new_id
from edge.records.schema import ExamRow, OperatorRow
from edge.records.store import Store
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

BLUE = load_catalogue().named("blue-6")
VSCAN = "GE Vscan Air"
KEYS = ("b_lines", "a_lines", "severity_2_plus")
WINDOW = 100
"""The sequence number of the first frame of each recording."""


class Clinic:
    """Every exam has one zone, L1, with a recording of `frames` frames, of which the last two are the clip."""

    def __init__(self, data):
        self.store, self.data = Store.open(data), DataFolder(data)
        self.stored = StoredExams(self.store, self.data.exams)
        self.reviews, self.findings = Reviews(self.store), Findings(self.store)
        self.scanner, self.reader, self.second = map(self.person, ("Sara", "Dr. Reader", "Dr. Second"))

    def person(self, name):
        row = OperatorRow(id=new_id(), badge=new_id(), name=name, pin_hash="", created_at=self.store.now())
        with self.store.write() as change:
            change.session.add(row)
            change.log("test", "operator.enrolled", f"operator/{row.id}")
        return row.id

    def exam(self, number, b_lines=6, *, name=None, machine=VSCAN, frames=3, simulated=False, scanner=""):
        """An ended exam of patient `number`, whose lung has so many simulated B-lines; without a `name` of its own, P and the number.

        A name of "" leaves the patient unknown.
        """
        patient = self.patient(f"P-{number}", f"Patient No{number}" if name is None else name) if name != "" else None
        new = NewExam(
            folder=f"exam-{new_id()}",
            protocol=BLUE.id,
            protocol_version=BLUE.version,
            protocol_digest=BLUE.digest,
            simulated=simulated,
            qualified=True,
            operator_id=self.scanner if scanner == "" else scanner,
            operator="Sara",
            patient_id=patient,
        )
        clip = self._clip(new.folder, Chest(b_lines, size=200, seed=number), 0.3 * number, Machine.named(machine), frames)
        exam = Exam.begin(BLUE).select("L1")
        begun = self.stored.records.begin("test", new, exam.as_record(), text_of(BLUE))
        step = Step("zone.done", {"zone": "L1"}, exam.keep().as_record())
        stated = [NewFinding(key, "lung-s-1.0.0", 0.6, 0.4, ("present",), "present", "", "", 0.5) for key in KEYS]
        self.stored.records.keep("test", begun.id, step, replace(clip, assessment=assessment(machine, frames)), stated, simulated=simulated)
        return self.stored.records.end("test", begun.id)

    def patient(self, identifier, name, issuer="site"):
        return Patients(self.store).add("test", Person(issuer, identifier, name)).id

    def begin(self, exam, blind=True, reader=None, kind="first"):
        return self.reviews.begin("reader", NewReview(exam.id, kind, blind, reader or self.reader))

    def read(self, exam, b_lines, *, blind=True, reader=None, kind="first"):
        """Saves a review that states `b_lines` of the zone, and of the other findings that nobody can tell."""
        review = self.begin(exam, blind, reader, kind)
        findings = dict.fromkeys(KEYS, "not assessable") | {"b_lines": b_lines}
        answer = SavedReview({"L1": {"findings": findings, "score": None}}, {"scale": "lung-5", "version": "1.0.0", "value": 4}, "", [])
        return self.reviews.save("reader", review.id, answer, review.version)

    def sign(self, exam):
        with self.store.write() as change:
            change.session.get_one(ExamRow, exam.id).state = "final"
            change.log("test", "exam.signed", f"exam/{exam.id}")

    def decide(self, exam, verdict, by="Dr. Reader"):
        """Decides on the finding of B-lines."""
        (finding,) = [each for each in self.stored.records.findings(exam.id) if each.key == "b_lines"]
        return self.findings.decide(by, finding.id, "edited", verdict, finding.version, while_in=("preliminary", "final"))

    def recording(self, exam):
        return self.data.exams / exam.folder / "L1.mcap"

    def _clip(self, folder, chest, time_s, machine, frames):
        path = self.data.exams / folder / "L1.mcap"
        path.parent.mkdir(parents=True)
        recorder = Recorder(path, SourceInfo("serial://x", "probe", Origin.LIVE, machine=machine), "research use, not a diagnosis")
        for count in range(frames):
            image = chest.image(time_s)
            recorder.frame_waiting(Frame(image, WINDOW + count, count * 100_000, 0, machine=machine))
        assert recorder.close().problem is None
        first, last = WINDOW + max(0, frames - 2), WINDOW + frames - 1
        return NewClip("L1", path.name, digest_of(path), path.stat().st_size, first, last, "itself", (), 80.0)


def assessment(machine, frames):
    return Assessment("1.0.0", frames, frames, 80.0, False, None, "", {}, {}, machine=machine, machine_validated=False)
