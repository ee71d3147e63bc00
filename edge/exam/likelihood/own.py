"""The site's own figures of a sign, from patients whose condition became known, and when they may replace published ones."""

from dataclasses import dataclass

from edge.exam.likelihood.published import Ratio
from edge.inference.acceptance.limits import PATIENTS


@dataclass(frozen=True, slots=True)
class Own:
    """How the sign answered the `condition` here: `with_it` and `without_it` count the patients, and each share has its lower 95 % bound.

    The figures must be of the condition itself, as outcomes state it: an acceptance judges a finding against a reader, which is another
    question unless its labels are the condition. `where` names the machine, the people and the time, for those who read the result.
    """

    condition: str
    where: str
    sensitivity: float
    sensitivity_at_least: float
    specificity: float
    specificity_at_least: float
    with_it: int
    without_it: int

    def __post_init__(self) -> None:
        bounds = ((self.sensitivity_at_least, self.sensitivity), (self.specificity_at_least, self.specificity))
        if not all(0 <= least <= share <= 1 and least < 1 for least, share in bounds):
            raise ValueError("a share lies between its lower bound and 1, and no lower bound is 1")

    @property
    def why_not(self) -> str:
        """Why they may not be used yet; empty where they may.

        The bounds must add up to more than 1: then the sign tells more than chance with this confidence (Youden, Cancer 1950;3:32).
        """
        if min(self.with_it, self.without_it) < PATIENTS.least:
            counted = f"{self.with_it} patients with it and {self.without_it} without"
            return f"the site's own figures are of {counted}; {PATIENTS.least:g} of each are needed"
        if self.sensitivity_at_least + self.specificity_at_least <= 1:
            bounds = f"sensitivity at least {self.sensitivity_at_least:.2f}, specificity at least {self.specificity_at_least:.2f}"
            return f"the site's own figures do not yet tell the sign from chance ({bounds})"
        return ""

    def ratio(self, *, present: bool) -> Ratio:
        """The likelihood ratio of the sign, or of its absence; the lower bounds give one end of its interval, the other is open.

        Where not one patient was misjudged, the share of errors is taken from its bound: a ratio without limit would be certainty.
        """
        if present:
            at_least = self.sensitivity_at_least / (1 - self.specificity_at_least)
            wrong = (1 - self.specificity) or (1 - self.specificity_at_least)
            return Ratio(value=self.sensitivity / wrong, low=at_least)
        at_most = (1 - self.sensitivity_at_least) / self.specificity_at_least
        missed = (1 - self.sensitivity) or (1 - self.sensitivity_at_least)
        return Ratio(value=missed / self.specificity, high=at_most)
