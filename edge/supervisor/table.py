"""The table of workers: what each runs, whether the appliance can go on without it, how it is restarted, what its silence means.

Started from the first row to the last and stopped from the last to the first.
"""

from edge.supervisor.worker import Restarts, Side, Worker

SOON = Restarts((0.1, 0.5, 2.0), most=3, within_s=60)
"""Of an essential worker: a fault that comes back at once is the appliance's, and systemd starts all of it again."""
PATIENT = Restarts((1.0, 5.0, 30.0, 60.0), most=5, within_s=600)
"""Of an optional one: nobody waits for it."""

WORKERS: tuple[Worker, ...] = (
    Worker(
        "audit",
        lambda it: it.audit_job,
        essential=False,
        restarts=PATIENT,
        silence="The audit trail is not signed every hour, and a wrong clock is not noticed.",
        stop_s=3,
    ),
    Worker(
        "records",
        lambda it: it.records_job,
        essential=False,
        restarts=PATIENT,
        silence="No backups are made, and no old clips are removed to free room.",
        stop_s=10,
    ),
    Worker(
        "http",
        lambda it: it.web_job,
        essential=True,
        restarts=SOON,
        silence="The page and the API do not answer.",
        stop_s=4,
        beat_s=15,
    ),
    Worker(
        "igtl",
        lambda it: it.viewers_job,
        essential=False,
        restarts=PATIENT,
        silence="Viewers such as 3D Slicer receive no frames.",
        stop_s=3,
    ),
    Worker(
        "inference",
        lambda it: it.reading_job,
        essential=True,
        restarts=SOON,
        silence="The model does not read frames; they are counted as displaced. systemd restarts an appliance that hangs.",
        stop_s=4,
        beat_s=15,
    ),
    Worker(
        "source",
        lambda it: it.source_job,
        essential=True,
        restarts=SOON,
        silence="No frames come from the probe or the recording.",
        stop_s=6,
        may_end=True,
    ),
)

SIDES: tuple[Side, ...] = (
    Side("recording", lambda it: it.recording_problem, "Frames are not recorded."),
    Side("shadow", lambda it: it.shadow_problem, "The candidate release does not read along. The active release is not affected."),
    Side("clip", lambda it: it.clip_problem, "The exam may miss frames of a clip."),
)

CLOSE_S = {
    "port": 1.0,
    "records": 5.0,
    "source": 3.0,
    "last backup": 20.0,
    "models": 4.0,
    "exam": 8.0,
    "recording": 8.0,
    "probe check": 1.0,
}
"""Seconds that each thing that is not a worker may take to close. A stop in which all of it hangs ends before systemd's 90 seconds."""
