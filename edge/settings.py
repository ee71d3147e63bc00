"""One validated model of every setting: defaults, then /etc/sonoedge/settings.toml (or SONOEDGE_SETTINGS), then SONOEDGE_* variables.

Options of the command line come last and win. An unknown key is refused everywhere, because a misspelt setting that is silently ignored
looks exactly like one that works.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST, load_toml
from firmware_bridge.errors import InputRefused
from firmware_bridge.machine import Machine, MachineNameInvalid

PREFIX = "SONOEDGE_"
FILE_VARIABLE = "SONOEDGE_SETTINGS"
DEFAULT_FILE = Path("/etc/sonoedge/settings.toml")
OTHER_VARIABLES = {FILE_VARIABLE, "SONOEDGE_DATA", "SONOEDGE_REQUIRE_ALL"}
"""Our variables that are not settings: the path of the file, and two for the tests."""

DEFAULT_ADDRESS = ("127.0.0.1", 8042)

SHOWN_LENGTH = 200
"""An error shows no more characters than this of a value."""

LogLevel = Literal["debug", "info", "warning", "error"]


def _listed(given: object) -> object:
    """A list as a variable holds it: `sono.lan, sono`."""
    return [part for name in given.split(",") if (part := name.strip())] if isinstance(given, str) else given


HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=253)]
HostNames = Annotated[tuple[HostName, ...], NoDecode, BeforeValidator(_listed)]


def _machine_name(name: str) -> str:
    try:
        return name and Machine.stated(name).name
    except MachineNameInvalid as error:
        raise ValueError(error.what) from error


SiteName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
MachineName = Annotated[str, AfterValidator(_machine_name)]


class SettingsInvalid(InputRefused):
    """A setting is unknown, or its value cannot be used."""

    code = "settings-invalid"


def _spare_core() -> int:
    """All cores but one: the reader thread and the page get their own core if there is more than one."""
    return max(1, (os.cpu_count() or 1) - 1)


def _user_data() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sonoedge"


class _SettingsFile(TomlConfigSettingsSource):
    def _read_file(self, file_path: object) -> dict[str, object]:
        return load_toml(read_plain(Path(str(file_path)), LARGEST, links=True))


class Changeable(BaseModel):
    """The settings that a person can change while the appliance runs (`edge.services.settings`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: SiteName = Field("", description="Name of the hospital or clinic, as reports and the start page show it")
    keep_days: int = Field(
        0, ge=0, le=999_999, description="Days after which the clips of exams that are signed and sent are removed; 0: never"
    )
    free_floor_mb: int = Field(
        1000,
        ge=0,
        le=10**9,
        description="While less space than this is free, clips of exams that are signed and sent are removed, oldest first",
    )
    jpeg_quality: int = Field(85, ge=1, le=100, description="Quality of the live image and of films")


class Settings(Changeable, BaseSettings):
    """All settings, as they are stated before the start: `load_settings` makes them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=False)

    source: str = Field("", description="URL of the source to read, such as serial:///dev/ttyACM0; empty for none")
    machine: MachineName = Field(
        "", description="The machine that makes the images, such as 'Philips Lumify / S4-1'; without it, what the source states of itself"
    )
    model: Path | None = Field(
        None,
        description="Folder of the model release; without it the active release, or else a built-in one that is fast enough for this board",
    )
    threads: int = Field(default_factory=_spare_core, ge=1, le=64, description="Number of threads for the network")
    host: str = Field(DEFAULT_ADDRESS[0], min_length=1, description="Address of the page and the API")
    port: int = Field(DEFAULT_ADDRESS[1], ge=0, le=65535, description="Port of the page and the API; 0 takes any free one")
    names: HostNames = Field(
        (), description='Names of this appliance in the network, such as ["sono.lan"], without http:// and without a port'
    )
    igtl_port: int = Field(0, ge=0, le=65535, description="Port of the OpenIGTLink server, such as 18944; 0: no server")
    data_dir: Path = Field(default_factory=_user_data, description="Folder for everything that is stored")
    backup_dir: Path | None = Field(None, description="Folder on a second disk or stick for the backups of records and clips")
    protocol: str = Field("blue-6", min_length=1, max_length=40, description="Protocol of a new exam; `sonoedge protocol list` lists all")
    record: bool = Field(False, description="Record every frame and reading from the start, in data_dir/recordings")
    log_level: LogLevel = Field("info", description="Lowest level that is logged")

    @property
    def data(self) -> DataFolder:
        """The layout of `data_dir`."""
        return DataFolder(self.data_dir)

    @property
    def stated_machine(self) -> Machine | None:
        """The machine that the site states; None where it states none."""
        return Machine.stated(self.machine) if self.machine else None

    @property
    def other_backups(self) -> tuple[Path, ...]:
        """The backup folders outside `data_dir`."""
        return () if self.backup_dir is None else (self.backup_dir,)

    @property
    def kept_free(self) -> int:
        """`free_floor_mb` in bytes."""
        return self.free_floor_mb * 1_000_000

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature; no .env file is read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SettingsFile(settings_cls, settings_file())


def settings_file() -> Path:
    """The path of the settings file, which may not exist."""
    return Path(os.environ.get(FILE_VARIABLE) or DEFAULT_FILE)


def load_settings(options: Mapping[str, object] | None = None) -> Settings:
    """Reads every layer; `options` are those of the command line, where `None` means "not given".

    Raises:
        SettingsInvalid: a key is unknown or a value is not valid; the error names it, with its file or variable.
    """
    given = {key: value for key, value in (options or {}).items() if value is not None}
    _refuse_unknown_variables()
    if os.environ.get(FILE_VARIABLE) and not settings_file().is_file():
        raise SettingsInvalid(f"{FILE_VARIABLE} names {settings_file()}, which does not exist", "Correct the path, or unset the variable")
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise _explain(error, given) from error
    except OSError as error:
        raise SettingsInvalid(f"{settings_file()} cannot be read ({error.strerror})", "Let this user read it") from error


class _Address(BaseSettings):
    """The address of the page, read from settings that were refused for another reason."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    host: str = Field(DEFAULT_ADDRESS[0], min_length=1)
    port: int = Field(DEFAULT_ADDRESS[1], ge=0, le=65535)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        try:
            return init_settings, env_settings, _SettingsFile(settings_cls, settings_file())
        except (ValueError, OSError):  # the file is not TOML, or cannot be read
            return init_settings, env_settings


def address_of(options: Mapping[str, object]) -> tuple[str, int]:
    """Host and port of the page that explains why the settings were refused; the defaults if they cannot be read.

    `options` are those of the command line, as for `load_settings`.
    """
    for given in ({key: value for key, value in options.items() if value is not None}, {}):
        with suppress(ValidationError):
            address = _Address.model_validate(given)
            return address.host, address.port
    return DEFAULT_ADDRESS


def _refuse_unknown_variables() -> None:
    known = {PREFIX + key.upper() for key in Settings.model_fields} | OTHER_VARIABLES
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            raise SettingsInvalid(f"The variable {variable} is not a setting", _nearest(variable.upper(), sorted(known)))


def _explain(error: ValidationError, given: Mapping[str, object]) -> SettingsInvalid:
    """The first fault only: people correct one fault at a time."""
    fault = error.errors(include_url=False)[0]
    if not fault["loc"]:  # the file itself could not be parsed
        return SettingsInvalid(f"{settings_file()} is not TOML: {fault['msg'].removeprefix('Value error, ')}", "Correct that line")
    key = str(fault["loc"][0])
    place = next(_places(key, given))
    if fault["type"] == "extra_forbidden":
        return SettingsInvalid(f"'{key}' in {place} is not a setting", _nearest(key, list(Settings.model_fields)))
    wanted = Settings.model_fields[key].description
    problem = fault["msg"][0].lower() + fault["msg"][1:]
    return SettingsInvalid(f"{place}: {key} = {_short(fault['input'])} is not valid: {problem}", f"Expected for {key}: {wanted}")


def _short(given: object) -> str:
    """A value as its error shows it."""
    text = repr(given)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."


def _places(key: str, given: Mapping[str, object]) -> Iterator[str]:
    if key in given:
        yield f"--{key.replace('_', '-')}"
    if PREFIX + key.upper() in os.environ:
        yield PREFIX + key.upper()
    yield str(settings_file())


def _nearest(unknown: str, known: list[str]) -> str:
    close = get_close_matches(unknown, known, n=1)
    return f"Did you mean {close[0]}" if close else f"Known: {', '.join(known)}"
