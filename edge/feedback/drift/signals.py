"""What the drift watch sees of one exam: no label, no picture, no name."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.inference.statistics import Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Values of an exam by channel, such as a quality metric, a setting or the probability of a finding: (clips,), or fewer, or none.

    Of names, such as those of presets, each is a channel of 1 and 0. `features` (clips, features) are those of the network, None without.
    """

    values: Mapping[str, Numbers]
    features: Numbers | None = None
