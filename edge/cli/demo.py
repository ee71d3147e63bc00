"""`sonoedge demo`: the whole appliance on a virtual probe, for people without a probe."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from edge.appliance import Appliance
from edge.cli.own import own_settings
from edge.cli.run import begin_again, end_on_signals
from edge.health.log import set_up_log
from edge.notice import NOTICE
from edge.pipeline.observation import Observation
from edge.pipeline.source_state import SourceState
from edge.pipeline.source_switch import SIMULATED_CHEST
from edge.supervisor.heap import limit_heap
from edge.supervisor.latch import Latch
from firmware_bridge.sources.virtual import play

CHECK_S = 0.25
"""How often the demo checks whether to end."""

Value = str | int | float | bool | dict[str, "Value"]


@dataclass
class Tally:
    """Adds up the model's output over the frames."""

    frames: int = 0
    simulated: bool = False
    sums: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    first_ns: int = 0
    last_ns: int = 0

    def add(self, observation: Observation) -> None:
        self.simulated |= observation.frame.simulated
        self.first_ns = self.first_ns or observation.published_ns
        self.last_ns = observation.published_ns
        self.frames += 1
        for key, probability in observation.probabilities.items():
            self.last[key] = probability
            self.sums[key] = self.sums.get(key, 0.0) + probability

    @property
    def findings(self) -> dict[str, Value]:
        return {key: {"probability": round(total / self.frames, 6), "last": round(self.last[key], 6)} for key, total in self.sums.items()}

    @property
    def fps(self) -> float:
        return (self.frames - 1) * 1e9 / (self.last_ns - self.first_ns) if self.frames > 1 else 0.0


def demo(
    recording: Annotated[
        Path | None, typer.Option("--input", metavar="PATH", help="A recording to play; the default is a simulated chest.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=1, help="End after this many seconds, with a summary.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on stdout; needs --seconds.")] = False,
    machine: Annotated[
        str | None, typer.Option(metavar="NAME", help="What makes the images, such as 'Philips Lumify'; otherwise what the source states.")
    ] = None,
    model: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A model release to use instead of the active one.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page; 0 takes any free port.")] = None,
) -> None:
    """Show the appliance with a virtual probe until Ctrl-C: a simulated chest, or a recording. Research use, not a diagnosis."""
    if as_json and seconds is None:
        raise typer.BadParameter("--json needs --seconds")
    source = SIMULATED_CHEST if recording is None else play(recording, lift=True)
    settings = own_settings({"source": source, "machine": machine, "model": model, "port": port})
    set_up_log(settings.log_level)
    limit_heap()
    stopping, tally = Latch(), Tally()
    end_on_signals(stopping.set)
    appliance = Appliance(settings, stopping=stopping)
    with appliance:
        shown = "a SIMULATED chest" if recording is None else str(recording)
        typer.echo(f"\n  Open {appliance.url}\n\n  It shows {shown}, played by a virtual probe. {NOTICE.capitalize()}.\n", err=True)
        asyncio.run(_watch(appliance, tally, seconds))
    if appliance.renewed and seconds is None:
        begin_again()
    summary = summarise(appliance, tally)
    typer.echo(json.dumps(summary) if as_json else _as_text(summary))
    if tally.frames == 0:
        status = appliance.source_status()
        typer.echo(f"sonoedge: no frame was read. {status.problem} {status.fix}".rstrip(), err=True)
        raise typer.Exit(1)


async def _watch(appliance: Appliance, tally: Tally, seconds: float | None) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds if seconds is not None else float("inf")
    with appliance.hub.subscribe() as subscription:
        while loop.time() < end and not appliance.wait(0):
            try:
                tally.add(await asyncio.wait_for(subscription.next(), CHECK_S))
            except asyncio.TimeoutError:
                if appliance.source_status().state is SourceState.FAILED:
                    return


def summarise(appliance: Appliance, tally: Tally) -> dict[str, Value]:
    """The result of a demo that has ended, when every frame is counted. The keys are stable."""
    counts, latency = appliance.counts, appliance.times.percentiles().get("latency")
    return {
        "source": appliance.settings.source,
        "simulated": tally.simulated,
        "model": appliance.release.version,
        "notice": NOTICE,
        "frames": {"received": counts.received, "read": counts.read, "dropped": dict(counts.dropped)},
        "findings": tally.findings,
        "fps": round(tally.fps, 2),
        "latency_ms": {"p50": round(latency.p50, 3), "p90": round(latency.p90, 3), "p99": round(latency.p99, 3)} if latency else {},
    }


def _as_text(summary: dict[str, Value]) -> str:
    """One line per value: frames.read 600."""

    def lines(value: Value, name: str) -> list[str]:
        if isinstance(value, dict):
            return [line for key, inner in value.items() for line in lines(inner, f"{name}.{key}" if name else key)]
        return [f"{name}  {value}"]

    return "\n".join(lines(summary, ""))
