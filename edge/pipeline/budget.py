"""The budget of each stage of a frame: the benchmarks hold them, and the metrics state them with the times."""

from edge.inference.choice import BUDGET_MS as INVOKE_BUDGET_MS

BUDGET_MS: dict[str, float] = {
    "receive": 0.08,
    "prepare": 0.45,
    "wait": 0.08,
    "invoke": INVOKE_BUDGET_MS,
    "interpret": 0.17,
    "quality": 0.02,
    "publish": 0.05,
}
"""Milliseconds for each stage of `edge.pipeline.times`, for the median on a processor of 2024. The stages before `publish`, without
`invoke`, are the added latency together."""
