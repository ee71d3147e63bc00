"""Errors of the control charts."""

from firmware_bridge.errors import InputRefused


class RatesRefused(InputRefused):
    """The rates of failure of a chart cannot be used."""

    code = "chart-rates-refused"
