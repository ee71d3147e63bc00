"""Where and in which precision training is fastest here; bfloat16 is seven times as slow as float32 on a processor without units for it."""

import time
from dataclasses import dataclass

import torch

from models.lung.network import LungNet
from models.lung.recipe import NetworkRecipe

FRAMES, TRIES = 16, 3
"""Of the training steps that are tried."""
PATIENCE_S = 10
"""No further step is tried after this: what is so slow is not measured to the second."""


@dataclass(frozen=True, slots=True)
class Device:
    """`name` is PyTorch's; `half`: what can be computed in bfloat16 is."""

    name: str
    half: bool

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.name, torch.bfloat16, enabled=self.half)

    def __str__(self) -> str:
        return f"{self.name} in {'bfloat16' if self.half else 'float32'}"

    @classmethod
    def fastest(cls, network: NetworkRecipe) -> "Device":
        """Tries whole training steps of such a network in both precisions: which is faster differs with its size."""
        name = "cuda" if torch.cuda.is_available() else "cpu"
        return min((cls(name, half) for half in (False, True)), key=lambda device: _seconds(device, network))


def _seconds(device: Device, network: NetworkRecipe) -> float:
    """The best of some steps; the first one, which prepares others, counts only where it is alone."""
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
