"""The model card of a release: what it is, its training data, its performance, its intended use and its limits."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from edge.inference.statistics import Estimate
from edge.notice import NOTICE
from models.lung.evaluation.evaluation import Evaluation, FindingEvaluation, ReleaseEvaluation
from models.lung.recipe import NetworkRecipe, Recipe

TEMPLATE = "card_template.html"


@dataclass(frozen=True, slots=True)
class Cost:
    """One finding, evaluated with all data and without the excluded data."""

    name: str
    whole: Estimate
    without: Estimate | None


def card(network: NetworkRecipe, recipe: Recipe, judged: Evaluation, against: Evaluation | None = None) -> str:
    """HTML that needs no other file.

    Raises:
        PredictionsUnusable: there is no evaluation of the network.
    """
    release = judged.of(network.name)
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters["estimate"] = estimate_text
    pages.filters["estimate_of_auc"] = lambda point: estimate_text(Estimate(point.auc, point.low, point.high))
    taught = [dataset for dataset in recipe.datasets if dataset.use == "train"]
    return pages.get_template(TEMPLATE).render(
        network=network,
        recipe=recipe,
        training=recipe.training,
        notice=NOTICE,
        release=release,
        family=judged.releases,
        names={finding.key: finding.name for finding in recipe.findings},
        taught=taught,
        judging=[dataset for dataset in recipe.datasets if dataset.use == "judge"],
        exclusions="".join(f" --exclude {dataset.folder}" for dataset in taught if "ND" in dataset.licence),
        account=Markup(recipe.account.read_text(encoding="utf-8")) if recipe.account else "",  # noqa: S704 - the maker's own HTML
        costs=_costs(release, against.of(network.name)) if against else [],
    )


def estimate_text(value: Estimate | None) -> str:
    return "too few" if value is None else f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"


def _costs(without: ReleaseEvaluation, whole: ReleaseEvaluation) -> list[Cost]:
    """The findings for which both releases were evaluated on left-out patients of their own data."""
    found: dict[str, FindingEvaluation] = {finding.key: finding for finding in without.cross_validated}
    return [Cost(f.name, f.accuracy.auc, found[f.key].accuracy.auc if f.key in found else None) for f in whole.cross_validated]
