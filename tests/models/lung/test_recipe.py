import pytest
import yaml

from models.lung.recipe import PLAIN, RECIPE, RecipeWrong, load_recipe

SET = {"folder": "ward", "name": "Ward", "source": "us", "licence": "CC0", "use": "train"}


def test_the_committed_recipe_is_valid():
    recipe = load_recipe()
    assert [finding.key for finding in recipe.spoken] == ["b_lines", "a_lines", "severity_2_plus"]
    assert [network.name for network in recipe.networks] == ["lung-m", "lung-s"]
    assert [dataset.folder for dataset in recipe.datasets if dataset.use == "train"] == ["covid_blues", "pocus_lung"]


def test_without_the_training_set_the_test_sets_are_used_for_training():
    recipe = load_recipe(excluded=("covid_blues",))
    assert [(dataset.folder, dataset.use) for dataset in recipe.datasets] == [("pocus_lung", "train")]
    assert load_recipe(excluded=("pocus_lung",)).datasets[0].use == "train"


def test_calibration_is_fitted_to_one_machine_or_to_all_sets_if_none_states_its_machine():
    assert load_recipe().calibrated_on == {"covid_blues"}
    assert load_recipe(excluded=("covid_blues",)).calibrated_on == {"pocus_lung"}


def test_the_plain_network_has_the_same_schedule_without_our_additions():
    ours, plain = load_recipe().training, load_recipe().plain().training
    assert (plain.augment, plain.smoothing, plain.dropout, plain.unspoken_weight) == (False, 0, 0, 0)
    assert ours.model_copy(update=dict(PLAIN)) == plain
    assert (plain.epochs, plain.clips_per_step) == (ours.epochs, ours.clips_per_step)


def test_the_findings_in_the_output_come_first():
    spoken = [finding.spoken for finding in load_recipe().findings]
    assert spoken == sorted(spoken, reverse=True), "the released network has the first outputs only"


@pytest.mark.parametrize(
    ("excluded", "message"), [(("covid_blue",), "covid_blues, pocus_lung"), (("covid_blues", "pocus_lung"), "no data set remains")]
)
def test_excluding_an_unknown_data_set_or_all_is_refused(excluded, message):
    with pytest.raises(RecipeWrong, match=message):
        load_recipe(excluded=excluded)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 2}, "alpha"),
        ({"folds": 1}, "folds"),
        ({"epoch": 3}, "epoch"),
        ({"networks": [{"name": "x", "side": 224, "blocks": 5, "head": 10}]}, r"networks\.0\.blocks"),
        ({"findings": []}, "findings"),
        ({"datasets": [SET | {"left_out": {"north": "http"}}]}, r"datasets\.0: .*add origin"),
        (
            {"datasets": [SET | {"weak": [{"finding": "b", "present": True, "column": "x", "text": "y"}]}]},
            r"weak labels of ward .* recipe: b\.",
        ),
    ],
)
def test_an_invalid_setting_is_named(tmp_path, change, message):
    path = tmp_path / "recipe.yaml"
    content = yaml.safe_load(RECIPE.read_text())
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if key != "account"} | change))
    with pytest.raises(RecipeWrong, match=message):
        load_recipe(path)


def test_the_account_is_next_to_the_recipe_and_is_optional(tmp_path):
    content = yaml.safe_load(RECIPE.read_text())
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(RecipeWrong, match="account"):
        load_recipe(path)
    (tmp_path / content["account"]).write_text("<p>ours</p>")
    assert load_recipe(path).account == tmp_path / content["account"]
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if key != "account"}))
    assert load_recipe(path).account is None


@pytest.mark.parametrize("text", ["a: [", "just words"])
def test_a_file_that_is_not_a_recipe_is_refused(tmp_path, text):
    (tmp_path / "recipe.yaml").write_text(text)
    with pytest.raises(RecipeWrong, match=r"recipe\.yaml"):
        load_recipe(tmp_path / "recipe.yaml")


def test_an_absent_recipe_is_refused(tmp_path):
    with pytest.raises(RecipeWrong, match="--recipe"):
        load_recipe(tmp_path / "recipe.yaml")
