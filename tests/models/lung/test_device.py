import pytest

torch = pytest.importorskip("torch", reason="needs torch of the extra [train]")

from models.lung import device  # noqa: E402
from models.lung.device import Device  # noqa: E402


@pytest.mark.parametrize("faster", [False, True])
def test_the_faster_precision_is_selected(monkeypatch, small_recipe, faster):
    monkeypatch.setattr(device, "_seconds", lambda tried, _network: 1.0 if tried.half == faster else 2.0)
    assert Device.fastest(small_recipe.networks[0]).half == faster


def test_whole_steps_of_the_network_are_timed(monkeypatch, small_recipe):
    seen = []
    monkeypatch.setattr(torch.Tensor, "backward", lambda loss: seen.append((loss.requires_grad, loss.device.type)))
    assert device._seconds(Device("cpu", half=False), small_recipe.networks[0]) > 0
    assert seen == [(True, "cpu")] * (1 + device.TRIES)


def test_a_very_slow_precision_is_timed_once(monkeypatch, small_recipe):
    monkeypatch.setattr(device, "PATIENCE_S", 1e-9)
    seen = []
    monkeypatch.setattr(torch.Tensor, "backward", seen.append)
    assert device._seconds(Device("cpu", half=False), small_recipe.networks[0]) > 0
    assert len(seen) == 1
