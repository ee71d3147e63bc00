import pytest

for needed in ("sklearn", "jinja2"):
    pytest.importorskip(needed, reason=f"needs {needed} of the extra [train]")

from edge.inference.release import CARD, ModelRelease  # noqa: E402
from models.lung.card import card  # noqa: E402
from models.lung.predictions import PredictionsUnusable  # noqa: E402
from models.lung.recipe import RECIPE, load_recipe  # noqa: E402

pytestmark = pytest.mark.slow


def parsed(version):
    return tuple(map(int, version.split(".")))


@pytest.fixture(scope="module")
def recipe():
    return load_recipe()


def test_the_card_shows_figures_with_intervals_and_names_the_data(evaluation, recipe):
    page = card(recipe.networks[0], recipe, evaluation)
    auc = evaluation.releases[0].cross_validated[0].accuracy.auc
    assert f"{auc.value:.2f} ({auc.low:.2f} to {auc.high:.2f})" in page
    assert "Research use, not a diagnosis" in page
    for dataset in recipe.datasets:
        assert dataset.source in page
        assert dataset.licence in page


def test_the_card_states_how_to_exclude_data_that_must_not_be_adapted(evaluation, recipe):
    assert "models.lung.train --exclude covid_blues</code>" in card(recipe.networks[0], recipe, evaluation)
    assert "not settled" not in card(recipe.networks[0], recipe.without(("covid_blues",)), evaluation)


def test_the_card_compares_excluded_data_with_all_data(evaluation, recipe):
    assert "this release, AUC" in card(recipe.networks[0], recipe, evaluation, against=evaluation)


def test_a_card_for_other_clips_does_not_mention_the_released_data(evaluation, recipe, small_recipe):
    ours, theirs = (card(recipe.networks[0], each, evaluation) for each in (recipe, small_recipe))
    assert recipe.account.read_text() in ours
    assert "covid" in ours.lower()
    assert "covid" not in theirs.lower()
    assert "Where it must not be trusted" in theirs


def test_a_network_without_an_evaluation_has_no_card(evaluation, recipe):
    with pytest.raises(PredictionsUnusable, match=r"models\.lung\.evaluate"):
        card(recipe.networks[0].model_copy(update={"name": "lung-l"}), recipe, evaluation)


@pytest.mark.parametrize("name", ["lung-m", "lung-s"])
def test_a_released_card_of_this_version_ends_with_the_account_of_the_recipe(evaluation, recipe, name):
    released = ModelRelease.load(RECIPE.parent / "release" / name)
    if released.version != recipe.version:
        assert parsed(released.version) < parsed(recipe.version), "no release is newer than the recipe"
        return
    heading = "<h2>What was tried</h2>"
    network = next(each for each in recipe.networks if each.name == name)
    made = card(network, recipe, evaluation).partition(heading)[2]
    assert (released.folder / CARD).read_text().partition(heading)[2].strip() == made.strip()
