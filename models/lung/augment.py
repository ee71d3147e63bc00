"""Augmentation: random versions of a frame, as other operators and other machines might have recorded it.

Grey is the logarithm of the echo. So gain and time-gain compensation add to the grey level, and speckle of the echo multiplies it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - PyTorch's own idiom

Change = Callable[[Tensor, torch.Generator], Tensor]

ZOOM, STRETCH, TURN, SHIFT = 0.2, 0.08, 0.1, 0.1
"""Largest change of size and of aspect ratio (log), rotation (radians) and shift (as a share of half a side)."""
GAIN, TILT, CURVE = 0.1, 0.12, 0.35
"""Largest change of grey (as a share of full scale) everywhere, and from top to bottom; largest change of the contrast exponent (log)."""
SPECKLE, NOISE = 0.15, 0.02
"""Largest relative change by speckle of two pixels, and largest absolute change of single pixels."""
BLACK = 0.1
"""Below this grey level, gain changes it in proportion, so that black stays black."""
COARSEST = 0.5
"""Lowest resolution of another machine's export, as a share of the side."""
WIDEST_CUT = 0.2
"""Largest share of a side that may lie outside another machine's sector."""
GLYPHS = 6
"""Largest number of letters in a burned-in line near an edge."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """One kind of change, and the share of frames that get it."""

    share: float
    change: Change


def augmented(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Random versions of (n, side, side) grey, as bytes."""
    x = pictures.unsqueeze(1).float() / 255
    for augmentation in AUGMENTATIONS:
        chosen = torch.rand(len(x), generator=rng) < augmentation.share
        if chosen.any():
            x[chosen] = augmentation.change(x[chosen], rng)
    return (x.clamp(0, 1) * 255).round().byte().squeeze(1)


def _between(x: Tensor, largest: float, rng: torch.Generator) -> Tensor:
    """One random number per frame, uniform from -largest to largest, in a shape that broadcasts to (n, 1, side, side)."""
    return (torch.rand(len(x), 1, 1, 1, generator=rng) * 2 - 1) * largest


def _place(x: Tensor, rng: torch.Generator) -> Tensor:
    zoom, stretch, turn = (_between(x, largest, rng).flatten() for largest in (ZOOM, STRETCH, TURN))
    across, down = torch.exp(zoom + stretch), torch.exp(zoom - stretch)
    mirror = (torch.rand(len(x), generator=rng) < 0.5).float() * 2 - 1
    turned = torch.zeros(len(x), 2, 3)
    turned[:, 0, 0], turned[:, 0, 1] = mirror * across * torch.cos(turn), -down * torch.sin(turn)
    turned[:, 1, 0], turned[:, 1, 1] = mirror * across * torch.sin(turn), down * torch.cos(turn)
    turned[:, 0, 2] = _between(x, SHIFT, rng).flatten()
    turned[:, 1, 2] = _between(x, SHIFT, rng).flatten() + down - 1  # the skin stays at the top at every depth
    return F.grid_sample(x, F.affine_grid(turned, list(x.shape), align_corners=False), align_corners=False)


def _level(x: Tensor, rng: torch.Generator) -> Tensor:
    depth = torch.linspace(-1, 1, x.shape[2]).view(1, 1, -1, 1)
    lift = _between(x, GAIN, rng) + _between(x, TILT, rng) * depth
    curved: Tensor = (x + lift * (x / BLACK).clamp(max=1)).clamp(1e-4, 1) ** torch.exp(_between(x, CURVE, rng))
    return curved


def _grain(x: Tensor, rng: torch.Generator) -> Tensor:
    side = x.shape[-1]
    grains = F.interpolate(torch.randn(len(x), 1, side // 2, side // 2, generator=rng), size=(side, side), mode="bilinear")
    single = torch.randn(x.shape, generator=rng)
    return x * (1 + _between(x, SPECKLE, rng) * grains) + _between(x, NOISE, rng) * single


def _export(x: Tensor, rng: torch.Generator) -> Tensor:
    side = x.shape[-1]
    fewer = round(side * float(COARSEST + (1 - COARSEST) * torch.rand(1, generator=rng)))
    coarse = F.interpolate(x, size=(fewer, fewer), mode="bilinear", antialias=True)
    return F.interpolate(coarse, size=(side, side), mode="bilinear")


def _sector(x: Tensor, rng: torch.Generator) -> Tensor:
    """Black outside a slanted edge on the left and another on the right."""
    side = x.shape[-1]
    down, across = torch.linspace(0, 1, side).view(1, 1, -1, 1), torch.linspace(0, 1, side).view(1, 1, 1, -1)
    top, bottom, right_top, right_bottom = (_between(x, WIDEST_CUT, rng) for _ in range(4))
    left, right = top + (bottom - top) * down, right_top + (right_bottom - right_top) * down
    return x * ((across >= left) & (across <= 1 - right))


def _text(x: Tensor, rng: torch.Generator) -> Tensor:
    """A line of letters: bright blocks with gaps, like an annotation at low resolution."""
    side = x.shape[-1]
    height, width = max(3, side // 25), max(2, side // 40)
    marked = x.clone()
    for one in marked:
        row, column, glyphs = (
            int(torch.randint(high, (1,), generator=rng)) for high in (side - height, side - GLYPHS * (width + 1), GLYPHS)
        )
        for glyph in range(glyphs + 1):
            start = column + glyph * (width + 1)
            shape = (torch.rand(1, height, width, generator=rng) < 0.6).float()
            one[:, row : row + height, start : start + width] = shape
    return marked


AUGMENTATIONS = (
    Augmentation(1.0, _place),
    Augmentation(1.0, _level),
    Augmentation(0.7, _grain),
    Augmentation(0.15, _export),
    Augmentation(0.25, _sector),
    Augmentation(0.05, _text),
)
"""In this order: position, brightness, speckle, and effects of another machine."""
