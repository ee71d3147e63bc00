"""Site policy: the built-in one is valid, a site's file changes only what it states, and a typing error is reported."""

import pytest

from edge.disk.layout import DataFolder
from edge.people.policy import PolicyInvalid, load_policy
from edge.records.schema import ANY


def test_the_built_in_policy_asks_for_twenty_five_exams_and_states_its_source(tmp_path):
    policy = load_policy(tmp_path)
    assert policy.of("blue-6").supervised_exams == policy.novice_exams == 25
    assert "Anesthesiology 2020;132:899" in policy.sources["supervised_exams"]
    assert (policy.min_quality, policy.ai_shown_to_unqualified) == (3, True)
    assert set(policy.sources) <= {*type(policy).model_fields, *type(policy.of(ANY)).model_fields}


def test_a_site_states_only_its_changes(tmp_path):
    DataFolder(tmp_path).policy.write_text(
        "over_read_share: 0.25\nsessions: {idle_minutes: 5}\nthresholds: {'*': {supervised_exams: 10}, rush-14: {course: false}}\n"
    )
    policy = load_policy(tmp_path)
    assert (policy.over_read_share, policy.sessions.idle_minutes, policy.sessions.whole_minutes) == (0.25, 5, 720)
    assert (policy.of("blue-6").supervised_exams, policy.of("blue-6").course) == (10, True)
    assert (policy.of("rush-14").supervised_exams, policy.of("rush-14").course) == (10, False)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("over_reed_share: 0.2", "over_read_share"),
        ("sessions: {idle_minute: 2}", "idle_minutes"),
        ("thresholds: {'*': {supervised: 3}}", "supervised"),
        ("over_read_share: 2", "less than or equal to 1"),
        ("over_read_share: .nan", "over_read_share"),
        ("shortest_pin: 3", "shortest_pin"),
        ("seed: ''", "seed"),
        ("failure_rates: {acceptable: 0.3}", "the acceptable share is not below the unacceptable one"),
        ("failure_rates: {unaceptable: 0.3}", "unacceptable"),
        ("thresholds: 3", "thresholds"),
        ("- a list", "not a table"),
        ("a: b: c", "cannot be read"),
        ("\x00", "cannot be read"),
        ("[" * 5000, "cannot be read"),
        ("a: " + "x" * 70_000, "not a table"),
        ("a0: &a0 {k: 1}\n" + "".join(f"a{n + 1}: &a{n + 1} {{<<: [*a{n}, *a{n}]}}\n" for n in range(40)), "more than 20000 values"),
        ("seed: 2026-99-99", "cannot be read"),
        ("seed: !!int ''", "cannot be read"),
    ],
)
def test_the_error_states_what_is_wrong_in_the_file(tmp_path, content, expected):
    DataFolder(tmp_path).policy.write_text(content)
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(tmp_path)
    assert expected in str(refused.value)
    assert "people.yaml" in refused.value.what
