"""Settings come in layers; a value that is not valid is refused with its key, its place and the next step."""

import pytest
from pydantic import ValidationError

from edge.settings import FILE_VARIABLE, Settings, SettingsInvalid, address_of, load_settings


@pytest.fixture(autouse=True)
def settings_file(monkeypatch, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("")
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    return file


def test_defaults_serve_this_machine_only_and_take_the_model_from_the_shelf():
    settings = load_settings()
    assert (settings.host, settings.port, settings.source) == ("127.0.0.1", 8042, "")
    assert settings.model is None
    assert settings.threads >= 1


def test_each_layer_wins_over_the_one_below(settings_file, monkeypatch):
    settings_file.write_text('port = 1001\nthreads = 3\nlog_level = "debug"')
    monkeypatch.setenv("SONOEDGE_PORT", "1002")
    monkeypatch.setenv("SONOEDGE_THREADS", "4")
    settings = load_settings({"port": 1003, "threads": None})
    assert (settings.port, settings.threads, settings.log_level) == (1003, 4, "debug")


def test_a_folder_can_be_set_as_the_model(monkeypatch, tmp_path):
    monkeypatch.setenv("SONOEDGE_MODEL", str(tmp_path))
    assert load_settings().model == tmp_path
    assert load_settings({"model": tmp_path / "other"}).model == tmp_path / "other"


def test_settings_never_change():
    with pytest.raises(ValidationError):
        load_settings().port = 1


def test_the_variables_of_the_tests_are_not_settings(monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA", "/somewhere")
    monkeypatch.setenv("SONOEDGE_REQUIRE_ALL", "1")
    assert load_settings().data_dir.name == "sonoedge"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("prot = 1", ["'prot'", "Did you mean port"]),
        ("wibble = 1", ["'wibble'", "Known: site, keep_days, free_floor_mb, jpeg_quality, source, machine, model"]),
        ("port = 70000", ["port = 70000", "65535"]),
        ('log_level = "loud"', ["log_level = 'loud'", "'debug'"]),
        ("port = ", ["not TOML"]),
        ("[server]\nport = 1", ["'server'"]),
        ("jpeg_quality = 0", ["jpeg_quality = 0"]),
    ],
)
def test_a_fault_in_the_file_names_the_file_and_the_key(settings_file, content, expected):
    settings_file.write_text(content)
    with pytest.raises(SettingsInvalid) as raised:
        load_settings()
    for words in [str(settings_file), *expected]:
        assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SONOEDGE_PROT", "1", "Did you mean SONOEDGE_PORT"),
        ("SONOEDGE_PORT", "x", "SONOEDGE_PORT: port = 'x'"),
        ("sonoedge_prot", "1", "SONOEDGE_PORT"),
    ],
)
def test_a_fault_in_a_variable_names_the_variable(monkeypatch, variable, value, expected):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid, match=expected):
        load_settings()


def test_a_fault_on_the_command_line_names_the_option(monkeypatch):
    monkeypatch.setenv("SONOEDGE_PORT", "1002")
    with pytest.raises(SettingsInvalid, match="--port: port = 70000"):
        load_settings({"port": 70000})


def test_an_absent_file_that_is_named_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "none.toml"))
    with pytest.raises(SettingsInvalid, match=r"none\.toml, which does not exist"):
        load_settings()


def test_every_setting_has_a_description():
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("file", "options", "address"),
    [
        ("", {}, ("127.0.0.1", 8042)),
        ("host = '0.0.0.0'\nport = 1001\nprot = 5", {}, ("0.0.0.0", 1001)),
        ("port = 1001\nthreads = 0", {"port": 1002, "source": "x", "host": None}, ("127.0.0.1", 1002)),
        ("this is not TOML", {"port": 1002}, ("127.0.0.1", 1002)),
        ("port = 'many'", {"port": 99999}, ("127.0.0.1", 8042)),
        ("port = 1001", {"port": 99999}, ("127.0.0.1", 1001)),
    ],
)
def test_the_address_of_the_page_is_read_from_settings_that_are_refused(settings_file, file, options, address):
    settings_file.write_text(file)
    assert address_of(options) == address


@pytest.mark.parametrize("given", ['names = ["sono.lan", "sono"]', 'names = "sono.lan, sono"'])
def test_the_names_of_the_appliance_are_a_list(settings_file, given):
    settings_file.write_text(given)
    assert load_settings().names == ("sono.lan", "sono")


@pytest.mark.parametrize("given", ['names = ["http://sono.lan:8042"]', "names = 3", 'names = "*"'])
def test_what_is_no_name_is_refused(settings_file, given):
    settings_file.write_text(given)
    with pytest.raises(SettingsInvalid, match="names"):
        load_settings()


def test_a_variable_lists_the_names(monkeypatch):
    monkeypatch.setenv("SONOEDGE_NAMES", "sono.lan,sono")
    assert load_settings().names == ("sono.lan", "sono")


def test_the_site_may_state_the_machine_which_is_then_marked_as_stated(settings_file):
    assert load_settings().stated_machine is None
    settings_file.write_text('machine = "Philips Lumify / S4-1"')
    machine = load_settings().stated_machine
    assert (machine.name, machine.by_person) == ("Philips Lumify / S4-1", True)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("x" * 10_000, "10000 characters"),
        (r"a\u0000b", r"U\+0000"),
        (r"a\u202Eb", r"U\+202E"),
        (" ", "empty"),
        ("a / b / c / d", "4 parts"),
    ],
)
def test_a_machine_that_is_no_name_is_refused_briefly(settings_file, given, why):
    settings_file.write_text(f'machine = "{given}"')
    with pytest.raises(SettingsInvalid, match=why) as refused:
        load_settings()
    assert "machine = " in str(refused.value)
    assert len(str(refused.value)) < 600
