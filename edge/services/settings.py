"""The settings as they are now: those that were stated before the start, and what people changed while the appliance ran.

What the settings file, a variable or the command line states is fixed: a person who looks there must find what counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.audit.entry import Value
from edge.records.changed_settings import ChangedSetting, ChangedSettings
from edge.records.store import Store
from edge.settings import Changeable, Settings
from firmware_bridge.errors import Conflict

log = structlog.get_logger()


class SettingFixed(Conflict):
    """The setting is stated where the appliance starts, so that it cannot be changed while it runs."""

    code = "setting-fixed"


@dataclass(frozen=True, slots=True)
class ChangeableSetting:
    """A setting that can change at run time. `fixed`: it is stated before the start; otherwise `changed` is the last change, if any."""

    key: str
    value: Value
    fixed: bool
    changed: ChangedSetting | None


class SettingsService:
    """Any thread may use it; `now` never waits."""

    def __init__(self, stated: Settings, store: Store) -> None:
        """`stated` are the settings of the start. A stored value that this program cannot use is logged, and stays unchanged."""
        self._stated, self._stored = stated, ChangedSettings(store)
        self._now = self._read()

    @property
    def now(self) -> Settings:
        """The settings as they are now."""
        return self._now

    def changeable(self, actor: Actor) -> tuple[ChangeableSetting, ...]:
        """Every setting that can change at run time.

        Raises:
            NotAllowed: the actor is not allowed to service the appliance.
        """
        actor.require(Verb.SERVE)
        changed, fixed = self._stored.all(), self._fixed
        values = _of(self._now).items()
        return tuple(ChangeableSetting(key, value, key in fixed, None if key in fixed else changed.get(key)) for key, value in values)

    def change(self, actor: Actor, changes: Changeable) -> Settings:
        """Records the values that are set in `changes`, and uses them from now on; a value that stays the same is no change.

        Raises:
            NotAllowed: the actor is not allowed to service the appliance.
            SettingFixed: a setting is stated before the start.
            RecordsFull: the disk refuses it; nothing is changed.
        """
        actor.require(Verb.SERVE)
        now = _of(self._now)
        wanted = {key: value for key, value in _of(changes).items() if key in changes.model_fields_set and value != now[key]}
        if fixed := sorted(self._fixed & wanted.keys()):
            raise SettingFixed(
                "{key} is stated before the start, so it cannot be changed here",
                "Change it in the settings file, or remove it there and restart the appliance",
                says="setting_fixed",
                key=", ".join(fixed),
            )
        if wanted:
            self._stored.add(actor.name, wanted)
            self._now = self._read()
        return self._now

    @property
    def _fixed(self) -> frozenset[str]:
        return frozenset(self._stated.model_fields_set & Changeable.model_fields.keys())

    def _read(self) -> Settings:
        usable = {key: value for each in self._stored.all().values() for key, value in _usable(each).items() if key not in self._fixed}
        return self._stated.model_copy(update=usable)


def _of(settings: Changeable) -> Mapping[str, Value]:
    return {key: getattr(settings, key) for key in Changeable.model_fields}


def _usable(change: ChangedSetting) -> dict[str, object]:
    """The value, by its key; nothing where this program does not know the setting or cannot use the value."""
    try:
        return Changeable.model_validate({change.key: change.value}).model_dump(exclude_unset=True)
    except ValidationError:
        log.warning("a stored setting is not used: this program does not know it or its value", key=change.key)
        return {}
