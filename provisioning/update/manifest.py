"""The manifest of a release: what is in its bundle, where it fits, and what it changes."""

import re
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from typing_extensions import Self

from provisioning.codes import ProvisionRefused

NAME = "manifest.json"
MOST_BYTES = 1 << 20
PATH = re.compile(r"(wheels/)?[A-Za-z0-9][A-Za-z0-9._+-]*")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
TAKEN = (NAME, "wheels")
"""The manifest itself, and the folder: no file has such a name."""
SHA256 = r"^[0-9a-f]{64}$"


def _plain(path: str) -> str:
    if not PATH.fullmatch(path) or path.lower() in TAKEN:
        raise ValueError("it is no plain name, alone or in wheels/")
    return path


def _version(text: str) -> str:
    if not VERSION.fullmatch(text):
        raise ValueError("it is no version")
    return text


class Fixed(BaseModel):
    """Facts that nobody changes; fields of a newer program are ignored."""

    model_config = ConfigDict(frozen=True)


class Item(Fixed):
    """One file of a bundle. `size` is in bytes, `sha256` in hexadecimal."""

    path: Annotated[str, AfterValidator(_plain)]
    size: int = Field(ge=0)
    sha256: str = Field(pattern=SHA256)


class Facts(Fixed):
    """What is signed of a release, and stated before anything is copied.

    `counter` grows with each release. Once this one was confirmed, no release below `security_floor` is started again; only a device that
    has `least_counter` can apply it. `compat` is the processor and the Python that it fits, see `provisioning.board`. `database` is the
    revision of the records, `models` are its built-in releases, `firmware` names the probe firmware that fits. `unpacked` is in bytes.
    """

    version: Annotated[str, AfterValidator(_version)]
    counter: int = Field(ge=1)
    security_floor: int = Field(default=0, ge=0)
    least_counter: int = Field(default=0, ge=0)
    compat: str = Field(min_length=1, max_length=64)
    issued_at: AwareDatetime
    unpacked: int = Field(ge=0)
    database: str = ""
    models: tuple[str, ...] = ()
    firmware: tuple[str, ...] = ()


class Manifest(Facts):
    """The facts and the list of files."""

    files: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_name_twice(self) -> Self:
        names = [item.path.lower() for item in self.files]
        if len(set(names)) < len(names):
            raise ValueError("two files have names that differ at most in upper and lower case")
        return self


def parse(content: bytes, where: str) -> Manifest:
    """A manifest.

    Raises:
        ProvisionRefused: E-TAMPER, it is not one.
    """
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise ProvisionRefused("E-TAMPER", f"the manifest in {where} cannot be used: {fault(error)}") from error


def fault(error: ValidationError) -> str:
    """The first fault of what somebody signed, with its place."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg'].removeprefix('Value error, ')}"
