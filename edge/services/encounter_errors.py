"""Why there is no list of who is in the hospital, or no exam from one of its encounters."""

from firmware_bridge.errors import Conflict, Damaged, DiskRefuses, NotFound, PeerFault


class NoEncounters(Conflict):
    """The appliance has nobody to ask for encounters, or nobody who sends them."""

    code = "no-encounters"


class EncountersUnanswered(PeerFault):
    """The peer gives no encounters, or not as it should; the last ones are still there."""

    code = "encounters-unanswered"


class EncountersNotStored(DiskRefuses):
    """The disk refuses the encounters."""

    code = "encounters-not-stored"


class EncountersUnreadable(Damaged):
    """The file of the encounters cannot be read."""

    code = "encounters-unreadable"


class NotAdmitted(NotFound):
    """No open encounter has this admission."""

    code = "not-admitted"


class EncounterQuarantined(Conflict):
    """An encounter cannot be used."""

    code = "encounter-quarantined"
