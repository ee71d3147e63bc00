"""Where a release holds: on the machines that it was validated on, and on those that this site has accepted for it.

`validation.json` is a file of its own in the folder of the release, so that a program that does not know it opens the release all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.finding_label import FindingLabel
from edge.inference.release_files import Additive, Count, Finite, Key, OfModel, Text, Thresholds, parse_added
from firmware_bridge.machine import PART_LIMIT, Machine
from firmware_bridge.says import say

VALIDATION = "validation.json"
TO_VALIDATE = {
    True: say("VALIDATE_HERE", "Let a specialist read it. A technician can validate the model for this machine"),
    False: say("STATE_MACHINE", "Let a specialist read it, or state the machine in the settings"),
}
"""The next step on a machine without validation, by whether the machine is known."""
TO_CORRECT = say(
    "CORRECT_MACHINE",
    "The images do not look like those of this machine. Correct the machine in the settings, or let a specialist read it",
)


def _as_named(text: str) -> str:
    if Machine(model=text).model != text:
        raise ValueError(f"{text!r} is not a part of the name of a machine")
    return text


Part = Annotated[str, Field(max_length=PART_LIMIT), AfterValidator(_as_named)]


OPEN = Thresholds(present_from=0, absent_to=1)
"""With these limits every probability leaves both answers possible."""


class OfMachine(Additive):
    """Facts on one machine; an empty `probe` or `preset` stands for any."""

    maker: Part
    model: Part
    probe: Part = ""
    preset: Part = ""

    @cached_property
    def machine(self) -> Machine:
        return Machine(self.maker, self.model, self.probe, self.preset)


class ValidatedOn(OfMachine):
    """The patients and clips that judged the release on a machine, and figures by finding, such as `auc`."""

    patients: Count
    clips: Count
    figures: dict[Key, dict[Key, Finite]] = Field(default={})
    source: Text


class AcrossMachines(Additive):
    """Thresholds of probability that hold on machines which nobody has seen: fitted with whole machines left out (`sources` of them)."""

    alpha: Annotated[float, Field(gt=0, lt=1)]
    sources: Count
    patients: Count
    clips: Count
    findings: dict[Key, Thresholds]


class Validation(OfModel):
    """`validation.json`. Without `across_machines` the data carry no calibration for other machines."""

    validated_on: tuple[ValidatedOn, ...] = ()
    across_machines: AcrossMachines | None = None


def load_validation(folder: Path, files: Mapping[str, str], model_sha256: str, keys: frozenset[str]) -> Validation:
    """The validation of a release; one without the file was validated nowhere.

    Raises:
        ModelUnusable: the file is not valid, or belongs to another model or to other findings.
    """
    path = folder / VALIDATION
    found = parse_added(path, Validation, files, model_sha256) or Validation(model_sha256=model_sha256)
    across = frozenset(found.across_machines.findings if found.across_machines else ())
    if odd := (across | {key for each in found.validated_on for key in each.figures}) - keys:
        raise ModelUnusable(f"{path} names findings that the release does not have ({', '.join(sorted(odd))})", COPY_AGAIN)
    return found


def advice_on(machine: Machine) -> str:
    """The next step on a machine without validation."""
    return TO_CORRECT if machine.doubted else TO_VALIDATE[machine.known]


Labels = tuple[FindingLabel, ...]
Accepted = Callable[[Machine], Labels | None]
"""The calibration and the thresholds with which this site has accepted a release for a machine; None where it has not."""


Stopped = Callable[[], bool]
"""Whether the site has stopped the release: it then states nothing anywhere, until a person decides."""


def never_stopped() -> bool:
    return False


def stops_none(release: str) -> bool:  # noqa: ARG001 - what every site is asked
    """Of a site that stops no release."""
    return False


def nothing_accepted(_machine: Machine) -> Labels | None:
    return None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a release may state on a machine: `labels` calibrate and decide there.

    Where it is not `validated`, its answers are marked; where it does not `decide` at all, every finding stays open. Where the site has
    `stopped` the release, it does not decide.
    """

    validated: bool
    decides: bool
    labels: Labels
    stopped: bool = False


def standing_of(findings: Labels, validation: Validation, accepted: Accepted, machine: Machine) -> Standing:
    """What a release with these findings may state on a machine.

    In this order: what the site has accepted, because it was measured here; what the release was validated on, unless the images do not
    look like that machine; what its calibration across machines carries; nothing.
    """
    if (here := accepted(machine)) is not None:
        return Standing(True, True, here)
    if not machine.doubted and any(each.machine.covers(machine) for each in validation.validated_on):
        return Standing(True, True, findings)
    across = validation.across_machines.findings if validation.across_machines else {}
    return Standing(False, bool(across), tuple(_limited(label, across.get(label.key, OPEN)) for label in findings))


def _limited(label: FindingLabel, limits: Thresholds) -> FindingLabel:
    return replace(label, present_from=limits.present_from, absent_to=limits.absent_to)
