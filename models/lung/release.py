"""`python -m models.lung.release`: writes each network of the recipe as a release for the appliance."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from edge.disk.digest import digest_of
from edge.inference import conformal
from edge.inference import release as names
from edge.inference.elsewhere import ELSEWHERE, Elsewhere, OnNewSources
from edge.inference.golden import GoldenTable, computed, machine
from edge.inference.look import LOOK
from edge.inference.release_files import Calibration, Conformal, Dataset, Manifest, Named, Platt, Thresholds
from edge.inference.runtime import Interpreter
from edge.inference.validation import VALIDATION
from edge.notice import NOTICE
from edge.vision.prepare import to_tensor
from models.lung import calibrate
from models.lung.card import card
from models.lung.chests import Chests
from models.lung.command import ExcludeOption, NetworkOption, RecipeOption, WorkOption, chosen, run
from models.lung.evaluation import evaluation
from models.lung.evaluation.evaluation import ReleaseEvaluation
from models.lung.evaluation.sources import EVERY, NOT_IN_HEALTHY
from models.lung.operators import operators_of
from models.lung.predictions import FILE as PREDICTIONS
from models.lung.predictions import Predictions
from models.lung.recipe import NetworkRecipe, Recipe
from models.lung.subsets import ALL
from models.lung.validation import validation
from models.lung.work import work_folder

TASK = "lung"
GOLDEN_VECTORS = 8
LICENCE = (
    "Weights for non-commercial research, in keeping with the data's licences. Whether weights are adapted material of the data "
    "that they were made from is not settled."
)


@dataclass(frozen=True, slots=True)
class Making:
    """One release in preparation: its parts, and its folder."""

    network: NetworkRecipe
    recipe: Recipe
    predictions: Predictions
    judged: ReleaseEvaluation
    model: Path
    folder: Path

    @property
    def digest(self) -> str:
        return digest_of(self.model)

    def write(self, page: str) -> None:
        """Replaces the files in the folder; the novelty table and the looks come from the folder of the model."""
        golden = self._golden()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        model = self.folder / f"{self.network.name}.tflite"
        shutil.copyfile(self.model, model)
        calibration, sets = self._fitted()
        _write(self.folder / names.CALIBRATION, calibration.model_dump_json(indent=2))
        _write(self.folder / names.CONFORMAL, sets.model_dump_json(indent=2))
        if figures := elsewhere(self.digest, self.judged):
            _write(self.folder / ELSEWHERE, figures.model_dump_json(indent=2))
        _write(self.folder / VALIDATION, validation(self.digest, self.recipe, self.judged).model_dump_json(indent=2))
        for name in (names.NOVELTY, LOOK):
            shutil.copyfile(self.model.parent / name, self.folder / name)
        golden.save(self.folder / names.GOLDEN)
        _write(self.folder / names.CARD, page)
        _write(self.folder / names.MANIFEST, json.dumps(self._manifest(model).model_dump(mode="json"), indent=2))

    def _fitted(self) -> tuple[Calibration, Conformal]:
        """Fitted to clips of patients that their networks never saw."""
        judged = self.predictions.calibrates
        logits, labels = self.predictions.int8_logits[judged], self.predictions.labels[judged]
        platt, sets = {}, {}
        for i, key in enumerate(self.predictions.findings):
            fitted = calibrate.fit(logits[:, i], labels[:, i])
            thresholds = conformal.fit(fitted.probability(logits[:, i]), labels[:, i], self.recipe.alpha)
            platt[key] = Platt(slope=fitted.slope, offset=fitted.offset)
            sets[key] = Thresholds(present_from=thresholds.present_from, absent_to=thresholds.absent_to)
        patients = len(np.unique(self.predictions.patients[judged]))
        return (
            Calibration(model_sha256=self.digest, findings=platt),
            Conformal(model_sha256=self.digest, alpha=self.recipe.alpha, clips=int(judged.sum()), patients=patients, findings=sets),
        )

    def _golden(self) -> GoldenTable:
        """Outputs for the simulated chest; existing outputs of other machines for the same inputs (`python -m models.golden`) stay."""
        grey = Chests(self.network.side).golden(GOLDEN_VECTORS).grey[:, 0]
        interpreter = Interpreter(self.model)
        inputs = np.stack([to_tensor(each) for each in grey])
        here = {machine(interpreter.runtime): computed(interpreter, inputs)}
        path = self.folder / names.GOLDEN
        if path.exists():
            known = GoldenTable.load(path)
            if known.model_sha256 == self.digest and np.array_equal(known.inputs, inputs):
                return replace(known, outputs={**known.outputs, **here})
        return GoldenTable(self.digest, inputs, here)

    def _manifest(self, model: Path) -> Manifest:
        return Manifest(
            task=TASK,
            name=self.network.name,
            version=self.recipe.version,
            model=model.name,
            input_side=self.network.side,
            operators=operators_of(model),
            findings=tuple(Named(key=finding.key, name=finding.name) for finding in self.recipe.spoken),
            files={path.name: digest_of(path) for path in sorted(self.folder.iterdir())},
            data=tuple(Dataset(name=each.name, source=each.source, licence=each.licence) for each in self.recipe.datasets),
            licence=LICENCE,
            use=NOTICE,
        )


def elsewhere(digest: str, judged: ReleaseEvaluation) -> Elsewhere | None:
    """The figures on all sources left out whole; None if the recipe leaves none out, or no finding has clips of both classes there."""
    every = judged.sources[-1:]
    findings = {
        finding.key: OnNewSources(
            clips=finding.clips,
            positives=finding.positives,
            auc=finding.auc.value,
            healthy_over=finding.over.value if finding.over and finding.key in NOT_IN_HEALTHY else None,
        )
        for source in every
        for finding in source.findings
        if finding.auc
    }
    if not findings:
        return None
    left_out = [source for source in judged.sources if source.source != EVERY]
    return Elsewhere(model_sha256=digest, sources=len(left_out), patients=every[0].patients, findings=findings)


def main(
    *,
    work: WorkOption = Path("runs/lung"),
    recipe_file: RecipeOption = None,
    exclude: ExcludeOption = None,
    network: NetworkOption = None,
    out: Annotated[Path, typer.Option(help="Folder for the family; each release becomes a folder in it.")] = Path("models/lung/release"),
    against: Annotated[
        Path | None, typer.Option(help="evaluation.json of a release from more data, to show the cost of the exclusion.")
    ] = None,
) -> None:
    """Writes each network as a release: model, calibration, prediction sets, novelty table, golden vectors and card."""
    recipe, networks = chosen(recipe_file, exclude, network)
    judged = evaluation.load(work / "report" / evaluation.FILE)
    compared = evaluation.load(against) if against else None
    for each in networks:
        folder = work_folder(work, each, recipe)
        predictions = Predictions.load(folder / PREDICTIONS)
        making = Making(each, recipe, predictions, judged.of(each.name), folder / f"{ALL}.tflite", out / each.name)
        making.write(card(each, recipe, judged, compared))
        typer.echo(f"{making.folder}: {each.name} {recipe.version}")


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
