import pytest

torch = pytest.importorskip("torch", reason="needs torch of the extra [train]")

from models.lung.augment import AUGMENTATIONS, augmented  # noqa: E402

SIDE = 64


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def pictures():
    """Eight pictures of a bright line at a third of the depth, with speckle, on black."""
    made = torch.zeros(8, SIDE, SIDE)
    made[:, 4:60, 8:56] = torch.rand(56, 48, generator=seeded(0)) * 60 + 20
    made[:, 20:24, 8:56] = 200
    return made.byte()


def test_versions_differ_but_keep_shape_type_and_main_content(pictures):
    versions = augmented(pictures, seeded(1))
    assert (versions.shape, versions.dtype) == (pictures.shape, torch.uint8)
    assert len({version.numpy().tobytes() for version in versions}) == len(pictures)
    rows = versions.float().mean(dim=2).argmax(dim=1)
    assert ((rows > 8) & (rows < 40)).float().mean() >= 0.75


def test_the_original_is_unchanged_and_a_seed_is_reproducible(pictures):
    original = pictures.clone()
    one, again, other = (augmented(pictures, seeded(seed)) for seed in (2, 2, 3))
    assert torch.equal(pictures, original)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("augmentation", AUGMENTATIONS, ids=lambda augmentation: augmentation.change.__name__)
def test_each_kind_of_change_changes_something_and_adds_no_brightness(pictures, augmentation):
    x = pictures.unsqueeze(1).float() / 255
    changed = augmentation.change(x.clone(), seeded(4))
    assert changed.shape == x.shape
    assert changed.isfinite().all()
    assert not torch.equal(changed, x)
    if augmentation.change.__name__ != "_text":
        assert changed.mean() < 2 * x.mean()


def test_black_stays_black():
    assert augmented(torch.zeros(16, SIDE, SIDE).byte(), seeded(5)).float().mean() < 6
