"""ncnn: its wheel loads only its own .param files; this asks it for the .tflite file all the same.

pnnx makes such files of PyTorch or ONNX. Of the int8 network in ONNX, pnnx 20261020 leaves the layers QuantizeLinear, DequantizeLinear and
pnnx.Expression, and ncnn 1.0.20261020 refuses the last one.
"""

import ncnn

from edge.bench.peers.job import Engine, Job, Refused


def load(job: Job) -> Engine:
    if ncnn.Net().load_param(str(job.plain)) == 0:
        raise Refused("it loads the network now, and needs a loop in this benchmark")
    raise Refused("it loads .param files only, and the one that pnnx makes of this int8 network has layers that ncnn does not know")
