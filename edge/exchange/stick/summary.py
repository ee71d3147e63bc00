"""`READ-ME.txt`: what a person needs who finds the stick. It names no patient, no operator and no exam."""

from edge.exchange.stick.forms import STATEMENT, Statement
from edge.notice import NOTICE

TEXT = """SonoEdge: ultrasound exams on a stick ({notice})

{count} of the board {board}{site}, for {receiver}.
Last written on {at:%Y-%m-%d at %H:%M} UTC.
{state}

Everything except this text is encrypted or names nobody: only {receiver} can open it. If you found this stick, please give it back.

To open it: install SonoEdge, compare the id of the board ({board}) with its label, and run

    sonoedge export open {bundle} FOLDER --key {receiver}.age --board {board}

This checks the signature of the board, decrypts the exams and compares every file with its digest. If SonoEdge cannot be installed: each
.age file is in the format age (age-encryption.org). In the folder of an exam, open each with `age -d -i {receiver}.age`; one of them is the
list of the others with their names and digests. {statement} is signed by the board, and names these lists by their digests.

To send reviews back: sonoedge export sign REVIEWS.json {receiver}.pem FOLDER-ON-THE-STICK
"""


def summary(statement: Statement, site: str, bundle: str) -> str:
    """The text for a bundle; `bundle` is the name of its folder."""
    done = len(statement.exams)
    left = f"NOT COMPLETE: {done} of {statement.wanted} exams are here. Write them again on the board."
    return TEXT.format(
        notice=NOTICE,
        count="1 exam" if done == 1 else f"{done} exams",
        board=statement.board,
        site=f" of {site}" if site else "",
        receiver=statement.receiver,
        at=statement.made_at,
        state="It is complete." if done >= statement.wanted else left,
        bundle=bundle,
        statement=STATEMENT,
    )
