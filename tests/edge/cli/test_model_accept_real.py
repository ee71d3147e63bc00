"""`sonoedge model accept` on real lungs of many machines, taken as one: it ends with its report, and shuffled labels are refused."""

import csv
import json
import random

import pytest

from edge.inference.release import BUILT_IN

LARGEST = 600_000
"""Bytes of a recording without any finding: the larger ones only cost time."""
LABELS = ("b_lines", "a_lines")
PATIENT = "conservative_group"


@pytest.fixture(scope="module")
def lungs(data_folder):
    """The folder, and the labelled lines of its manifest as they are, without large recordings that have no finding."""
    folder = data_folder / "pocus_lung"
    with (folder / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["b_lines"]]
    small = [row for row in rows if "1" in (row["b_lines"], row["a_lines"]) or (folder / row["file"]).stat().st_size <= LARGEST]
    assert len({row[PATIENT] for row in small if row["b_lines"] == "1"}) >= 10
    return folder, small


@pytest.fixture
def accept(sonoedge, lungs, tmp_path, monkeypatch):
    """Judges the small release on these lines; a recording is read once."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(rows):
        labels = tmp_path / "labels.csv"
        with labels.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["file", PATIENT, *LABELS], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        options = ["--labels", labels, "--patient", PATIENT, "--machine", "Many lung scanners", "--every", "15"]
        return sonoedge("model", "accept", lungs[0], *options, "--model", BUILT_IN / "lung-s", "--json")

    return run


@pytest.mark.slow
def test_it_ends_with_its_report_and_shuffled_labels_are_refused(accept, lungs, tmp_path):
    rows, report = lungs[1], tmp_path / "acceptance.html"
    ended = accept(rows)
    text, stated = report.read_text(), json.loads(ended.stdout)
    assert text.count("<svg") >= 3
    assert "Research use, not a diagnosis" in text
    assert {"auc", "before", "after"} <= set(stated["findings"]["b_lines"])
    met = any(finding["met"] for finding in stated["findings"].values())
    assert (ended.returncode, "Verdict: every limit is met" in text) == ((0, True) if met else (2, False)), ended.stderr

    report.unlink()
    for seed in (1, 2):
        labels = [{key: row[key] for key in LABELS} for row in rows]
        random.Random(seed).shuffle(labels)
        refused = accept([row | label for row, label in zip(rows, labels, strict=True)])
        assert refused.returncode == 2
        assert "is not accepted on Many lung scanners" in refused.stderr
        assert "Verdict: not met" in report.read_text()
    assert not (tmp_path / "data" / "acceptances").exists()
    read = [json.loads(line) for line in (tmp_path / "data" / "labelled_readings.jsonl").read_text().splitlines()]
    assert len(read) <= len(rows)
