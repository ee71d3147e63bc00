import pytest
import yaml

from models.lung.recipe import RECIPE, RecipeWrong, load_recipe


def test_the_recipe_of_the_house_can_be_followed():
    recipe = load_recipe()
    assert [finding.key for finding in recipe.spoken] == ["b_lines", "a_lines", "severity_2_plus"]
    assert [network.name for network in recipe.networks] == ["lung-m", "lung-s"]
    assert [dataset.folder for dataset in recipe.datasets if dataset.use == "train"] == ["covid_blues"]


def test_without_the_data_that_it_was_taught_with_the_others_are_taught():
    recipe = load_recipe(excluded=("covid_blues",))
    assert [(dataset.folder, dataset.use) for dataset in recipe.datasets] == [("pocus_lung", "train")]
    assert load_recipe(excluded=("pocus_lung",)).datasets[0].use == "train"


def test_what_is_spoken_comes_first():
    spoken = [finding.spoken for finding in load_recipe().findings]
    assert spoken == sorted(spoken, reverse=True), "the released network keeps the first outputs"


@pytest.mark.parametrize(
    ("excluded", "told"), [(("covid_blue",), "covid_blues, pocus_lung"), (("covid_blues", "pocus_lung"), "no data set is left")]
)
def test_excluding_what_is_not_there_or_all_is_refused(excluded, told):
    with pytest.raises(RecipeWrong, match=told):
        load_recipe(excluded=excluded)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"alpha": 2}, "alpha"),
        ({"folds": 1}, "folds"),
        ({"epoch": 3}, "epoch"),
        ({"networks": [{"name": "x", "side": 224, "blocks": 5, "head": 10}]}, r"networks\.0\.blocks"),
        ({"findings": []}, "findings"),
    ],
)
def test_what_cannot_be_followed_is_named(tmp_path, change, told):
    path = tmp_path / "recipe.yaml"
    said = yaml.safe_load(RECIPE.read_text())
    path.write_text(yaml.safe_dump({key: value for key, value in said.items() if key != "account"} | change))
    with pytest.raises(RecipeWrong, match=told):
        load_recipe(path)


def test_the_account_of_its_makers_lies_beside_a_recipe_and_may_be_left_out(tmp_path):
    said = yaml.safe_load(RECIPE.read_text())
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(said))
    with pytest.raises(RecipeWrong, match="account"):
        load_recipe(path)
    (tmp_path / said["account"]).write_text("<p>ours</p>")
    assert load_recipe(path).account == tmp_path / said["account"]
    path.write_text(yaml.safe_dump({key: value for key, value in said.items() if key != "account"}))
    assert load_recipe(path).account is None


@pytest.mark.parametrize("text", ["a: [", "just words"])
def test_a_file_that_is_no_recipe_is_refused(tmp_path, text):
    (tmp_path / "recipe.yaml").write_text(text)
    with pytest.raises(RecipeWrong, match=r"recipe\.yaml"):
        load_recipe(tmp_path / "recipe.yaml")


def test_an_absent_recipe_is_refused(tmp_path):
    with pytest.raises(RecipeWrong, match="--recipe"):
        load_recipe(tmp_path / "recipe.yaml")
