import pytest

from edge.inference.release import BUILT_IN, ModelRelease

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="needs ai-edge-litert")

from models.lung.operators import operators_of, refused_by_edge_tpu


@pytest.mark.parametrize("name", sorted(path.name for path in BUILT_IN.iterdir() if path.is_dir()))
def test_every_release_compiles_for_coral_and_lists_its_operators(name):
    release = ModelRelease.load(BUILT_IN / name)
    operators = operators_of(release.path)
    assert "CONV_2D" in operators
    assert refused_by_edge_tpu(operators) == ()
    assert release.operators == operators


def test_an_unsupported_operator_is_named():
    assert refused_by_edge_tpu(("CONV_2D", "CUMSUM", "HARD_SWISH")) == ("CUMSUM", "HARD_SWISH")
