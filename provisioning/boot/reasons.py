"""How the appliance ended, in words, from what systemd states to ExecStopPost (systemd.exec(5), SERVICE_RESULT)."""

REASONS = {
    "protocol": "its program ended before it was ready",
    "timeout": "its program was not ready, or did not end, in time",
    "exit-code": "its program ended with status {status}",
    "signal": "its program was ended by the signal {status}",
    "core-dump": "its program crashed with the signal {status}",
    "watchdog": "its program hung: it gave no sign of life",
    "oom-kill": "its program used more memory than the board has",
    "start-limit-hit": "its program ended again and again",
    "resources": "the board had no memory or process left for its program",
}
CLEAN = "success"


def reason(result: str, status: str) -> str:
    """A sentence without its full stop; empty for a program that ended as asked."""
    if result == CLEAN:
        return ""
    return REASONS.get(result, "its program ended ({result}, {status})").format(result=result, status=status or "unknown")
