"""The report shows the figures of evaluation.json: the tests read its tables and compare them with the JSON."""

import json
import re
from html.parser import HTMLParser

import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")
pytest.importorskip("matplotlib", reason="needs matplotlib of the extra [train]")
pytest.importorskip("jinja2", reason="needs jinja2 of the extra [train]")

from models.lung.evaluation.evaluation import dump
from models.lung.report.page import page

pytestmark = pytest.mark.slow

NAMES = ("B-lines", "A-lines", "Severity 2 or more")


class Tables(HTMLParser):
    """(caption, rows of cells) of every table; and every element's attributes."""

    def __init__(self):
        super().__init__()
        self.found, self.elements, self._text = [], [], None

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self.found.append([None, []])
        elif tag == "tr":
            self.found[-1][1].append([])
        if tag in {"td", "th", "caption"}:
            self._text = ""

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "caption":
            self.found[-1][0] = self._text
        elif tag in {"td", "th"}:
            self.found[-1][1][-1].append(self._text)
        self._text = None


@pytest.fixture(scope="module")
def html(evaluation):
    return page(evaluation)


@pytest.fixture(scope="module")
def tables(html):
    tables = Tables()
    tables.feed(html)
    return tables


@pytest.fixture(scope="module")
def releases(evaluation):
    return json.loads(dump(evaluation))["releases"]


def written(estimate, digits=2):
    value, low, high = (f"{estimate[part]:.{digits}f}" for part in ("value", "low", "high"))
    negative = "-" in low + high
    text = f"{value} ({low} to {high})" if negative else f"{value} ({low}–{high})"
    return re.sub(r"-(0\.0+)(?!\d)", r"\1", text).replace("-", "−")


def rows(tables, caption, number=0):
    """The rows of a table in the section of a data set: cells by the names of their columns."""
    table = [of for named, of in tables.found if named == caption][number]
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def each_finding(releases, number):
    """(name, release, figures in the JSON), in the order of the tables."""
    for name in NAMES:
        for release in releases:
            (finding,) = [each for each in release["sets"][number]["findings"] if each["name"] == name]
            yield name, release["release"], finding


@pytest.mark.parametrize("number", [0, 1])
def test_accuracy_and_its_floor_are_those_of_the_json(tables, releases, number):
    found = rows(tables, "Accuracy, with the shortcut floor", number)
    assert len(found) == 6
    for row, (name, release, finding) in zip(found, each_finding(releases, number), strict=True):
        of, floor = finding["accuracy"], finding["floor"]
        assert (row["Finding"], row["Release"]) == (name, release)
        assert row["AUC"] == written(of["auc"])
        assert row["AUC of the plain network"] == (written(of["plain_auc"]) if of["plain_auc"] else "–")
        assert row["AUC of shortcuts"] == written(floor["auc"])
        assert row["AUC above shortcuts"] == written(floor["auc_above"])
        assert row["Balanced accuracy"] == written(of["balanced_accuracy"])
        assert row["Balanced accuracy of shortcuts"] == written(floor["balanced_accuracy"])
        assert row["AUC of each fold"] == ", ".join(f"{auc:.2f}" for auc in of["fold_aucs"])
        assert row["Clips (patients)"] == f"{finding['clips']} ({finding['patients']})"


def test_sources_left_out_are_those_of_the_json(tables, releases):
    found = rows(tables, "Sources left out whole")
    expected = [
        (source["source"], of["name"], release["release"], written(of["auc"]), written(of["over"]))
        for release in releases
        for source in release["sources"]
        for of in source["findings"]
    ]
    columns = ("Source", "Finding", "Release", "AUC", "Healthy over 0.6")
    assert [tuple(row[column] for column in columns) for row in found] == expected


def test_answers_at_one_half_are_those_of_the_json(tables, releases):
    found = rows(tables, "Answers at probability 0.5, and the truth")
    for row, (_, _, finding) in zip(found, each_finding(releases, 0), strict=True):
        of, counts = finding["accuracy"], finding["accuracy"]["confusion"]
        assert (row["Sensitivity"], row["Specificity"]) == (written(of["sensitivity"]), written(of["specificity"]))
        assert row["Brier score"] == written(of["brier"], 3)
        assert (row["With it: answered present"], row["Without it: answered present"]) == (
            str(counts["true_present"]),
            str(counts["false_present"]),
        )


