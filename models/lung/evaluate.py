"""`python -m models.lung.evaluate`: evaluates the networks of a recipe on patients they never saw; writes JSON and a report."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from edge.disk.durable import replace_file
from edge.inference.look import LOOK, LookFile
from edge.inference.release_files import parse
from models.lung.command import DataOption, ExcludeOption, NetworkOption, RecipeOption, WorkOption, chosen, run
from models.lung.evaluation import evaluation as whole
from models.lung.evaluation.judge import Known, judge
from models.lung.evaluation.learning import load_learning_curve
from models.lung.predictions import FILE, Predictions
from models.lung.recipe import Recipe
from models.lung.report.page import page

REPORT = "report.html"


def main(
    *,
    data: DataOption = Path("../shared/data"),
    work: WorkOption = Path("runs/lung"),
    recipe_file: RecipeOption = None,
    exclude: ExcludeOption = None,
    network: NetworkOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for evaluation.json and report.html; the default is WORK/report.")] = None,
) -> None:
    """Evaluates the predictions that `quantize` wrote to WORK/NETWORK/predictions.npz, for all networks in one report."""
    recipe, networks = chosen(recipe_file, exclude, network)
    predictions = {each.name: Predictions.load(work / each.name / FILE) for each in networks}
    curves = {name: load_learning_curve(work / name) for name in predictions}
    known = Known.of(list(predictions.values()), data, {finding.key: finding.name for finding in recipe.findings})
    with Progress() as progress:
        judged = tuple(judge(each, known, curves[name], progress) for name, each in predictions.items())
    evaluation = whole.Evaluation(tuple(replace(each, looks=_looks(work / each.release)) for each in judged), _data(recipe))
    folder = out or work / "report"
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / whole.FILE, whole.dump(evaluation))
    replace_file(folder / REPORT, page(evaluation).encode())
    typer.echo(folder / REPORT)


def _looks(folder: Path) -> tuple[whole.LookEvaluation, ...]:
    return tuple(whole.LookEvaluation(each.machine.name, each.guard) for each in parse(folder / LOOK, LookFile).machines)


def _data(recipe: Recipe) -> tuple[whole.DataSource, ...]:
    return tuple(whole.DataSource(each.name, each.source, each.licence, each.use == "train") for each in recipe.datasets)


if __name__ == "__main__":
    run(main)
