"""The model card: what the release is, what it was made from, how well it does, and where it must not be trusted."""

from pathlib import Path

from models.lung.dataset import NAMES
from models.lung.recipe import FROZEN_BLOCKS, Recipe
from models.lung.result import FindingResult

TEMPLATE = Path(__file__).with_name("card_template.md")


def card(*, name: str, version: str, side: int, clips: int, patients: int, recipe: Recipe, results: list[FindingResult]) -> str:
    rows = [
        f"| {NAMES[r.finding]} | {r.prevalence:.2f} | {r.auc_int8:.2f} ({r.auc_low:.2f}-{r.auc_high:.2f}) | {r.auc_float:.2f} | "
        f"{', '.join(f'{a:.2f}' for a in r.fold_aucs)} | {r.sensitivity:.2f} | {r.specificity:.2f} | {r.brier:.3f} |"
        for r in results
    ]
    return TEMPLATE.read_text().format(
        name=name,
        version=version,
        side=side,
        clips=clips,
        patients=patients,
        frozen=FROZEN_BLOCKS,
        frames=recipe.frames_per_clip,
        versions=recipe.versions,
        epochs=recipe.epochs,
        samples=recipe.samples_per_clip,
        rate=recipe.peak_rate,
        smoothing=recipe.smoothing,
        rows="\n".join(rows),
        step=", ".join(f"{r.largest_step:.3f} ({NAMES[r.finding]})" for r in results),
    )
