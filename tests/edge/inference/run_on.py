"""Run by another environment's Python: `run_on.py tensors.npy outputs.npy` invokes the release's model on each tensor."""

import sys

import numpy as np

from edge.inference.release import ModelRelease
from edge.inference.runtime import Interpreter


def main(tensors, outputs):
    interpreter = Interpreter(ModelRelease.load().path)
    np.save(outputs, np.stack([interpreter.invoke(t)[0] for t in np.load(tensors)]))
    print(interpreter.runtime, interpreter.version)


if __name__ == "__main__":
    main(*sys.argv[1:])
