"""From a frame to the network's input as the usual loop makes it, which the loops of the peers share."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge.bench.peers.job import Job, Pixels

MEAN, DEVIATION = np.float32(128), np.float32(128)
"""The network's own normalisation: grey 0..255 stands for -1..127/128."""


def tensor_of(pixels: Pixels, job: Job) -> NDArray[np.int8]:
    """(rows, columns) grey to int8 (1, side, side, 1).

    As TensorFlow Lite's example label_image.py resizes and normalises, and as its guide to post-training integer quantisation quantises.
    """
    picture = Image.fromarray(pixels).resize((job.side, job.side))
    real = (np.float32(np.expand_dims(np.asarray(picture), (0, 3))) - MEAN) / DEVIATION
    whole: NDArray[np.int8] = (real / np.float32(job.scale) + job.zero_point).astype(np.int8)
    return whole
