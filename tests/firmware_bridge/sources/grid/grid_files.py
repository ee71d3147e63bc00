"""MetaImage and NRRD files of five images, with any fields."""

import numpy as np

STACK = np.random.default_rng(5).integers(0, 256, (5, 6, 9), dtype=np.uint8)
PLAIN = STACK.tobytes()


def mha(body, data_file="LOCAL", **fields):
    fields_of_file = {"NDims": 3, "DimSize": "9 6 5", "ElementType": "MET_UCHAR", **fields, "ElementDataFile": data_file}
    return "".join(f"{key} = {value}\n" for key, value in fields_of_file.items()).encode() + body


def nrrd(body, *pairs, **fields):
    fields_of_file = {"type": "uint8", "dimension": 3, "sizes": "9 6 5", "encoding": "raw", **fields}
    lines = [f"{key.replace('_', ' ')}: {value}" for key, value in fields_of_file.items()]
    return ("NRRD0005\n" + "\n".join([*lines, *pairs]) + "\n\n").encode() + body


def pixels(frames):
    return np.stack([frame.pixels for frame in frames])


def times(frames):
    return [frame.captured_us for frame in frames]
