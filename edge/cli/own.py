"""The settings and records of this board's appliance, for commands of the shell. An appliance may run at the same time."""

from collections.abc import Mapping

from edge.cli.typed import typed
from edge.disk.access import require_access
from edge.records.errors import RecordUnknown
from edge.records.opening import open_records
from edge.records.store import Store
from edge.settings import Settings, load_settings


def own_settings(options: Mapping[str, object] | None = None) -> Settings:
    """The settings, as `load_settings` reads them.

    Raises:
        FilesDenied: the data folder, or its records, belong to another user.
        SettingsInvalid: see `load_settings`.
    """
    settings = load_settings(options)
    for path in (settings.data_dir, settings.data.records):
        require_access(path, typed())
    return settings


def require_records(settings: Settings) -> None:
    """Raises RecordUnknown: nothing has been recorded yet."""
    if not settings.data.records.exists():
        raise RecordUnknown(
            f"Nothing is recorded yet in {settings.data_dir}", "Start the appliance first: sonoedge demo, or sonoedge run with a probe"
        )


def own_records(settings: Settings) -> Store:
    """The records; the caller closes them.

    Raises:
        RecordUnknown: nothing has been recorded yet.
        RecordsFull, RecordsUnusable: see `open_records`.
    """
    require_records(settings)
    return own_or_new_records(settings)


def own_or_new_records(settings: Settings) -> Store:
    """The records, which begin where nothing has been recorded yet; the caller closes them.

    Raises:
        RecordsFull, RecordsUnusable: see `open_records`.
    """
    return open_records(settings.data_dir, settings.other_backups)
