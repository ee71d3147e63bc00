"""Limits of what a person without a sign-in can begin and change in an emergency: each of it costs room on the disk, and a notice."""

from datetime import timedelta
from http import HTTPStatus

from edge.people.place import LOOPBACK, place_of
from edge.people.rate import Rate
from edge.records.clock import Running
from firmware_bridge.errors import Denied

EACH, ALL, WITHIN = 10, 30, timedelta(hours=1)
"""Emergency sessions that begin from one place, and from all other machines together."""
CHANGES, CHANGES_WITHIN = 120, timedelta(minutes=1)
"""Changes in one session: a person touches the page much less often."""


class EmergencyWaits(Denied):
    """Too much was begun or changed without a sign-in."""

    code = "emergency-waits"
    status = HTTPStatus.TOO_MANY_REQUESTS


class Emergencies:
    """Any thread may use it. A flood from other machines never hinders a person at the board's own screen."""

    def __init__(self, ran: Running) -> None:
        self._each, self._all = Rate(EACH, WITHIN, ran), Rate(ALL, WITHIN, ran)
        self._changes = Rate(CHANGES, CHANGES_WITHIN, ran)

    def begin(self, address: str) -> None:
        """Counts a session that begins.

        Raises:
            EmergencyWaits: too many began in the last hour.
        """
        place = place_of(address)
        if not self._each.admits(place) or (place != LOOPBACK and not self._all.admits("all")):
            fix = "Sign in, or scan at the board's own screen"
            raise EmergencyWaits("Too many emergency sessions began in the last hour", fix, says="emergency_sessions")

    def change(self, session_id: str) -> None:
        """Counts a change in a session.

        Raises:
            EmergencyWaits: there were too many in the last minute.
        """
        if not self._changes.admits(session_id):
            what = "More than {changes} changes in a minute came from this emergency session"
            raise EmergencyWaits(what, "Wait a minute", says="emergency_changes", changes=CHANGES)
