"""Errors of the statistics of several sites."""

from firmware_bridge.errors import DiskRefuses, InputRefused


class SiteUnusable(InputRefused):
    """What was given as a site is neither a data folder, nor a folder with a backup, nor a file of statistics that this program can use."""

    code = "site-unusable"


class SitesRefused(InputRefused):
    """No site gave statistics."""

    code = "sites-refused"


class StatisticsNotWritten(DiskRefuses):
    """The disk refuses the statistics."""

    code = "statistics-not-written"
