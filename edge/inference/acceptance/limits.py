"""What a site's clips must show before a release may decide a finding on its machine: each number, and its source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """`least` is the lowest accepted value of what `name` names; `source` states where it comes from."""

    name: str
    least: float
    source: str


PATIENTS = Limit(
    "patients with the finding, and patients without it",
    10,
    "Conformal thresholds at 10 % error need 1/0.1 - 1 = 9 cases of each class (Vovk, ACML 2012); one patient more is left out of each fit",
)
COVERAGE = Limit(
    "share of clips whose true answer is not ruled out, with the finding and without it",
    0.85,
    "The promise is 0.9 for machines where the release was validated; a twentieth is left for chance",
)
BOUND = Limit(
    "lower 95 % bound of that share, with patients as the trials",
    0.60,
    "Exact bound (Clopper & Pearson, Biometrika 1934;26:404): 9 of 10 patients have 0.61, 18 of 20 have 0.72, 43 of 50 have 0.75",
)
AUC = Limit(
    "lower 95 % bound of the AUC",
    0.60,
    "0.5 is chance, and up to 0.7 the accuracy is low (Swets, Science 1988;240:1285). Percentile bootstrap over patients: none of 1200 "
    "simulated networks without skill reached it, on 9 to 40 patients with the finding and 9 to 60 without",
)
ANSWERED = Limit(
    "share of clips with one answer",
    0.10,
    "Below this, the machine stays without an answer in nearly every exam, as it is without an acceptance",
)
LIMITS = (PATIENTS, COVERAGE, BOUND, AUC, ANSWERED)
