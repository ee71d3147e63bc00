"""The engines take turns on the same frames, one at a time, each in its process; one that cannot run is out, with the reason."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
from typing_extensions import Self

from edge.bench.peers.child import Child
from edge.bench.peers.frames import clip
from edge.bench.peers.job import CLIP, Job, Refused, Round
from edge.bench.peers.plain import plain
from edge.bench.peers.table import MAKE, OWN, PEERS, USUAL, Peer
from edge.bench.whole import BenchFailed
from edge.inference.release import ModelRelease
from edge.vision.prepare import INPUT_SCALE, INPUT_ZERO_POINT

AGREE_STEPS = 8.0
"""The mean difference of an output from the usual loop's, in steps of int8, up to which it is the same network.

Integer kernels differ: on a processor with AVX2 alone, ONNX Runtime and OpenVINO were 4 to 6 steps off on this clip, and ONNX Runtime in
floats 0.6. For another network, the difference is as large as the spread of the outputs: 20 steps and more.
"""


class Race:
    """Use it in a `with` block, which ends the processes.

    By the name of the engine: `rounds`, the reasons why it is `absent`, and `steps_off`, its largest mean difference from the usual loop.
    """

    def __init__(self, release: ModelRelease, python: Path) -> None:
        """`python` is that of the peers' environment.

        Raises:
            BenchFailed: an engine in SonoEdge's own environment did not run.
        """
        self.rounds: dict[str, list[Round]] = {}
        self.steps_off: dict[str, float] = {}
        self.absent: dict[str, str] = {}
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._children: dict[Peer, Child] = {}
        with ExitStack() as failing:
            failing.push(self._stack)
            _job(release, self._folder)
            self._each((*OWN, *PEERS), lambda peer: self._start(peer, python))  # they load at the same time
            self._each(tuple(self._children), self._load)
            failing.pop_all()

    def turn(self, frames: int) -> None:
        """Each engine reads this many frames, one engine after another.

        Raises:
            BenchFailed: an engine in SonoEdge's own environment ended.
        """
        self._each(tuple(self._children), lambda peer: self.rounds.setdefault(peer.name, []).append(self._children[peer].read(frames)))

    def _each(self, peers: tuple[Peer, ...], act: Callable[[Peer], None]) -> None:
        for peer in peers:
            try:
                act(peer)
            except Refused as reason:
                if peer.ours:
                    raise BenchFailed(f"{peer.name} did not run: {reason}", "Run sonoedge doctor") from None
                self.absent[peer.name] = str(reason)
                self._children.pop(peer, None)
                self.rounds.pop(peer.name, None)

    def _start(self, peer: Peer, python: Path) -> None:
        if peer.engine is None:
            raise Refused(peer.never)
        if not (program := peer.program(python)).exists():
            raise Refused(f"it is not installed: {MAKE}")
        self._children[peer] = self._stack.enter_context(Child(program, peer.engine, self._folder))

    def _load(self, peer: Peer) -> None:
        self._children[peer].loaded()
        outputs = self._outputs(peer)
        if peer.ours or not outputs:
            return
        off = max(float(np.abs(each - usual).mean()) for each, usual in zip(outputs, self._outputs(USUAL), strict=True))
        if off > AGREE_STEPS:
            raise Refused(f"its outputs are {off:.1f} steps off those of the usual loop on average: that is not the same network")
        self.steps_off[peer.name] = off

    def _outputs(self, peer: Peer) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int16]]]:
        return [np.load(path).astype(np.int16) for path in sorted(self._folder.glob(f"{peer.engine}-*.npy"))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()


def _job(release: ModelRelease, folder: Path) -> None:
    job = Job(str(folder), str(release.folder), str(release.path), release.input_side, INPUT_SCALE, INPUT_ZERO_POINT)
    job.save()
    np.save(folder / CLIP, clip())
    job.plain.write_bytes(plain(release.path.read_bytes()))
