"""The stable codes of provisioning: what a stick, a slot or a check did, what the device does now, and the one next step."""

from dataclasses import dataclass

from firmware_bridge.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Cause:
    """One row of the table: `now` and `next_step` are sentences without the final full stop."""

    now: str
    next_step: str


UNCHANGED = "The device keeps its present release and goes on working"
NEWER_STICK = "Ask for a newer stick from the people who publish the releases"
COPY_AGAIN = "Write the stick again, or use another stick"
BACK = "The device went back to its previous release"

CAUSES = {
    "OK": Cause("The device works with what it has", "Nothing"),
    "E-BOOT": Cause("The device starts the system that it started before", "Check the boot loader's programs on the board"),
    "E-BUSY": Cause(UNCHANGED, "Wait until the other command has ended, then run this one again"),
    "E-CLOCK": Cause(UNCHANGED, "Set the clock: sonoedge provision clock set"),
    "E-ENDLESS": Cause(UNCHANGED, COPY_AGAIN),
    "E-EXPIRED": Cause(UNCHANGED, NEWER_STICK),
    "E-FREEZE": Cause(UNCHANGED, NEWER_STICK),
    "E-HEALTH": Cause(BACK, "Send the result on the stick to the people who publish the releases"),
    "E-KEYS": Cause(UNCHANGED, NEWER_STICK),
    "E-MIX": Cause(UNCHANGED, COPY_AGAIN),
    "E-NO-SPACE": Cause(UNCHANGED, "Free some room on the board, then run this again"),
    "E-NOT-SET-UP": Cause("Nothing was changed", "Set the device up first: sonoedge provision init"),
    "E-POWER": Cause(BACK, "Check the power supply, then apply the update again"),
    "E-ROLLBACK": Cause(UNCHANGED, NEWER_STICK),
    "E-STICK-REMOVED": Cause(UNCHANGED, "Insert the stick again and run this again"),
    "E-STICK-UNREADABLE": Cause(UNCHANGED, COPY_AGAIN),
    "E-TAMPER": Cause(UNCHANGED, COPY_AGAIN),
    "E-TOO-OLD-SOURCE": Cause(UNCHANGED, "Apply the release in between first"),
    "E-WRONG-HW": Cause(UNCHANGED, "Use the stick that was made for this board"),
    "E-WRONG-SITE": Cause(UNCHANGED, "Use the stick that was made for this site"),
}


class ProvisionRefused(InputRefused):
    """A step of provisioning was refused. `cause` is its stable code, `now` states what the device does now."""

    code = "provision-refused"

    def __init__(self, cause: str, what: str, next_step: str = "") -> None:
        """`what` names the fault and its place; `next_step` replaces the one of the table."""
        self.cause, row = cause, CAUSES[cause]
        self.now = row.now
        super().__init__(what, next_step or row.next_step)
