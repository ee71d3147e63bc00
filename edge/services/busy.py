"""Busy: the answer where more people ask for the same costly work than can wait for it."""

from firmware_bridge.errors import Unavailable


class ApplianceBusy(Unavailable):
    """Too many requests for costly work wait already, or the work before this one takes too long."""

    code = "appliance-busy"
    says_code = "appliance_busy"
    again_s = 5


def busy() -> ApplianceBusy:
    return ApplianceBusy("The appliance still does work that others asked for", "Wait some seconds, and try again")
