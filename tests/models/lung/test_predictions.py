from dataclasses import fields, replace

import numpy as np
import pytest

from models.lung.predictions import Predictions, PredictionsUnusable, Strangers


def same(one, other):
    return all(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=np.asarray(a).dtype.kind == "f") for a, b in pairs(one, other))


def pairs(one, other):
    for field in fields(one):
        if field.name != "strangers":
            yield getattr(one, field.name), getattr(other, field.name)


def test_saved_predictions_load_unchanged(tmp_path, predictions):
    path = tmp_path / "predictions.npz"
    predictions.save(path)
    loaded = Predictions.load(path)
    assert same(loaded, predictions)
    assert same(loaded.strangers, predictions.strangers)
    assert loaded.findings == ("b_lines", "a_lines", "severity_2_plus")
    assert np.isnan(loaded.labels).any()
    assert [file.name for file in tmp_path.iterdir()] == ["predictions.npz"]


def test_no_array_needs_pickle(tmp_path, predictions):
    predictions.save(tmp_path / "predictions.npz")
    with np.load(tmp_path / "predictions.npz", allow_pickle=False) as found:
        assert {found[name].dtype.kind for name in found.files} <= set("fiUb")
        assert len(found.files) == len(fields(Predictions)) - 1 + len(fields(Strangers))


def test_for_absent_predictions_the_error_names_the_commands_to_run(tmp_path):
    with pytest.raises(PredictionsUnusable, match=r"models\.lung\.train and python -m models\.lung\.quantize"):
        Predictions.load(tmp_path / "predictions.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x00" * 400])
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "predictions.npz"
    path.write_bytes(content)
    with pytest.raises(PredictionsUnusable, match="is not a table of numbers"):
        Predictions.load(path)


def test_a_missing_array_is_named(tmp_path):
    np.savez(tmp_path / "predictions.npz", allow_pickle=False, release=np.array("lung-m"))
    with pytest.raises(PredictionsUnusable, match="findings"):
        Predictions.load(tmp_path / "predictions.npz")


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("labels", lambda each: each[:, :2]),
        ("patients", lambda each: each[1:]),
        ("int8_logits", lambda each: np.full_like(each, np.nan)),
        ("novelty", lambda each: np.full_like(each, np.inf)),
    ],
)
def test_arrays_that_do_not_match_are_named(tmp_path, predictions, name, spoil):
    replace(predictions, **{name: spoil(getattr(predictions, name))}).save(tmp_path / "predictions.npz")
    with pytest.raises(PredictionsUnusable, match=name):
        Predictions.load(tmp_path / "predictions.npz")


def test_arrays_of_foreign_pictures_that_do_not_match_are_named(tmp_path, predictions):
    strangers = replace(predictions.strangers, kinds=predictions.strangers.kinds[1:])
    replace(predictions, strangers=strangers).save(tmp_path / "predictions.npz")
    with pytest.raises(PredictionsUnusable, match="stranger_kinds"):
        Predictions.load(tmp_path / "predictions.npz")
