"""The peers, and in whose environment each runs."""

import sys
from dataclasses import dataclass
from pathlib import Path

MAKE = "make peers-bench"
PYTHON = Path(__file__).resolve().parents[3] / ".venv-peers-bench" / "bin" / "python"
"""The Python of the peers' environment, which `MAKE` makes next to the source."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`engine` is a module of `edge.bench.peers.engines`; None: no wheel can load the network, for the reason `never`.

    A peer that `must` run is missed where it does not: the benchmark fails. The others may refuse the network, and the reason is shown.
    """

    name: str
    engine: str | None
    must: bool = False
    ours: bool = False
    """It runs in SonoEdge's own environment."""
    never: str = ""

    def program(self, peers_python: Path) -> Path:
        """The Python that runs it."""
        return Path(sys.executable) if self.ours else peers_python


BARE = Peer("bare", "bare", ours=True)
OURS = Peer("ours", "ours", ours=True)
OWN = (BARE, OURS)
USUAL = Peer("usual", "usual", must=True, ours=True)

PEERS = (
    USUAL,
    Peer("onnxruntime", "onnx_runtime", must=True),
    Peer("openvino", "open_vino", must=True),
    Peer("ncnn", "ncnn_files"),
    Peer("mediapipe", "media_pipe"),
    Peer("executorch", None, never="it runs .pte programs, which torch.export makes of PyTorch; a release has no PyTorch weights"),
)
