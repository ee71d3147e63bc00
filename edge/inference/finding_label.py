"""FindingLabel: the name of one output of the network, and the meaning of its numbers."""

import math
from dataclasses import dataclass

from edge.inference.errors import COPY_AGAIN, OutputNotFinite

PRESENT, ABSENT = "present", "absent"
CANNOT_TELL = (PRESENT, ABSENT)
"""The prediction set that rules out neither answer."""


@dataclass(frozen=True, slots=True)
class FindingLabel:
    """`key` is a stable name for machines (`b_lines`), `name` is for people ("B-lines").

    `slope` and `offset` calibrate (Platt scaling, 1999); `present_from` and `absent_to` are the class-conditional conformal thresholds
    of probability (Vovk, ACML 2012). All are fitted on clips of patients who were not in the training data.
    """

    key: str
    name: str
    slope: float
    offset: float
    present_from: float
    absent_to: float

    def probability(self, logit: float) -> float:
        """0 to 1 for a frame's logit or for the mean logit of a clip.

        Raises:
            OutputNotFinite: the logit is not a finite number.
        """
        if not math.isfinite(logit):
            raise OutputNotFinite(f"The network's output for {self.key} is {logit}, not a finite number", COPY_AGAIN)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * logit + self.offset))))

    def set_of(self, probability: float) -> tuple[str, ...]:
        """The answers that cannot be ruled out: `present`, `absent`, or both.

        A probability that fits neither leaves no answer; that states no more than both, so both are returned.
        """
        present, absent = probability >= self.present_from, probability <= self.absent_to
        if present == absent:
            return CANNOT_TELL
        return (PRESENT,) if present else (ABSENT,)
