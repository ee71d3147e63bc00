"""`python -m models.foreign`: fits the score that separates ultrasound from other pictures, tests it on left-out groups and writes it."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from edge.vision.foreign import FARTHEST, ForeignScore
from edge.vision.quality import check_of
from edge.vision.strangers import STRANGERS
from models.foreign.examples import Example, examples
from models.lung.command import run

Numbers = NDArray[np.float64]

FOLDS, REGULARISATION = 8, 0.03
CAUTION = -0.8
"""Log-odds above which a picture counts as foreign; the score is shifted so that this value is 0."""
COUNTS = {STRANGERS: 4.5, "generated": 1.5, "covid_blues": 2.0, "pocus_lung": 3.5, "dicom_us": 0.5, "itkpocus_clips": 0.7, "simulated": 2.5}
"""The weight of each source; within a source, each group has the same weight."""


def main(
    data: Annotated[Path, typer.Option(envvar="SONOEDGE_DATA", help="folder of the data sets")] = Path("../shared/data"),
    out: Annotated[Path, typer.Option(help="output file of the score")] = Path("edge/vision/foreign.json"),
) -> None:
    """Fits and tests the score; prints what its limit in quality.yaml accepts and refuses."""
    limit = check_of("NOT_ULTRASOUND").high
    known = list(track(examples(data), "looking", total=None))
    score, left_out = judged(known)
    out.write_text(_written(score))
    typer.echo(report(known, score, left_out, limit))


def judged(known: list[Example]) -> tuple[ForeignScore, Numbers]:
    """The score fitted to all examples, and for each example the score from a fit without its group."""
    values = np.array([example.features for example in known])
    foreign, groups = np.array([example.foreign for example in known]), np.array([example.group for example in known])
    weights = _weights(known)
    left_out = np.zeros(len(known))
    for some, others in GroupKFold(FOLDS).split(values, foreign, groups):
        left_out[others] = fit(values[some], foreign[some], weights[some]).of(values[others])
    return fit(values, foreign, weights), left_out


def report(known: list[Example], score: ForeignScore, left_out: Numbers, limit: float) -> str:
    """What the limit accepts and refuses, source by source, and which foreign pictures it misses."""
    seen = score.of(np.array([example.features for example in known]))
    lines = [f"{'called not ultrasound':32}{'left out':>10}{'all seen':>10}"]
    for source in COUNTS:
        for name, whole in (("as they are", True), ("varied", False)):
            which = np.array([example.source == source and (example.seen >= 0) is whole for example in known])
            if which.any():
                shares = (float((scored[which] > limit).mean()) for scored in (left_out, seen))
                lines.append(f"{source + ', ' + name:32}" + "".join(f"{share:10.2%}" for share in shares))
    for example, scored in zip(known, left_out, strict=True):
        if example.source == STRANGERS and example.seen >= 0 and scored <= limit:
            lines.append(f"missed where left out: {example.file} ({scored:.1f})")
    return "\n".join(lines)


def fit(values: Numbers, foreign: NDArray[np.bool_], weights: Numbers) -> ForeignScore:
    """A logistic regression on (pictures, features) and on all products of two features; the features are standardised."""
    mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0) + 1e-6
    z = np.nan_to_num(np.clip((values - mean) / deviation, -FARTHEST, FARTHEST))
    count = z.shape[1]
    one, other = np.triu_indices(count)
    terms = np.hstack([z, z[:, one] * z[:, other]])
    centre, width = terms.mean(axis=0), terms.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=REGULARISATION, max_iter=1000).fit((terms - centre) / width, foreign, sample_weight=weights)
    slopes = fitted.coef_[0] / width
    products = np.zeros((count, count))
    products[one, other] = slopes[count:]
    return ForeignScore(
        mean=_rounded(mean),
        deviation=_rounded(deviation),
        offset=round(float(fitted.intercept_[0] - slopes @ centre) - CAUTION, 4),
        weights=_rounded(slopes[:count]),
        products=[_rounded(row) for row in products],
    )


def _written(score: ForeignScore) -> str:
    """JSON with one line for each list of numbers."""
    fields = {name: json.dumps(value) for name, value in score.model_dump().items()}
    fields["products"] = "[\n  " + ",\n  ".join(json.dumps(row) for row in score.products) + "\n ]"
    return "{\n" + ",\n".join(f' "{name}": {value}' for name, value in fields.items()) + "\n}\n"


def _rounded(values: Numbers) -> list[float]:
    return [round(float(value), 4) for value in values]


def _weights(known: list[Example]) -> Numbers:
    """(examples,): each group of a source has the same weight, and each source the weight in `COUNTS`."""
    sources, groups = (np.array([getattr(example, of) for example in known]) for of in ("source", "group"))
    weights = np.zeros(len(known))
    for source, count in COUNTS.items():
        which = sources == source
        if not which.any():
            continue
        _, group, size = np.unique(groups[which], return_inverse=True, return_counts=True)
        weights[which] = 1000 * count / len(size) / size[group]
    return weights


if __name__ == "__main__":
    run(main)
