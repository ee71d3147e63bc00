"""A table comes from the maker of the release: it holds the packed arrays, or it is refused."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.inference.errors import ModelUnusable
from edge.inference.tables import load_table

ARRAYS = {"model_sha256": np.array("0" * 64), "centre": np.arange(20, dtype=np.float32), "lungs": np.ones((5, 4), np.float32)}
HEADER = 128
"""Bytes before an array's own, where its kind and shape stand."""
MUTATIONS = st.lists(
    st.tuples(st.sampled_from(["write", "insert", "cut"]), st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4
)


def packed(save):
    out = io.BytesIO()
    save(out, **ARRAYS)
    return out.getvalue()


def mutated(content, mutations):
    content = bytearray(content)
    for what, place, new in mutations:
        at = int(place * len(content))
        content[at : at + (0 if what == "insert" else len(new))] = b"" if what == "cut" else new
    return bytes(content)


def loaded(content):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.npz"
        path.write_bytes(content)
        return load_table(path)


def loaded_or_refused(content):
    try:
        found = loaded(content)
    except ModelUnusable:
        return
    assert all(isinstance(each, np.ndarray) for each in found.values())


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_packed_arrays_are_loaded_unchanged(save):
    found = loaded(packed(save))
    assert found.keys() == ARRAYS.keys()
    assert all((found[name] == ARRAYS[name]).all() for name in ARRAYS)


@settings(max_examples=400)
@given(content=st.sampled_from([packed(np.savez), packed(np.savez_compressed)]), mutations=MUTATIONS)
def test_a_mutated_table_is_loaded_or_refused(content, mutations):
    loaded_or_refused(mutated(content, mutations))


@settings(max_examples=400)
@given(mutations=MUTATIONS)
def test_an_array_whose_header_was_mutated_before_it_was_packed_is_loaded_or_refused(mutations):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed(np.savez))) as there, zipfile.ZipFile(out, "w") as writer:
        for name in there.namelist():
            content = there.read(name)
            writer.writestr(name, mutated(content[:HEADER], mutations) + content[HEADER:] if name == "centre.npy" else content)
    loaded_or_refused(out.getvalue())


def test_an_array_that_states_a_shape_beyond_all_memory_is_refused():
    out = io.BytesIO()
    header = np.lib.format.magic(1, 0) + (118).to_bytes(2, "little")
    header += b"{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999,), }".ljust(117) + b"\n"
    with zipfile.ZipFile(out, "w") as writer:
        writer.writestr("centre.npy", header)
    with pytest.raises(ModelUnusable, match="not a table of numbers"):
        loaded(out.getvalue())
