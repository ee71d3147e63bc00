"""The list of components of a release (CycloneDX 1.6, JSON), with their licences."""

import email
import json
import uuid
import zipfile
from collections.abc import Iterable
from datetime import datetime
from email.message import Message

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from provisioning.release.wheels import Wheel

CARRIES = {
    "av": "The wheel carries libx264 and libx265 (GPL-2.0-or-later) next to FFmpeg (LGPL). SonoEdge only decodes, and uses neither.",
}
"""What the metadata of a package do not state about the libraries in its wheel."""
NAMESPACE = uuid.UUID("6f6a2f2e-6d1b-5f0e-9a34-3a1f2f0c7d11")
"""So that the same components give the same serial number."""
LICENCE = "License-Expression"
OF = "License :: "


def sbom(wheels: Iterable[Wheel], own: Wheel, at: datetime) -> bytes:
    """The document; the same wheels and time give the same bytes.

    Raises:
        OSError, zipfile.BadZipFile: a wheel cannot be read.
    """
    listed = sorted(wheels, key=lambda wheel: wheel.name)
    serial = uuid.uuid5(NAMESPACE, " ".join(wheel.sha256 for wheel in (*listed, own)))
    program = _component(own, ComponentType.APPLICATION)
    about = BomMetaData(component=program, timestamp=at)
    components = {wheel.name: _component(wheel, ComponentType.LIBRARY) for wheel in listed}
    bom = Bom(components=components.values(), serial_number=serial, metadata=about)
    for wheel, component in ((own, program), *((wheel, components[wheel.name]) for wheel in listed)):
        bom.register_dependency(component, [components[name] for name in _needs(wheel) if name in components])
    written = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return json.dumps(json.loads(written), indent=2, sort_keys=True).encode() + b"\n"


def _component(wheel: Wheel, kind: ComponentType) -> Component:
    noted = [Property(name="sonoedge:carries", value=CARRIES[wheel.name])] if wheel.name in CARRIES else []
    return Component(
        name=wheel.name,
        version=wheel.version,
        type=kind,
        bom_ref=f"{wheel.name}@{wheel.version}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=wheel.sha256)],
        licenses=[LicenseFactory().make_from_string(licence) for licence in _licences(wheel)],
        purl=PackageURL("pypi", None, wheel.name, wheel.version),
        properties=noted,
    )


def _licences(wheel: Wheel) -> list[str]:
    """What a wheel states: one expression, or the names of its classifiers, or its free text of one line."""
    stated = _metadata(wheel)
    if expression := stated.get(LICENCE):
        return [expression]
    classified = [line.rpartition(" :: ")[2] for line in stated.get_all("Classifier", []) if line.startswith(OF)]
    text = (stated.get("License") or "").strip()
    return sorted(set(classified)) or ([text.splitlines()[0][:200]] if text else ["not stated"])


def _needs(wheel: Wheel) -> list[str]:
    """The packages that a wheel needs on some machine, without those of its extras."""
    needed = map(Requirement, _metadata(wheel).get_all("Requires-Dist", []))
    return sorted({canonicalize_name(each.name) for each in needed if each.marker is None or "extra" not in str(each.marker)})


def _metadata(wheel: Wheel) -> Message:
    with zipfile.ZipFile(wheel.path) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))
