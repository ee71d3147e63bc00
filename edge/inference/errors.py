"""What can be wrong with a model."""

from firmware_bridge.errors import SonoEdgeError

COPY_AGAIN = "Copy the whole release again"


class ModelUnusable(SonoEdgeError):
    """The model file or what belongs to it cannot be used."""

    code = "model-unusable"
