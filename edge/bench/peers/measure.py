"""`sonoedge bench peers`: time, processor time and memory of a frame, in the appliance and in other ways to run the same network.

One network, the same frames, one thread for the network. The engines take turns, a round of frames each, so that whatever else the machine
does affects all. So the ratios are the result: each is the median of the rounds' ratios.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from edge.bench.peers.job import Round
from edge.bench.peers.race import Race
from edge.bench.peers.table import BARE, OURS, PEERS, PYTHON, USUAL
from edge.bench.verdict import Targets
from edge.inference.release import ModelRelease

TARGETS: dict[str, tuple[str, float]] = {
    "peer_over_ours_ms": (">=", 1.0),
    "ours_minus_bare_ms": ("<=", 0.35),
    "peers_missed": ("<=", 0.0),
    "waited_share": ("<=", 0.1),
}
LARGE_NETWORK = "lung-m"
LARGE_TARGETS: dict[str, tuple[str, float]] = {"usual_over_ours_ms": (">=", 1.12), "usual_over_ours_cpu": (">=", 1.12)}
"""For the large network only: with a small one, the work around the network is a larger share."""

ROUNDS = 12
ROUND_FRAMES = 32


@dataclass(frozen=True, slots=True)
class Speed:
    """Of all rounds. `fps` is frames over the time that they needed; `cpu_s_per_frame` is of all threads; `peak_mb` in 2**20 bytes."""

    fps: float
    ms_p50: float
    ms_p99: float
    cpu_s_per_frame: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class PeersFigures:
    """`steps_off` is the largest mean difference of an output from the usual loop's, in steps of int8; only where it can be compared.

    `peers_missed` counts the peers that must run and did not. `waited_share` is the share of the bare network's time in which others
    had the processor: on a busy machine, times are no result.
    """

    bare: Speed
    ours: Speed
    peers: dict[str, Speed]
    peer_over_ours_ms: dict[str, float]
    peer_over_ours_cpu: dict[str, float]
    usual_over_ours_ms: float
    usual_over_ours_cpu: float
    ours_minus_bare_ms: float
    steps_off: dict[str, float]
    peers_missed: int
    waited_share: float


@dataclass(frozen=True, slots=True)
class Measured:
    """`absent` states by the name of a peer why it was not measured."""

    figures: PeersFigures
    absent: dict[str, str]


def targets(network: str) -> Targets:
    """The targets for the network of this name."""
    return TARGETS | (LARGE_TARGETS if network == LARGE_NETWORK else {})


def measure(
    release: ModelRelease,
    rounds: int = ROUNDS,
    each: Callable[[float], None] = lambda _: None,
    python: Path = PYTHON,
    frames: int = ROUND_FRAMES,
) -> Measured:
    """Each engine reads `frames` frames in each of `rounds` rounds; calls `each` with the number of rounds so far.

    `python` is that of the peers' environment.

    Raises:
        BenchFailed: an engine in SonoEdge's own environment did not run.
    """
    with Race(release, python) as race:
        for number in range(1, rounds + 1):
            race.turn(frames)
            each(number)
    return Measured(_figures(race), race.absent)


def _figures(race: Race) -> PeersFigures:
    ms = {name: np.array([np.median(each.frame_ns) / 1e6 for each in rounds]) for name, rounds in race.rounds.items()}
    cpu = {name: np.array([each.cpu_s for each in rounds]) for name, rounds in race.rounds.items()}
    measured = [peer for peer in PEERS if peer.name in race.rounds]
    over_ms, over_cpu = ({peer.name: median((of[peer.name] / of[OURS.name]).tolist()) for peer in measured} for of in (ms, cpu))
    return PeersFigures(
        bare=_speed(race.rounds[BARE.name]),
        ours=_speed(race.rounds[OURS.name]),
        peers={peer.name: _speed(race.rounds[peer.name]) for peer in measured},
        peer_over_ours_ms=over_ms,
        peer_over_ours_cpu=over_cpu,
        usual_over_ours_ms=over_ms[USUAL.name],
        usual_over_ours_cpu=over_cpu[USUAL.name],
        ours_minus_bare_ms=median((ms[OURS.name] - ms[BARE.name]).tolist()),
        steps_off=race.steps_off,
        peers_missed=sum(peer.must and peer not in measured for peer in PEERS),
        waited_share=_waited_share(race.rounds[BARE.name]),
    )


def _waited_share(rounds: list[Round]) -> float:
    """Of an engine with one thread."""
    return max(0.0, 1 - sum(each.cpu_s for each in rounds) * 1e9 / sum(sum(each.frame_ns) for each in rounds))


def _speed(rounds: list[Round]) -> Speed:
    took = np.concatenate([each.frame_ns for each in rounds]) / 1e6
    p50, p99 = np.percentile(took, (50, 99))
    cpu_s = sum(each.cpu_s for each in rounds) / len(took)
    return Speed(1000 / float(took.mean()), float(p50), float(p99), cpu_s, max(each.peak_mb for each in rounds))
