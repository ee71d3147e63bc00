"""Why there is no worklist, or no exam from one of its entries."""

from firmware_bridge.errors import Conflict, Damaged, DiskRefuses, NotFound, PeerFault


class NoWorklist(Conflict):
    """The hospital of this appliance has no worklist."""

    code = "no-worklist"


class WorklistUnanswered(PeerFault):
    """The peer gives no worklist, or not as it should; the last one is still there."""

    code = "worklist-unanswered"


class WorklistNotStored(DiskRefuses):
    """The disk refuses the worklist."""

    code = "worklist-not-stored"


class WorklistUnreadable(Damaged):
    """The file of the last worklist cannot be read."""

    code = "worklist-unreadable"


class NotScheduled(NotFound):
    """The last worklist has no such study."""

    code = "not-scheduled"


class EntryQuarantined(Conflict):
    """An entry of the worklist cannot be used."""

    code = "entry-quarantined"


class AdmissionOther(Conflict):
    """A person states another admission than the worklist."""

    code = "admission-other"
