"""A copy of a .tflite file that strict readers accept: the same network, with the weights inside the FlatBuffers table.

The quantiser puts the weights after the table, at an offset, which LiteRT reads. OpenVINO and tf2onnx do not.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

INSIDE = 1
"""The largest offset of a buffer that is inside the table; see the comment of Buffer in TensorFlow Lite's schema.fbs."""
IDENTIFIER = b"TFL3"


def plain(content: bytes) -> bytes:
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for buffer in model.buffers:
        if buffer.offset > INSIDE:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())
