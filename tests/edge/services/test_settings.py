"""The settings service: what is stated before the start is fixed, and a change holds at once and after the next start."""

import json

import pytest
from sqlalchemy import select

from edge.people.actor import NOBODY_ACTOR, SHELL_ACTOR, NotAllowed
from edge.records.changed_settings import ChangedSettings
from edge.records.schema import AuditRow
from edge.records.setting_row import SettingRow
from edge.records.store import Store
from edge.services.settings import SettingFixed, SettingsService
from edge.settings import Changeable, Settings


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


def test_a_change_holds_at_once_and_after_the_next_start(store):
    service = SettingsService(Settings(), store)
    assert service.change(SHELL_ACTOR, Changeable(site=" Health Centre Three ", keep_days=30)).site == "Health Centre Three"
    assert (service.now.keep_days, service.now.free_floor_mb) == (30, 1000)
    service.change(SHELL_ACTOR, Changeable(keep_days=60))
    again = SettingsService(Settings(), store).now
    assert (again.site, again.keep_days) == ("Health Centre Three", 60)


def test_who_changed_what_and_when_is_known_and_in_the_audit_trail(store):
    service = SettingsService(Settings(), store)
    assert all(each.changed is None and not each.fixed for each in service.changeable(SHELL_ACTOR))
    service.change(SHELL_ACTOR, Changeable(site="Clinic"))
    site = next(each for each in service.changeable(SHELL_ACTOR) if each.key == "site")
    assert (site.value, site.changed.by, site.changed.at <= store.now()) == ("Clinic", SHELL_ACTOR.name, True)
    with store.read() as session:
        rows = session.scalars(select(AuditRow.body).where(AuditRow.act == "setting.changed"))
        bodies = [json.loads(body) for body in rows]
    assert [(body["subject"], body["detail"]) for body in bodies] == [("setting/site", {"value": "Clinic"})]


def test_a_value_that_stays_the_same_is_no_change(store):
    service = SettingsService(Settings(keep_days=7), store)
    service.change(SHELL_ACTOR, Changeable(keep_days=7, jpeg_quality=85))
    assert ChangedSettings(store).all() == {}


def test_what_is_stated_before_the_start_is_fixed_and_nothing_of_the_request_is_changed(store):
    SettingsService(Settings(), store).change(SHELL_ACTOR, Changeable(keep_days=30))
    service = SettingsService(Settings(keep_days=90), store)
    assert service.now.keep_days == 90
    keep_days = next(each for each in service.changeable(SHELL_ACTOR) if each.key == "keep_days")
    assert (keep_days.fixed, keep_days.changed) == (True, None)
    with pytest.raises(SettingFixed, match="keep_days is stated before the start"):
        service.change(SHELL_ACTOR, Changeable(keep_days=1, site="Clinic"))
    assert (service.now.keep_days, service.now.site) == (90, "")


NEWER = [("theme_of_2031", '"dark"'), ("jpeg_quality", "1000"), ("site", "null"), ("keep_days", '{"a": 1}')]


@pytest.mark.parametrize(("key", "value"), NEWER)
def test_a_value_of_a_newer_program_is_not_used_and_stays(store, key, value):
    with store.write() as change:
        change.session.add(SettingRow(id="1", key=key, value=value, at=change.now, by="Almaz"))
        change.unlogged()
    service = SettingsService(Settings(), store)
    assert service.now == Settings()
    service.change(SHELL_ACTOR, Changeable(free_floor_mb=2000))
    assert key in ChangedSettings(store).all()


def test_only_who_serves_the_appliance_changes_it(store):
    service = SettingsService(Settings(), store)
    for act in (lambda: service.change(NOBODY_ACTOR, Changeable(site="Clinic")), lambda: service.changeable(NOBODY_ACTOR)):
        with pytest.raises(NotAllowed):
            act()
    assert service.now.site == ""
