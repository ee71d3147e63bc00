"""The network alone: the appliance's interpreter on a tensor that is ready. No program that uses this runtime can be faster."""

from pathlib import Path

from edge.bench.peers.engines.picture import tensor_of
from edge.bench.peers.job import Engine, Job, looped
from edge.inference.runtime import Interpreter


def load(job: Job) -> Engine:
    interpreter = Interpreter(Path(job.network))
    tensor = tensor_of(job.frames[0], job)
    return Engine(looped(lambda _: interpreter.invoke(tensor), job.frames).run)
