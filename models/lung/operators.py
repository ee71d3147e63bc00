"""Lists the operators of a .tflite that the Edge TPU compiler does not support, so that the same file compiles for Coral."""

from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

EDGE_TPU = frozenset(
    {
        *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "EXPAND_DIMS", "FULLY_CONNECTED", "L2_NORMALIZATION"),
        *("LOGISTIC", "LSTM", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PACK", "PAD", "PRELU", "QUANTIZE", "REDUCE_MAX"),
        *("REDUCE_MIN", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "RSQRT", "SLICE"),
        *("SOFTMAX", "SPACE_TO_DEPTH", "SPLIT", "SQUEEZE", "STRIDED_SLICE", "SUB", "SUM", "SQUARED_DIFFERENCE", "TANH", "TRANSPOSE"),
        "TRANSPOSE_CONV",
    }
)
"""Operators of the Edge TPU compiler 16.0 (coral.ai/docs/edgetpu/models-intro, supported operations), by their names in TFLite's schema."""

NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}


def operators_of(model: Path) -> tuple[str, ...]:
    """The operator names of a .tflite, sorted, each once."""
    read = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model.read_bytes(), 0))
    return tuple(sorted({NAMES[code.builtinCode] for code in read.operatorCodes}))


def refused_by_edge_tpu(operators: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in operators if name not in EDGE_TPU)
