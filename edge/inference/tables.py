"""The number tables of a release: .npz files without pickled objects, with known names, kinds and sizes."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.disk.plain_file import read_plain
from edge.inference.errors import COPY_AGAIN, ModelUnusable

MOST_BYTES = 64_000_000
"""The largest table, unpacked, in bytes."""


def load_table(path: Path) -> Mapping[str, NDArray[np.generic]]:
    """Every array of an .npz file.

    Raises:
        ModelUnusable: it cannot be read, is damaged, holds objects, or unpacks to more than `MOST_BYTES`.
    """
    try:
        table = _arrays(path)
    except OSError as error:
        raise ModelUnusable(f"{path} cannot be read ({error.strerror or error})", COPY_AGAIN) from error
    except Exception as error:  # numpy's header reader raises any error of zlib, Python's tokeniser or memory
        raise ModelUnusable(f"{path} is not a table of numbers ({error})", COPY_AGAIN) from error
    if table is None:
        raise ModelUnusable(f"{path} unpacks to more than {MOST_BYTES} bytes", COPY_AGAIN)
    if not all(isinstance(each, np.ndarray) for each in table.values()):  # numpy returns content that does not begin like an array as bytes
        raise ModelUnusable(f"{path} holds content that is not an array of numbers", COPY_AGAIN)
    return table


def _arrays(path: Path) -> Mapping[str, NDArray[np.generic]] | None:
    """The arrays; None: they are too large."""
    content = io.BytesIO(read_plain(path, MOST_BYTES, links=True))
    with zipfile.ZipFile(content) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
            return None
    with np.load(content, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def array(table: Mapping[str, NDArray[np.generic]], name: str, path: Path, dimensions: int, kind: str) -> NDArray[np.generic]:
    """One array; `kind` as in `numpy.dtype.kind`, such as "f" or "i".

    Raises:
        ModelUnusable: it is absent, has another kind or shape, or holds values that are not numbers.
    """
    found = table.get(name)
    if found is None or found.ndim != dimensions or found.dtype.kind != kind:
        raise ModelUnusable(f"{path} has no {dimensions}-dimensional {name!r}", COPY_AGAIN)
    if kind == "f" and not np.isfinite(found).all():
        raise ModelUnusable(f"{name!r} in {path} holds values that are not numbers", COPY_AGAIN)
    return found


def text(table: Mapping[str, NDArray[np.generic]], name: str, path: Path) -> str:
    return str(array(table, name, path, 0, "U"))
