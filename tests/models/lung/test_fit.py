import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch of the extra [train]")

from rich.progress import Progress  # noqa: E402

from models.lung.device import Device  # noqa: E402
from models.lung.fit import Fitting, network_at, new_network, to_input  # noqa: E402
from models.lung.lesson import Lesson  # noqa: E402
from models.lung.manifest import load_clips  # noqa: E402
from models.lung.network import ReleasedNetwork, frame_logits  # noqa: E402
from models.lung.pictures import load_pictures  # noqa: E402

CPU = Device("cpu", half=False)


@pytest.fixture(scope="module")
def lesson(chest_ward, small_recipe, tmp_path_factory):
    clips = load_clips(chest_ward, small_recipe)
    pictures = load_pictures([clip.path for clip in clips], 3, 64, tmp_path_factory.mktemp("cache"))
    return Lesson(clips, pictures.grey, small_recipe)


def fitted(lesson, recipe, path, stop_after=None):
    fitting = Fitting(new_network(recipe.networks[0], recipe), lesson, recipe, device=CPU, path=path)
    with Progress(disable=True) as progress:
        if stop_after is None:
            fitting.run(progress)
        else:
            checkpoint = fitting._checkpoint

            def checkpoint_and_stop(epoch):
                checkpoint(epoch)
                if epoch == stop_after:
                    raise KeyboardInterrupt

            fitting._checkpoint = checkpoint_and_stop
            with pytest.raises(KeyboardInterrupt):
                fitting.run(progress)


@pytest.mark.slow
def test_an_interrupted_training_gives_the_same_network(lesson, small_recipe, tmp_path):
    fitted(lesson, small_recipe, tmp_path / "whole.pt")
    fitted(lesson, small_recipe, tmp_path / "broken.pt", stop_after=1)
    assert not (tmp_path / "broken.pt").exists()
    fitted(lesson, small_recipe, tmp_path / "broken.pt")
    whole, broken = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("whole", "broken"))
    assert all(torch.equal(whole[name], broken[name]) for name in whole)
    assert not list(tmp_path.glob("*.unfinished"))


def test_every_clip_comes_once_per_epoch_and_every_run_is_equal(lesson):
    labels = torch.cat([step.labels for step in lesson.epoch(0)])
    assert len(labels) == 8
    assert labels[:, 0].sum() == 4
    one, again, next_epoch = (torch.cat([step.pictures for step in lesson.epoch(number)]) for number in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, next_epoch)


def test_an_unknown_label_has_no_gradient(lesson):
    logits = torch.zeros(2, 2, 5, requires_grad=True)
    labels = torch.tensor([[1.0, 0, 1, 1, 0], [torch.nan] * 5])
    lesson.loss(logits, labels).backward()
    assert logits.grad[0].abs().sum() > 0
    assert logits.grad[1].abs().sum() == 0
    assert lesson.loss(logits, torch.full((2, 5), torch.nan)).item() == 0


def test_a_network_starts_from_imagenet_except_its_head(small_recipe):
    one, other = (new_network(small_recipe.networks[0], small_recipe.model_copy(update={"seed": seed})) for seed in (1, 2))
    assert torch.equal(one._blocks[10]._expand_conv.weight, other._blocks[10]._expand_conv.weight)
    assert not torch.equal(one.head.weight, other.head.weight)


def test_the_released_network_has_the_same_output_for_its_findings(small_recipe):
    network = new_network(small_recipe.networks[0], small_recipe).eval()
    x = to_input(torch.randint(0, 256, (2, 64, 64)).byte())
    with torch.no_grad():
        whole = network(x)
        spoken, features = ReleasedNetwork(network, 3)(x)
    assert torch.allclose(spoken, whole[:, :3], atol=1e-6)
    assert features.shape == (2, 112, 4, 4)
    assert torch.allclose(frame_logits(spoken), spoken.mean(dim=(2, 3)))


def test_the_input_equals_that_of_the_device(tmp_path):
    grey = torch.tensor([[[0, 128], [200, 255]]], dtype=torch.uint8)
    assert to_input(grey).flatten().tolist() == pytest.approx([-1, 0, 72 / 128, 127 / 128])
    assert np.isfinite(to_input(grey).numpy()).all()


def test_a_stored_network_computes_the_same_as_before(small_recipe, tmp_path):
    network = new_network(small_recipe.networks[0], small_recipe).eval()
    torch.save(network.state_dict(), tmp_path / "stored.pt")
    x = to_input(torch.randint(0, 256, (1, 64, 64)).byte())
    with torch.no_grad():
        assert torch.allclose(network(x), network_at(tmp_path / "stored.pt", small_recipe.networks[0], small_recipe)(x), atol=1e-5)
