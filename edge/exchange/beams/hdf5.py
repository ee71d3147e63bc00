"""Lines as HDF5 in the layout of zea 0.1 (its `spec.py`): the map `data/image` with its values, places and times.

zea sorts a map as (frames, depth, across), so the lines are turned; the places are in metres. The geometry is in the attributes of the map.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.disk.durable import replacing
from edge.exchange.beams.facts import facts_of
from edge.exchange.beams.inverse import InverseConverter
from edge.exchange.beams.parts import Lines
from edge.notice import NOTICE

LAYOUT = "0.1.8"
"""The version of zea whose layout this is; without it, zea takes a file for one of its older layouts."""
MM_PER_M = 1000


def write_hdf5(path: Path, lines: Lines) -> None:
    """Writes the lines, frame by frame: each frame is a chunk of its own, compressed.

    Raises:
        NoBeams: its geometry gives no lines.
        BridgeError: the recording cannot be read.
        OSError: the disk refuses it.
    """
    import h5py  # noqa: PLC0415 - heavy, and wanted here only

    converter = lines.converter()
    beams, samples = converter.shape
    with replacing(path) as file, h5py.File(file, "w") as made:
        made.attrs.update({"zea_version": LAYOUT, "description": f"SonoEdge: lines from inverse scan conversion, {NOTICE}"})
        if lines.scanner:
            made.attrs["us_machine"] = lines.scanner
        image = made.create_group("data/image")
        image.attrs.update(facts_of(lines, converter))
        image["coordinates"] = _places(converter)
        times = np.asarray(lines.seconds, np.float32)
        if (np.diff(times) > 0).all():
            image["timestamps"], image["start_time_offset"] = times, np.float32(0)
        shape = (len(lines.seconds), samples, beams)
        values = image.create_dataset("values", shape, np.uint8, chunks=(1, samples, beams), compression="gzip", compression_opts=1)
        for number, each in enumerate(lines.converted(converter)):
            values[number] = each.T


def _places(converter: InverseConverter) -> NDArray[np.float32]:
    """(depth, across, 3): x to the marked side, y out of the plane, z down."""
    across, down = converter.at_mm[..., 0].T / MM_PER_M, converter.at_mm[..., 1].T / MM_PER_M
    return np.stack((across, np.zeros_like(across), down), axis=-1)
