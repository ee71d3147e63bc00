"""The column map: the shipped one is that of COVID-BLUES, and a wrong one is refused with the place of its fault."""

import pytest

from edge.bench.ward.column_map import SHIPPED, load_ward_map
from edge.feedback.study.column_map import MapInvalid
from edge.feedback.truth.condition import Reference


def test_the_shipped_map_is_that_of_covid_blues():
    about = load_ward_map(SHIPPED)
    assert (about.id, about.protocol, about.machine) == ("covid-blues", "blue-6", "Philips Lumify")
    severe = about.clips.labels["severity_2_plus"]
    assert [severe.of({"severity": cell}) for cell in ("3", "1", "", "4")] == [True, False, None, None]
    assert [(each.condition, each.reference) for each in about.patients.outcomes] == [("covid-19", Reference.LABORATORY)]
    assert "learnt from these clips" in about.note


@pytest.mark.parametrize(
    ("before", "after", "stated"),
    [
        ("reference: laboratory", "reference: ct", "ct does not determine covid-19; laboratory, follow-up do"),
        ("condition: covid-19", "condition: plague", "No condition is called plague"),
        ("machine: Philips Lumify", 'machine: "Philips\\u200bLumify"', "invisible character"),
        ("zone: blue_point", "place: blue_point", "clips.zone: Field required"),
        ('"blues_p{}"', '"blues"', "patients.called"),
        ("table: manifest.csv", "table: ../manifest.csv", "clips.table"),
        ("b_lines: {", "effusion: {", "clips.labels"),
        ("id: covid-blues", "id: [", "cannot be read"),
    ],
)
def test_a_wrong_map_is_refused_with_the_place_of_its_fault(tmp_path, before, after, stated):
    text = SHIPPED.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "map.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(MapInvalid, match=str(path)) as refused:
        load_ward_map(path)
    assert stated in refused.value.what
    assert "covid_blues.yaml is an example" in refused.value.fix


def test_a_map_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MapInvalid, match="cannot be read"):
        load_ward_map(tmp_path / "no.yaml")
