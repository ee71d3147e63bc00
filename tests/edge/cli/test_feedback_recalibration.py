"""`sonoedge feedback recalibration`: a proposal with its figures and the command that accepts it; nothing is changed by it."""

import json
from contextlib import closing
from datetime import datetime, timezone

import numpy as np
import pytest

from edge.feedback.recalibration.collect import collected_of
from edge.inference.acceptance.acceptance import FORMAT, Acceptance
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.acceptance.judge import Judged, judge
from edge.inference.acceptance.stated import accepted as stated
from edge.inference.release import BUILT_IN, ModelRelease
from edge.records.store import Store
from tests.edge.feedback.recalibration.conftest import Scored

PATIENTS = 30
ACCEPTANCE = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Makes records: patients whose logits are shifted, so that the calibration of the release is wrong."""
    for name, value in {"DATA_DIR": tmp_path / "data", "MODEL": BUILT_IN / "lung-s", "THREADS": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))

    def made(patients):
        clinic, rng = Scored(tmp_path / "data"), np.random.default_rng(1)
        for number in range(patients):
            has = number % 2 == 1
            clinic.scored(number, 6.0 + (2.0 if has else -2.0) + float(rng.normal(0, 1)), "present" if has else "absent", release=release())
        clinic.store.close()
        return tmp_path / "data"

    return made


def release():
    return ModelRelease.load(BUILT_IN / "lung-s").ident


def accept(data):
    """What `sonoedge model accept` writes, with the refit of the recorded cases."""
    of = ModelRelease.load(BUILT_IN / "lung-s")
    with closing(Store.open(data)) as store:
        *_, found = collected_of(store, of.ident)
    cases = found.machines["GE Vscan Air"]
    (finding,) = [stated(each) for each in judge(of.findings, of.alpha, cases.clips) if isinstance(each, Judged) and not each.shortfalls]
    facts = {"machine": "GE Vscan Air", "release": of.ident, "model_sha256": of.sha256, "labels_sha256": "c" * 64, "by": "Hana (hana)"}
    counts = {"clips": len(cases.read), "patients": cases.patients, "findings": (finding,)}
    at = datetime.now(timezone.utc)
    Acceptances.of(data).add(Acceptance(format=FORMAT, id=ACCEPTANCE, at=at, **facts, **counts))


def state_of(folder):
    return {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix in {".json", ".sqlite", ".jsonl", ".mcap"}
    }


def test_a_calibration_that_is_wrong_here_has_a_proposal_and_its_next_step_and_nothing_changes(recorded, sonoedge):
    data = recorded(PATIENTS)
    before = state_of(data)
    done = sonoedge("feedback", "recalibration")
    assert (done.returncode, done.stderr) == (0, "")
    assert "GE Vscan Air: 30 clips of 30 patients" in done.stdout
    assert "in use: the calibration of the release" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("B-lines")]
    assert row.endswith("proposed")
    assert "Next step: sonoedge model accept --exams --machine 'GE Vscan Air'" in done.stdout
    assert "Nothing is changed by this." in done.stdout
    assert "not a diagnosis" in done.stdout
    assert state_of(data) == before


def test_as_json_with_the_figures_of_both(recorded, sonoedge):
    recorded(PATIENTS)
    printed = json.loads(sonoedge("feedback", "recalibration", "--json").stdout)
    (machine,) = printed["machines"]
    finding = machine["findings"]["b_lines"]
    assert (finding["proposed"], finding["why_not"]) == (True, None)
    assert finding["brier"]["after"]["value"] < finding["brier"]["before"]["value"]
    assert finding["brier_change"]["high"] < 0
    assert finding["ece"]["after"]["value"] < finding["ece"]["before"]["value"]
    assert machine["next_step"].endswith("--machine 'GE Vscan Air'")
    assert machine["findings"]["a_lines"] == {
        "proposed": False,
        "why_not": "0 patients with it and 0 patients without it, and 10 are needed",
    }


def test_once_the_refit_is_accepted_it_is_the_calibration_in_use_and_is_proposed_no_more(recorded, sonoedge):
    accept(recorded(PATIENTS))
    done = sonoedge("feedback", "recalibration")
    assert f"in use: acceptance {ACCEPTANCE}" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("B-lines")]
    assert row.endswith("which can be chance")
    assert "Next step" not in done.stdout


def test_few_cases_have_the_reason_and_no_next_step(recorded, sonoedge):
    recorded(6)
    done = sonoedge("feedback", "recalibration")
    assert done.returncode == 0
    assert "no: fewer than 5 patients with it and fewer than 5 patients without it, and 10 are needed" in done.stdout
    assert "Next step" not in done.stdout
