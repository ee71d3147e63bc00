"""A clinic whose exams have the logits that a test states, by the release that reads."""

import pytest

from edge.inference.release import ModelRelease
from edge.records.schema import FindingRow
from tests.edge.clinic import Clinic

RELEASE = ModelRelease.load().ident


class Scored(Clinic):
    """`scored` takes an exam with a recorded logit of B-lines, and a blind review."""

    def scored(self, number, logit, verdict, *, release=RELEASE, reason="", **how):
        exam = self.exam(number, frames=2, **how)
        if verdict:
            self.read(exam, verdict)
        with self.store.write() as change:
            for row in change.session.query(FindingRow).filter_by(exam_id=exam.id):
                row.logit, row.release, row.reason = logit, release, reason
            change.unlogged()
        return exam


@pytest.fixture
def scored(tmp_path):
    made = Scored(tmp_path / "data")
    yield made
    made.store.close()
