"""The settings that people changed while the appliance ran, each with the person and the time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from edge.records.audit.entry import Value
from edge.records.ids import new_id
from edge.records.setting_row import SettingRow
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """The newest value of a setting, and who gave it when; a newer program can have settings that this one does not know."""

    key: str
    value: Value
    at: datetime
    by: str


class ChangedSettings:
    """Those of a store; any thread may use them, and each method waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> Mapping[str, ChangedSetting]:
        """The newest change of each setting, by its key."""
        with self._store.read() as session:
            rows = session.scalars(select(SettingRow).order_by(SettingRow.id)).all()
        return {row.key: ChangedSetting(row.key, json.loads(row.value), row.at, row.by) for row in rows}

    def add(self, by: str, values: Mapping[str, Value]) -> None:
        """Records new values of settings by their keys, all or none.

        Raises:
            RecordsFull: the disk refuses it.
        """
        with self._store.write() as change:
            for key, value in values.items():
                change.session.add(SettingRow(id=new_id(), key=key, value=json.dumps(value), at=change.now, by=by))
                change.log(by, "setting.changed", f"setting/{key}", {"value": value})
