"""A column map is data: whole, or refused with the place of its fault."""

import pytest
import yaml

from edge.feedback.study.column_map import SHIPPED, MapAbsent, MapInvalid, load_map, shipped_map

MAP = yaml.safe_load((SHIPPED / "lus_ed.yaml").read_text())


@pytest.fixture
def written(tmp_path):
    def write(**changed):
        path = tmp_path / "map.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in (MAP | changed).items() if value is not None}))
        return path

    return write


def test_every_shipped_map_is_valid_and_is_found_by_the_name_of_its_table(tmp_path):
    names = [path.stem for path in SHIPPED.glob("*.yaml")]
    assert "lus_ed" in names
    assert all(shipped_map(tmp_path / f"{name}.csv").source for name in names)


def test_each_column_is_named_once(written):
    columns = load_map(written()).columns
    assert columns[0] == "S.NO"
    assert len(columns) == len(set(columns)) == 16


@pytest.mark.parametrize(
    ("changed", "stated"),
    [
        ({"patient": None}, "patient: Field required"),
        ({"signs": []}, "signs: "),
        ({"colour": "red"}, "colour: Extra inputs"),
        ({"signs": [MAP["signs"][0] | {"condition": "gout"}]}, r"signs.0.condition: No condition is called gout"),
        ({"signs": [MAP["signs"][0] | {"reference": "guess"}]}, r"signs.0.reference"),
    ],
)
def test_a_fault_is_stated_with_its_place(written, changed, stated):
    with pytest.raises(MapInvalid, match=stated):
        load_map(written(**changed))


def test_what_is_no_map_is_refused(tmp_path):
    (tmp_path / "list.yaml").write_text("- a\n")
    for path in (tmp_path / "list.yaml", tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(MapInvalid, match=str(path)):
            load_map(path)


def test_without_a_shipped_map_one_has_to_be_given(tmp_path):
    with pytest.raises(MapAbsent, match=r"lus_ed\.csv"):
        shipped_map(tmp_path / "ward.csv")
