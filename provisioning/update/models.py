"""The models that a source offers: bundles that the role `models` signed. Each fits every board whose program reads its form."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.trust.client import FOLDERS, MODELS
from provisioning.trust.source import Source
from provisioning.update.offers import verified

NAME = re.compile(rf"{FOLDERS[MODELS]}/(?P<ident>[A-Za-z0-9][A-Za-z0-9._-]*)\.sonomodel")


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model by its name and version. `length` in bytes; `fetch` copies its bundle, verified, to a path."""

    ident: str
    length: int
    fetch: Callable[[Path], None]


def models(selector: Selector, source: Source, now: datetime) -> tuple[OfferedModel, ...]:
    """The models of a source, by name.

    Raises:
        ProvisionRefused: the source is refused; its code names the cause.
        OSError: the disk of the board refuses to write.
    """
    believed = verified(selector, source, now)
    found = [(match["ident"], target) for target in believed.targets if (match := NAME.fullmatch(target.name))]
    offered = (OfferedModel(ident, target.length, partial(believed.fetch, target)) for ident, target in found)
    return tuple(sorted(offered, key=lambda model: model.ident))


def named(found: tuple[OfferedModel, ...], ident: str, source: str) -> OfferedModel:
    """The model with this ident.

    Raises:
        ProvisionRefused: E-NO-MODEL, the source holds none with it.
    """
    for model in found:
        if model.ident == ident:
            return model
    there = ", ".join(model.ident for model in found) or "no model"
    raise ProvisionRefused("E-NO-MODEL", f"{source} is genuine, and holds {there}, not {ident}")
