"""The table of workers: what each one runs, whether the appliance can work without it, how it is restarted, and what is missing without it.

The workers start from the first row to the last, and stop from the last to the first.
"""

from edge.supervisor.worker import Restarts, Side, Worker
from firmware_bridge.says import say

SOON = Restarts((0.1, 0.5, 2.0), most=3, within_s=60)
"""For an essential worker. If a fault comes back at once, the appliance ends and systemd starts it again."""
PATIENT = Restarts((1.0, 5.0, 30.0, 60.0), most=5, within_s=600)
"""For an optional worker, which nobody waits for."""

WORKERS: tuple[Worker, ...] = (
    Worker(
        "audit",
        lambda it: it.audit_job,
        essential=False,
        restarts=PATIENT,
        silence=say("audit_silent", "The audit trail is not signed every hour, and a wrong clock is not detected."),
        stop_s=3,
    ),
    Worker(
        "records",
        lambda it: it.records_job,
        essential=False,
        restarts=PATIENT,
        silence=say("records_silent", "No backups are made, and no old clips are removed to free space."),
        stop_s=10,
    ),
    Worker(
        "models",
        lambda it: it.models_job,
        essential=False,
        restarts=PATIENT,
        silence=say(
            "models_silent", "If the key of the model release in use is revoked, or an acceptance does not hold, no notice states it."
        ),
        stop_s=1,
    ),
    Worker(
        "outbox",
        lambda it: it.outbox_job,
        essential=False,
        restarts=PATIENT,
        silence=say("outbox_silent", "Nothing is sent to the hospital. What is waiting stays in the list."),
        stop_s=0.5,  # a delivery that is cut off is sent again, and the peer knows it
    ),
    Worker(
        "admissions",
        lambda it: it.admissions_job,
        essential=False,
        restarts=PATIENT,
        silence=say(
            "admissions_silent",
            "What the hospital sends about admissions is not taken. The list of patients in the hospital is not up to date.",
        ),
        stop_s=0.5,  # a message without an answer is sent again, and the book knows it
    ),
    Worker(
        "http",
        lambda it: it.web_job,
        essential=True,
        restarts=SOON,
        silence=say("http_silent", "The page and the API do not answer."),
        stop_s=4,
        beat_s=15,
    ),
    Worker(
        "https",
        lambda it: it.site_job,
        essential=False,
        restarts=PATIENT,
        silence=say("https_silent", "Tablets on the network cannot open the page. The page opens on the board itself."),
        stop_s=4,
        beat_s=15,
    ),
    Worker(
        "igtl",
        lambda it: it.viewers_job,
        essential=False,
        restarts=PATIENT,
        silence=say("igtl_silent", "Viewers such as 3D Slicer receive no frames."),
        stop_s=3,
    ),
    Worker(
        "inference",
        lambda it: it.reading_job,
        essential=True,
        restarts=SOON,
        silence=say(
            "inference_silent",
            "The model does not read frames; they are counted as displaced. If the appliance hangs, systemd restarts it.",
        ),
        stop_s=4,
        beat_s=15,
    ),
    Worker(
        "source",
        lambda it: it.source_job,
        essential=True,
        restarts=SOON,
        silence=say("source_silent", "No frames come from the probe or the recording."),
        stop_s=6,
        may_end=True,
    ),
)

SIDES: tuple[Side, ...] = (
    Side("disk", lambda it: it.disk_problem, say("disk_silent", "Clips and recordings are not stored."), blocks=True),
    Side("recording", lambda it: it.recording_problem, say("recording_silent", "Frames are not recorded.")),
    Side(
        "shadow",
        lambda it: it.shadow_problem,
        say("shadow_silent", "The candidate release does not read. The active release is not affected."),
    ),
    Side("clip", lambda it: it.clip_problem, say("clip_silent", "Frames may be missing in a clip of the exam.")),
)

CLOSE_S = {
    "data folder": 0.3,
    "port": 0.3,
    "records": 5.0,
    "source": 3.0,
    "last backup": 20.0,
    "models": 4.0,
    "exam": 8.0,
    "recording": 8.0,
    "probe check": 0.2,
    "stick": 0.4,
    "course": 1.2,
    "background": 1.2,
}
"""Seconds that each part that is not a worker can take to close. Even if all parts hang, a stop ends before systemd's 90 seconds."""
