"""Builds the bundle of a release, reproducibly: the same checkout, packages and time give the same bytes."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.disk.digest import digest_of
from edge.disk.durable import replacing
from provisioning.codes import ProvisionRefused
from provisioning.release.sbom import sbom
from provisioning.release.wheels import Wheel, build_own, collect, lock_for
from provisioning.update import bundle
from provisioning.update.engine import SBOM
from provisioning.update.install import REQUIREMENTS, WHEELS
from provisioning.update.manifest import Facts, Item, Manifest

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A bundle, and what is signed of it. `custom` is that for the signed list."""

    path: Path
    facts: Facts
    sha256: str

    @property
    def target(self) -> str:
        """Its name in the signed list."""
        return f"app/{self.facts.compat}/{self.path.name}"

    @property
    def custom(self) -> dict[str, object]:
        return self.facts.model_dump(mode="json")


def build(project: Path, wheelhouse: Path, facts: Facts, output: Path, progress: Progress) -> Built:
    """Builds into the folder `output`. `facts.unpacked` and, where it is empty, `facts.version` are worked out here.

    Raises:
        ProvisionRefused: E-RELEASE, a package is missing or is not the locked one, or the project cannot be built.
        OSError: the folder cannot be written.
    """
    progress("comparing the packages with the lock")
    wheels = collect(lock_for(project, facts.compat), wheelhouse)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        progress("building SonoEdge")
        own = build_own(project, made, facts.issued_at)
        (made / REQUIREMENTS).write_text("".join(f"{wheel.requirement}\n" for wheel in (*wheels, own)))
        progress("listing the components and their licences")
        (made / SBOM).write_bytes(sbom(wheels, own, facts.issued_at))
        sources = {REQUIREMENTS: made / REQUIREMENTS, SBOM: made / SBOM, **_wheels((*wheels, own))}
        manifest = _manifest(facts, sources)
        path = output / f"sonoedge-{facts.version}-{facts.compat}.tar"
        progress(f"writing {path.name}")
        with replacing(path) as file:
            bundle.write(file, manifest, sources)
    return Built(path, Facts.model_validate(manifest.model_dump()), digest_of(path))


def read(path: Path) -> Facts:
    """The facts of a bundle that was built before.

    Raises:
        ProvisionRefused: E-TAMPER, it is not one. OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return Facts.model_validate(bundle.first(file, path.name).model_dump())


def _wheels(wheels: tuple[Wheel, ...]) -> Mapping[str, Path]:
    return {f"{WHEELS}/{wheel.path.name}": wheel.path for wheel in wheels}


def _manifest(facts: Facts, sources: Mapping[str, Path]) -> Manifest:
    items = tuple(Item(path=name, size=path.stat().st_size, sha256=digest_of(path)) for name, path in sorted(sources.items()))
    stated = {**facts.model_dump(), "unpacked": sum(item.size for item in items)}
    try:
        return Manifest(**stated, files=items)
    except ValueError as error:
        raise ProvisionRefused("E-RELEASE", f"the release cannot be described: {error}", "Change the stated facts") from error