def test_calibration_is_that_of_the_json(tables, releases):
    expected = [
        (
            name,
            release,
            written(finding["calibration"]["ece"]),
            each["name"],
            written(each["log_loss"], 3),
            written(each["log_loss_gain"], 3),
        )
        for name, release, finding in each_finding(releases, 0)
        for each in finding["calibration"]["methods"]
    ]
    columns = ("Finding", "Release", "ECE", "Calibration method", "Log loss", "Gain over Platt")
    assert [tuple(row[column] for column in columns) for row in rows(tables, "Calibration")] == expected


def test_coverage_is_that_of_the_json(tables, releases):
    found = iter(rows(tables, "Prediction sets"))
    for _, _, finding in each_finding(releases, 0):
        for of in finding["coverage"]:
            row = next(found)
            assert row["α"] == f"{of['alpha']:g}"
            assert row["Coverage, with it: binomial"] == written(of["with_finding"]["covered"])
            assert row["Coverage, without it: over patients"] == written(of["without"]["covered_by_patient"])
            assert row["Answered"] == written(of["answered"])
            assert sum(float(row[column]) for column in ("{present}", "{absent}", "both", "empty")) == pytest.approx(1, abs=0.02)
    assert not list(found)


def test_novelty_and_targets_are_those_of_the_json(tables, releases):
    novelty = {(row["Release"], row["Pictures"]): row for row in rows(tables, "Novelty")}
    targets = {row["What"]: row for row in rows(tables, "Targets")}
    for release in releases:
        for kind in release["novelty"]["kinds"]:
            row = novelty[release["release"], kind["kind"]]
            assert (row["AUROC"], row["Read as lung"]) == (written(kind["auroc"]), str(kind["read_as_lung"]))
        for verdict in release["verdicts"]:
            row = targets[verdict["what"]]
            assert row[release["release"]] == written(verdict["found"], 3)
            assert row[f"{release['release']}: verdict"] == ("reached" if verdict["reached"] else "not reached")


def test_subgroups_and_pcr_are_those_of_the_json(tables, releases):
    groups = {(row["Finding"], row["Release"], row["Group"]): row for row in rows(tables, "Subgroups")}
    for name, release, finding in each_finding(releases, 0):
        for group in finding["subgroups"]:
            row = groups[name, release, f"{group['variable']}: {group['group']}"]
            assert row["AUC"] == (written(group["figures"]["auc"]) if group["figures"] else "too few")
    pcr = {row["Network"]: row for row in rows(tables, "PCR of a patient from images alone")}
    assert pcr["lung-m"]["Accuracy (95 %)"] == written(releases[0]["pcr"]["accuracy"])
    assert pcr["POCOVID-Net (published)"]["Accuracy, mean ± SD of folds"] == "0.734 ± 0.05"


def test_the_learning_curve_is_that_of_the_json(tables):
    expected = [("B-lines", "lung-m", "12", "0.71 (0.61–0.79)"), ("B-lines", "lung-m", "37", "0.88 (0.83–0.93)")]
    assert [tuple(row.values()) for row in rows(tables, "Learning curve")] == expected


def test_the_texts_of_the_plots_are_those_of_the_json(html, releases):
    for _, release, finding in each_finding(releases, 0):
        assert f"{release}: AUC {written(finding['accuracy']['auc'])}" in html
        assert f"{release}: ECE {written(finding['calibration']['ece'])}" in html
        assert f"largest change {finding['quantisation']['largest_change']:.3f}" in html


def test_the_report_works_offline_without_a_script(html, tables):
    tags = {tag for tag, _ in tables.elements}
    assert not tags & {"script", "link", "img", "iframe", "object"}
    fetched = [value for _, attributes in tables.elements for name, value in attributes.items() if name in {"src", "href", "xlink:href"}]
    assert all(value.startswith("#") for value in fetched)
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_no_two_elements_share_an_id(tables):
    ids = [attributes["id"] for _, attributes in tables.elements if "id" in attributes]
    assert len(ids) == len(set(ids)) > 100


def test_the_report_states_its_limits_of_use(html):
    assert html.count("Research use, not a diagnosis") >= 2
    assert "one hospital" in html
    assert "Only 50 of the 63 published patients" in html


def test_the_report_has_every_plot_of_a_set(html):
    assert html.count("<svg") == 6 + 5 + 2, "an external set without zones has no subgroups"
