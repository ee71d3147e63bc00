"""What can be wrong with a model."""

from firmware_bridge.errors import InputRefused

COPY_AGAIN = "Copy the whole release again"


class ModelUnusable(InputRefused):
    """The model file or what belongs to it cannot be used."""

    code = "model-unusable"
