"""Where a release holds: the machines of the data sets that judged it, and prediction sets for machines that nobody has seen."""

from edge.inference.release_files import Thresholds
from edge.inference.validation import AcrossMachines, ValidatedOn, Validation
from models.lung.evaluation.across import Across
from models.lung.evaluation.evaluation import FindingEvaluation, ReleaseEvaluation, SetEvaluation
from models.lung.recipe import MachineRecipe, Recipe


def validation(digest: str, recipe: Recipe, judged: ReleaseEvaluation) -> Validation:
    """The validation of the release of a model with this digest: a machine counts where its patients were left out of the training."""
    machines = {each.folder: (each.name, each.machine) for each in recipe.datasets if each.machine is not None}
    left_out = [(each, *machines[each.dataset]) for each in judged.sets if each.dataset in machines and each.findings]
    return Validation(
        model_sha256=digest,
        validated_on=tuple(_validated_on(each, name, machine, recipe) for each, name, machine in left_out),
        across_machines=_across(judged.across, recipe.alpha),
    )


def _validated_on(judged: SetEvaluation, name: str, machine: MachineRecipe, recipe: Recipe) -> ValidatedOn:
    return ValidatedOn(
        maker=machine.maker,
        model=machine.model,
        probe=machine.probe,
        patients=max(finding.patients for finding in judged.findings),
        clips=max(finding.clips for finding in judged.findings),
        figures={finding.key: _figures(finding, recipe.alpha) for finding in judged.findings},
        source=f"{name}; every clip is read by a network that never saw its patient. AUC of the int8 network with its 95 % interval; "
        f"coverage of the prediction sets at alpha {recipe.alpha:g}. See card.html.",
    )


def _figures(finding: FindingEvaluation, alpha: float) -> dict[str, float]:
    auc = finding.accuracy.auc
    figures = {"auc": auc.value, "auc_low": auc.low, "auc_high": auc.high}
    for each in finding.coverage:
        if each.alpha == alpha:
            figures |= {"covered_present": each.with_finding.covered.value, "covered_absent": each.without.covered.value}
    return figures


def _across(found: tuple[Across, ...], alpha: float) -> AcrossMachines | None:
    """The findings whose sets the data carry, with the numbers of the one that has the fewest clips; None if there are none."""
    carried = {each.key: each.thresholds for each in found if each.thresholds}
    if not carried:
        return None
    fewest = min((each for each in found if each.key in carried), key=lambda each: each.clips)
    sets = {key: Thresholds(present_from=fitted.present_from, absent_to=fitted.absent_to) for key, fitted in carried.items()}
    return AcrossMachines(alpha=alpha, sources=fewest.sources, patients=fewest.patients, clips=fewest.clips, findings=sets)
