"""`sonoedge feedback import`: counts, figures with their intervals, and where they come from."""

import json

import pytest

from edge.cli.feedback_import import import_
from edge.feedback.study.column_map import MapAbsent

MAP = """
{id: ward, name: A ward, population: 12 patients, machine: one, source: made up, patient: who, present: ["1"], absent: ["0"], signs: [
  {id: effusion-ct, condition: pleural-effusion, sign: effusion, reference: ct, cases: {chest: {answer: [us], truth: [ct]}}}]}
"""
CASES = [(1, 1)] * 6 + [(0, 1)] * 1 + [(1, 0)] * 2 + [(0, 0)] * 8 + [(1, "")]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "ward.csv"
    path.write_text("who,us,ct\n" + "".join(f"{number},{us},{ct}\n" for number, (us, ct) in enumerate(CASES)))
    (tmp_path / "map.yaml").write_text(MAP)
    return path


def test_the_page_has_the_figures_their_source_and_the_notice_and_hides_small_counts(table, capsys):
    import_(table, table.parent / "map.yaml")
    out = capsys.readouterr().out
    assert "A ward: 18 patients\nNot figures of this site: 12 patients; one\n" in out
    row = next(line.split() for line in out.splitlines() if line.startswith("effusion-ct"))
    assert row[1:6] == ["6", "<5", "<5", "8", "0.86"]
    assert "17 cases count, 1 lack the sign or its reference" in out
    assert "Source: made up" in out
    assert out.endswith("not a diagnosis.\n")


def test_json_has_the_same_with_intervals(table, capsys):
    import_(table, table.parent / "map.yaml", as_json=True)
    stated = json.loads(capsys.readouterr().out)
    (sign,) = stated["signs"]
    assert (sign["true_present"], sign["false_present"], sign["left_out"]) == (6, None, 1)
    assert sign["sensitivity"]["value"] == pytest.approx(6 / 7)
    assert sign["sensitivity"]["low"] < 6 / 7 < sign["sensitivity"]["high"]
    assert stated["notice"]


def test_an_unknown_table_needs_a_map(table):
    with pytest.raises(MapAbsent, match=r"--map"):
        import_(table)
