"""Lesson: the training data of one network, in steps."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - PyTorch's own idiom

from models.lung.augment import augmented
from models.lung.manifest import LabelledClip
from models.lung.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Step:
    """(clips x frames, side, side) augmented grey and (clips, findings) labels; NaN is unknown."""

    pictures: Tensor
    labels: Tensor


class Lesson:
    """(clips, frames, side, side) grey and the labels of the clips."""

    def __init__(self, clips: list[LabelledClip], pictures: NDArray[np.uint8], recipe: Recipe) -> None:
        self._pictures = torch.from_numpy(pictures)
        self._labels = torch.tensor([clip.labels for clip in clips])
        self._recipe = recipe
        training = recipe.training
        self._weights = torch.tensor([training.spoken_weight if f.spoken else training.unspoken_weight for f in recipe.findings])

    @property
    def steps(self) -> int:
        """The number of steps in one epoch."""
        return math.ceil(len(self._pictures) / self._recipe.training.clips_per_step)

    def epoch(self, number: int) -> Iterator[Step]:
        """Every clip once, with one frame from each part of the clip; the same in every run."""
        training = self._recipe.training
        rng = torch.Generator().manual_seed(self._recipe.seed * 1000 + number)
        frames, taken = self._pictures.shape[1], training.frames_per_step
        for clips in torch.randperm(len(self._pictures), generator=rng).split(training.clips_per_step):
            parts = (torch.arange(taken) + torch.rand(len(clips), taken, generator=rng)) / taken
            which = (parts * frames).long().clamp(max=frames - 1)
            pictures = self._pictures[clips.unsqueeze(1), which].flatten(0, 1)
            yield Step(augmented(pictures, rng) if training.augment else pictures, self._labels[clips])

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of (clips, frames, findings) logits against the clips' smoothed labels; skips unknown labels."""
        smoothing = self._recipe.training.smoothing
        soft = labels.nan_to_num() * (1 - 2 * smoothing) + smoothing
        each = F.binary_cross_entropy_with_logits(logits, soft.unsqueeze(1).expand_as(logits), reduction="none").mean(dim=1)
        weights = ~labels.isnan() * self._weights.to(labels.device)
        return (each * weights).sum() / weights.sum().clamp(min=1)
