"""A site with exams as rows: what a clip shows is drawn, and may change; no picture is made."""

from datetime import datetime, timedelta, timezone

import numpy as np

from edge.inference.features import packed
from edge.records.exams.assessment import Assessment, to_json
from edge.records.schema import ClipRow, ExamRow, FindingRow, PatientRow

RELEASE = "lung-m-0.3.2"
BEGUN = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
CLIPS, FEATURES = 6, 8
MIX = np.random.default_rng(7).normal(size=(3, FEATURES))


def record_id(kind, number):
    """Ids that sort by number, before those of today."""
    return f"0190{number:04x}-{kind:04x}-7000-8000-{number:012x}"


def drawn(rng, *, gain=0.0, machine="Philips Lumify"):
    """The assessment and the probabilities of one clip."""
    body, logit, bright = rng.normal(), rng.normal(-1, 2), 90 + 8 * rng.normal() + 4.25 * gain
    measures = {"bright": float(bright), "sharpness": 0.5 + 0.05 * float(rng.normal()), "depth_mm": float(rng.choice([80, 100]))}
    features = packed(np.array([body, logit, bright / 40]) @ MIX + rng.normal(size=FEATURES))
    novelty, quality = float(rng.normal(1, 0.1)), float(rng.normal(75, 8))
    images = Assessment("0.3.2", 200, 180, quality, False, None, "", {}, {}, "", novelty, {}, machine, measures=measures, features=features)
    return images, {"b_lines": float(1 / (1 + np.exp(-logit)))}


class Site:
    """Adds exams to a store; each is of a new patient unless it names one."""

    def __init__(self, store, seed=1):
        self.store, self._rng, self.count = store, np.random.default_rng(seed), 0

    def exams(self, count, **changed):
        for _ in range(count):
            self.exam(**changed)

    def exam(self, *, patient=None, state="final", simulated=False, clips=CLIPS, release=RELEASE, days=0.0, **changed):
        self.count += 1
        number, begun = self.count, BEGUN + timedelta(hours=self.count, days=days)
        exam_id, patient_id = record_id(1, number), record_id(0, patient or number)
        with self.store.write() as change:
            if change.session.get(PatientRow, patient_id) is None:
                change.session.add(
                    PatientRow(
                        id=patient_id, issuer="site", identifier=f"P{patient or number}", name="N", created_at=begun, created_by="test"
                    )
                )
                change.session.flush()
            row = ExamRow(
                id=exam_id,
                study_uid=f"2.25.{number}",
                folder=f"e{number}",
                protocol="blue-6",
                protocol_version="1",
                protocol_digest="0" * 64,
                state=state,
                zones={},
                context={},
                emergency=False,
                simulated=simulated,
                qualified=True,
                operator="test",
                patient_id=patient_id,
                over_read=[],
                begun_at=begun,
            )
            change.session.add(row)
            change.session.flush()
            for clip in range(clips):
                self._clip(change.session, row, number * 64 + clip, release, drawn(self._rng, **changed))
            change.unlogged()
        return exam_id

    def _clip(self, session, exam, number, release, seen):
        (images, probabilities), exam_id, at = seen, exam.id, exam.begun_at
        clip = ClipRow(
            id=record_id(2, number),
            exam_id=exam_id,
            zone=f"z{number % 64}",
            file="",
            sha256="",
            bytes=0,
            file_state="absent",
            first=1,
            last=200,
            by="itself",
            overridden=[],
            quality=images.quality,
            kept_at=at,
            assessment=to_json(images),
        )
        session.add(clip)
        session.flush()
        for key, probability in probabilities.items():
            session.add(
                FindingRow(
                    id=record_id(3, number),
                    exam_id=exam_id,
                    clip_id=clip.id,
                    zone=clip.zone,
                    key=key,
                    release=release,
                    probability=probability,
                    logit=0.0,
                    prediction=["present"],
                    verdict="present",
                    reason="",
                    code="",
                    novelty=1.0,
                    said_at=at,
                )
            )
