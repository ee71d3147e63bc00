"""Selects the fastest device and precision for training. Without bfloat16 units, bfloat16 is seven times slower than float32."""

import time
from dataclasses import dataclass

import torch

from models.lung.network import LungNet
from models.lung.recipe import NetworkRecipe

FRAMES, TRIES = 16, 3
"""Number of training steps to time."""
PATIENCE_S = 10
"""After this time no further step is timed: an exact measurement of a very slow precision is not needed."""


@dataclass(frozen=True, slots=True)
class Device:
    """`name` is PyTorch's name; with `half`, PyTorch computes in bfloat16 where possible."""

    name: str
    half: bool

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.name, torch.bfloat16, enabled=self.half)

    def __str__(self) -> str:
        return f"{self.name} in {'bfloat16' if self.half else 'float32'}"

    @classmethod
    def fastest(cls, network: NetworkRecipe) -> "Device":
        """Times whole training steps of this network in both precisions: the faster one depends on the network's size."""
        name = "cuda" if torch.cuda.is_available() else "cpu"
        return min((cls(name, half) for half in (False, True)), key=lambda device: _seconds(device, network))


def _seconds(device: Device, network: NetworkRecipe) -> float:
    """The shortest of several steps. The first step includes preparation, so it counts only if it is the only one."""
    tried = LungNet(1, network.blocks, network.head, dropout=0.0).to(device.name, memory_format=torch.channels_last)
    x = torch.randn(FRAMES, 1, network.side, network.side, device=device.name).contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(tried.parameters())
    took: list[float] = []
    while len(took) <= TRIES and sum(took) < PATIENCE_S:
        begun = time.perf_counter()
        with device.autocast():
            loss = tried(x).float().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        took.append(time.perf_counter() - begun)
    return min(took[1:] or took)
