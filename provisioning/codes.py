"""The stable codes of provisioning: what a stick, a slot or a check did, what the device does now, and the one next step."""

import errno
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
KEPT_MODEL = "The models of the device are the ones that it had before"
KEPT_POLICY = "The pages open where they opened before"
RESTART = "Restart the appliance when no exam is running: sudo systemctl restart sonoedge"
BACK = "The device went back to its previous release"

CAUSES = {
    "OK": Cause("The device works with what it has", "Nothing"),
    "OK-ARMED": Cause("The next start of the device tries the new release", "Restart the device when no exam is running"),
    "OK-BOOT-RECORD": Cause("The device works as before", "Nothing, unless it happens often: then check the disk"),
    "OK-CAN-APPLY": Cause("Nothing was changed", "Apply it"),
    "OK-CONFIRMED": Cause("The new release runs", "Nothing"),
    "OK-INSTALLED": Cause("The release runs at the next start", "Start the device"),
    "OK-MODEL": Cause("The model in use is the one that was in use before", "Use it: sonoedge model activate, or on the page Device"),
    "OK-RESTARTS": Cause("The appliance is back in some seconds", "Nothing"),
    "OK-ROLLBACK-ASKED": Cause("The next start of the device tries the previous release", "Restart the device when no exam is running"),
    "OK-SITE": Cause("The policy holds from the next start on", RESTART),
    "OK-SITE-LEFT": Cause("From the next start on, the pages open on the board itself only", RESTART),
    "E-BACKUP": Cause(UNCHANGED, "Check the records: sonoedge doctor"),
    "E-BOOT": Cause("The device starts the system that it started before", "Check the boot loader's programs on the board"),
    "E-BOOT-RECORD": Cause("The newest release that can start runs", "Run the self-test: sonoedge provision selftest"),
    "E-BOTH-SLOTS": Cause("A page states that nothing can start", "Install it again from a stick: sudo provisioning/install.sh"),
    "E-BUSY": Cause(UNCHANGED, "Wait until the other command has ended, then run this one again"),
    "E-CLOCK": Cause(UNCHANGED, "Set the clock: sonoedge provision clock set"),
    "E-DISK": Cause(UNCHANGED, "Check the disk of the board: sonoedge provision selftest"),
    "E-ENDLESS": Cause(UNCHANGED, COPY_AGAIN),
    "E-EXPIRED": Cause(UNCHANGED, NEWER_STICK),
    "E-FREEZE": Cause(UNCHANGED, NEWER_STICK),
    "E-HEALTH": Cause(BACK, "Send the result on the stick to the people who publish the releases"),
    "E-ID": Cause("Nothing was changed", "Type the id as the label of the device shows it"),
    "E-IDENTITY": Cause(
        "The device works, but it cannot sign", "Move the file away, then set the device up with a new id: sonoedge provision init"
    ),
    "E-INSTALL": Cause(UNCHANGED, COPY_AGAIN),
    "E-KEYS": Cause(UNCHANGED, NEWER_STICK),
    "E-MIRROR": Cause(UNCHANGED, "Check the network and the mirror, then run this again"),
    "E-MIX": Cause(UNCHANGED, COPY_AGAIN),
    "E-MODEL": Cause(KEPT_MODEL, "Send the result on the stick to the people who publish the releases"),
    "E-NO-MODEL": Cause(KEPT_MODEL, "List the models of the stick: sonoedge provision model list"),
    "E-NO-POLICY": Cause(KEPT_POLICY, "Ask the people who publish the releases for a stick with the policy of your site"),
    "E-NO-PREVIOUS": Cause(UNCHANGED, "Apply a release from a stick instead"),
    "E-NO-RELEASE": Cause(UNCHANGED, NEWER_STICK),
    "E-NO-REQUEST": Cause("Nothing was changed", "Ask for it again on the page"),
    "E-NO-SPACE": Cause(UNCHANGED, "Free some room on the board, then run this again"),
    "E-NO-STICK": Cause(UNCHANGED, "Insert the stick and mount it, or name its folder"),
    "E-NO-TRIAL": Cause("Nothing was changed", "See the slots: sonoedge provision status"),
    "E-NOT-SET-UP": Cause("Nothing was changed", "Set the device up first: sonoedge provision init"),
    "E-POLICY": Cause(KEPT_POLICY, "Ask the people who publish the releases for a correct policy"),
    "E-POWER": Cause(BACK, "Check the power supply, then apply the update again"),
    "E-RELEASE": Cause("Nothing was released", "Correct the release, then run this again"),
    "E-ROLLBACK": Cause(UNCHANGED, NEWER_STICK),
    "E-SECURITY-FLOOR": Cause(UNCHANGED, "Apply a newer release from a stick instead"),
    "E-SLOT": Cause("The release that can still start runs", "Apply the release again from a stick"),
    "E-STATEMENT": Cause("Nothing was changed", "Do not rely on this file; ask for it again from the device that made it"),
    "E-STICK-REMOVED": Cause(UNCHANGED, "Insert the stick again and run this again"),
    "E-STICK-UNREADABLE": Cause(UNCHANGED, COPY_AGAIN),
    "E-TAMPER": Cause(UNCHANGED, COPY_AGAIN),
    "E-TOO-OLD-SOURCE": Cause(UNCHANGED, "Apply the release in between first"),
    "E-WIPE": Cause("The device is not completely erased", "Start the device again, or run this again: sonoedge provision wipe"),
    "E-WRONG-HW": Cause(UNCHANGED, "Use the stick that was made for this board"),
    "E-WRONG-SITE": Cause(KEPT_POLICY, "Use the stick that was made for this site"),
}


class ProvisionRefused(InputRefused):
    """A step of provisioning was refused. `cause` is its stable code, `now` states what the device does now."""

    code = "provision-refused"

    def __init__(self, cause: str, what: str, next_step: str = "") -> None:
        """`what` names the fault and its place; `next_step` replaces the one of the table."""
        self.cause, row = cause, CAUSES[cause]
        self.now = row.now
        super().__init__(what, next_step or row.next_step)

    @classmethod
    def by_disk(cls, error: OSError) -> "ProvisionRefused":
        """The disk of the board refused a change: E-NO-SPACE or E-DISK."""
        cause = "E-NO-SPACE" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "E-DISK"
        return cls(cause, f"the disk of the board refuses the change ({error.strerror or error})")
