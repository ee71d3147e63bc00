"""The layout names everything that the appliance writes into its data folder, and no other module does."""

import ast
import json
import urllib.request
from pathlib import Path

import pytest

from edge.appliance import Appliance
from edge.disk.layout import DataFolder
from edge.settings import Settings

EDGE = Path(__file__).parents[3] / "edge"
LAYOUT = EDGE / "disk" / "layout.py"
NAMES = {name for name, member in vars(DataFolder).items() if isinstance(member, property)}
CHEST = "virtual://chest?size=128&rendered=4&fps=30"
WRITTEN = {
    *("audit_heads", "audit_key", "backups", "exams", "pin_hash", "probe_checks", "records", "records_lock", "records_sum", "recordings"),
}
"""What a short run cannot do without."""


def post(appliance, path, **body):
    content = {"content-type": "application/json"}
    request = urllib.request.Request(f"{appliance.url}api/v1/{path}", json.dumps(body).encode(), content, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def used(tmp_path_factory, eventually):
    """The data folder of an appliance that recorded, examined a patient, checked its probe and was claimed."""
    folder = tmp_path_factory.mktemp("data")
    with Appliance(Settings(source=CHEST, port=0, data_dir=folder, threads=1)) as appliance:
        eventually(lambda: appliance.counts.read > 2, "no frames were read")
        post(appliance, "recording")
        post(appliance, "exams")
        post(appliance, "probe/checks")
        post(appliance, "backups")
        post(appliance, "claim", badge="abebe", name="Abebe", pin="482915")
    return DataFolder(folder)


@pytest.mark.slow
def test_a_run_writes_nothing_that_the_layout_does_not_know(used):
    known = {getattr(used, name) for name in NAMES}
    assert {path.name for path in used.root.iterdir() if path not in known} == set()


@pytest.mark.slow
def test_a_run_writes_what_the_layout_names(used):
    assert {name for name in NAMES if getattr(used, name).exists()} >= WRITTEN


def test_no_two_places_have_one_name(tmp_path):
    data = DataFolder(tmp_path)
    assert len({getattr(data, name) for name in NAMES}) == len(NAMES)
    assert all(tmp_path in getattr(data, name).parents for name in NAMES)


def joined(tree):
    """Where code joins a data folder and a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
            left = node.left.attr if isinstance(node.left, ast.Attribute) else getattr(node.left, "id", "")
            if left == "data_dir":
                yield node.lineno


def named(tree, names):
    """Where code writes the name of a file of the data folder."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in names:
            yield node.lineno


def test_no_other_module_names_what_is_in_the_data_folder():
    data = DataFolder(Path())
    files = {getattr(data, name).name for name in NAMES}
    files = {name for name in files if not name.isidentifier() or "_" in name} - {"model_keys"}  # a word may be a field of the API too
    found = []
    for path in sorted(EDGE.rglob("*.py")):
        if path != LAYOUT:
            tree = ast.parse(path.read_text())
            found += [f"{path.relative_to(EDGE)}:{line}" for line in (*joined(tree), *named(tree, files))]
    assert found == []
