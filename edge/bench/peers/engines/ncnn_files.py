"""ncnn: its wheel loads only its own .param files, which pnnx makes of PyTorch or ONNX; this asks it for the .tflite file all the same."""

import ncnn

from edge.bench.peers.job import Engine, Job, Refused


def load(job: Job) -> Engine:
    if ncnn.Net().load_param(str(job.plain)) == 0:
        raise Refused("it loads the network now, and needs a loop in this benchmark")
    raise Refused("the wheel loads .param files only, which pnnx makes of PyTorch or ONNX; of the .tflite file it reads no layer")
