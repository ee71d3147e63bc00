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
    9,
    "Conformal thresholds at 10 % error need 1/0.1 - 1 = 9 cases of each class (Vovk, ACML 2012). Without a miss, 9 patients are also the "
    "fewest of which the exact lower 95 % bound reaches the next limit: 0.05^(1/9) = 0.72 (Clopper & Pearson 1934)",
)
COVERAGE = Limit(
    "lower 95 % bound of the share of patients whose true answer is not ruled out, in each class",
    0.70,
    "The promise is 0.9. Exact bound of independent trials, with patients as the trials (Clopper & Pearson 1934): "
    "9 of 9, 18 of 20, 26 of 30 or 41 of 50 patients reach it",
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
LIMITS = (PATIENTS, COVERAGE, AUC, ANSWERED)
